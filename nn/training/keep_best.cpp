#include <utility>

#include <gradus/nn/checkpoint/safetensors.hpp>
#include <gradus/nn/checkpoint/stored_model.hpp>
#include <gradus/nn/training/keep_best.hpp>

namespace gradus::nn {

Monitor detail::usual_monitor() { return {}; }

template <class T>
KeepBest<T>::KeepBest(Module<T> model, KeepBestOptions options)
    : model_(std::move(model)), options_(std::move(options)), best_(options_.monitor) {}

template <class T>
void KeepBest<T>::begin(const FitPlan& plan) {
  best_.begin("KeepBest", plan);
  if (!best_.best()) kept_ = nullptr;
}

template <class T>
void KeepBest<T>::after_epoch(const EpochRecord& record, TrainingControl&) {
  BestSoFar best = best_;
  if (!best.improves(record)) return;
  Model model = model_now();
  if (!options_.file.empty()) write_safetensors(options_.file, *model);
  kept_ = std::move(model);
  best_ = std::move(best);
}

template <class T>
typename KeepBest<T>::Model KeepBest<T>::model_now() const {
  auto contents = std::make_shared<Safetensors>(Safetensors{{}, options_.metadata});
  detail::store_model("[KeepBest] ", model_, {}, *contents);
  return contents;
}

template <class T>
bool KeepBest<T>::restore() const {
  if (!kept_) return false;
  std::vector<std::string> mismatches;
  const detail::LoadedModel<T> loaded(*kept_, model_, {}, mismatches);
  detail::check_mismatches("[KeepBest] ", mismatches);
  loaded.put();
  return true;
}

template <class T>
void KeepBest<T>::end(const History&) {
  if (options_.restore) restore();
}

template <class T>
std::string KeepBest<T>::owner() const {
  return best_.owner("KeepBest");
}

template <class T>
State KeepBest<T>::state() const {
  State state{.owner = owner()};
  best_.save(state);
  if (kept_) state.arrays = kept_->tensors;
  return state;
}

template <class T>
std::vector<std::string> KeepBest<T>::mismatches(const State& given) const {
  State expected{.owner = owner()};
  best_.save(expected);
  const auto epoch = given.numbers.find("best_epoch");
  if (epoch != given.numbers.end() && epoch->second > 0) expected.arrays = model_now()->tensors;
  std::vector<std::string> lines = nn::mismatches(given, expected);
  for (std::string& line : BestSoFar::mismatches(given)) lines.push_back(std::move(line));
  return lines;
}

template <class T>
void KeepBest<T>::put_state(const State& state) {
  kept_ = state.arrays.empty() ? nullptr : std::make_shared<const Safetensors>(Safetensors{state.arrays, {}});
  best_.load(state);
}

template class KeepBest<float>;
template class KeepBest<double>;

}  // namespace gradus::nn
