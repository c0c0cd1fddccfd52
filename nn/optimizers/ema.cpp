#include <algorithm>
#include <utility>

#include <gradus/core/expected.hpp>
#include <gradus/nn/optimizers/ema.hpp>
#include <gradus/ops/kernels/vector.hpp>

namespace gradus::nn {

template <class T>
EMA<T>::EMA(std::vector<Tensor<T>> parameters, const EMAOptions& options)
    : parameters_(std::move(parameters)), options_(options) {
  gradus::detail::check_below_one("EMA", "decay", options.decay);
  if (parameters_.empty()) throw ValueError("[EMA] no parameters given: expected at least one");
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    if (!parameters_[i].is_variable())
      throw ValueError("[EMA] parameter " + std::to_string(i) + " is no variable");
    averages_.push_back(parameters_[i].value());
  }
}

template <class T>
void EMA<T>::update() {
  check_applied("update", false);
  const double t = static_cast<double>(updates_++);
  const double keep = options_.warm_up ? std::min(options_.decay, (1 + t) / (10 + t)) : options_.decay;
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    Array<T>& average = averages_[i];
    kernels::scale(average.data(), static_cast<T>(keep), average.size());
    kernels::axpy(static_cast<T>(1 - keep), parameters_[i].data(), average.data(), average.size());
  }
}

template <class T>
void EMA<T>::apply() {
  check_applied("apply", false);
  swap_values();
  is_applied_ = true;
}

template <class T>
void EMA<T>::restore() {
  check_applied("restore", true);
  swap_values();
  is_applied_ = false;
}

template <class T>
void EMA<T>::swap_values() {
  for (const Tensor<T>& parameter : parameters_)  // all of them change or none
    static_cast<detail::VariableNode<T>&>(*parameter.node()).own_value();
  for (std::size_t i = 0; i < parameters_.size(); ++i) std::swap(parameters_[i].change("EMA"), averages_[i]);
}

template <class T>
State EMA<T>::state() const {
  check_applied("state", false);
  State state{owner(), {}, {{"updates", static_cast<double>(updates_)}}};
  for (std::size_t i = 0; i < averages_.size(); ++i) state.keep(std::to_string(i), averages_[i]);
  return state;
}

template <class T>
std::vector<std::string> EMA<T>::mismatches(const State& given) const {
  std::vector<std::string> lines = Stateful::mismatches(given);
  for (std::string& line : no_counts(given, {"updates"})) lines.push_back(std::move(line));
  return lines;
}

template <class T>
void EMA<T>::put_state(const State& state) {
  std::vector<Array<T>> averages;
  for (std::size_t i = 0; i < averages_.size(); ++i) averages.push_back(state.array<T>(std::to_string(i)));
  averages_ = std::move(averages);
  updates_ = static_cast<std::size_t>(state.number("updates"));
}

template <class T>
void EMA<T>::check_applied(const char* caller, bool expected) const {
  if (is_applied_ != expected)
    throw ValueError(std::string("[EMA] ") + caller + "(): the averages are " +
                     (is_applied_ ? "applied: restore() comes first" : "not applied: apply() comes first"));
}

template class EMA<float>;
template class EMA<double>;

}  // namespace gradus::nn
