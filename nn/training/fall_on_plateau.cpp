#include <utility>

#include <gradus/nn/training/fall_on_plateau.hpp>

namespace gradus::nn {

template <class T>
FallOnPlateau<T>::FallOnPlateau(Optimizer<T>& optimizer, std::string quantity,
                                const ReduceOnPlateauOptions& options)
    : optimizer_(&optimizer), quantity_(std::move(quantity)), plateau_(optimizer.lr(), options) {}

template <class T>
void FallOnPlateau<T>::begin(const FitPlan& plan) {
  plan.quantity("FallOnPlateau", quantity_);
  if (plan.first_epoch == 1) plateau_ = ReduceOnPlateau(optimizer_->lr(), plateau_.options());
}

template <class T>
void FallOnPlateau<T>::after_epoch(const EpochRecord& record, TrainingControl&) {
  optimizer_->set_lr(plateau_.observe(record.value(quantity_)));
}

template <class T>
std::string FallOnPlateau<T>::owner() const {
  return "FallOnPlateau(" + quantity_ + ")";
}

template <class T>
State FallOnPlateau<T>::state() const {
  State state = plateau_.state();
  state.owner = owner();
  return state;
}

template <class T>
std::vector<std::string> FallOnPlateau<T>::mismatches(const State& given) const {
  return given.owner == owner() ? plateau_.mismatches(of_plateau(given)) : Stateful::mismatches(given);
}

template <class T>
void FallOnPlateau<T>::put_state(const State& state) {
  plateau_.load_state(of_plateau(state));
}

template <class T>
State FallOnPlateau<T>::of_plateau(State state) const {
  state.owner = plateau_.owner();
  return state;
}

template class FallOnPlateau<float>;
template class FallOnPlateau<double>;

}  // namespace gradus::nn
