#include <cmath>
#include <string>
#include <unordered_map>
#include <utility>

#include <gradus/core/number_text.hpp>
#include <gradus/nn/optimizers/optimizer.hpp>

namespace gradus::nn {

template <class T>
Optimizer<T>::Optimizer(const char* name, std::vector<Tensor<T>> parameters, double lr)
    : name_(name), parameters_(std::move(parameters)) {
  check_parameters();
  set_lr(lr);
}

template <class T>
void Optimizer<T>::check_parameters() const {
  if (parameters_.empty()) fail("no parameters given: expected at least one variable to change");
  std::unordered_map<const void*, std::size_t> seen;
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    if (!parameters_[i].is_variable())
      fail("parameter " + std::to_string(i) + " is a " +
           (parameters_[i].requires_grad() ? "step" : "constant") + ": expected a variable");
    const auto [first, is_new] = seen.emplace(parameters_[i].node().get(), i);
    if (!is_new)
      fail("parameters " + std::to_string(first->second) + " and " + std::to_string(i) +
           " are the same variable '" + parameters_[i].name() + "': expected it once");
  }
}

template <class T>
void Optimizer<T>::zero_grad() {
  for (const Tensor<T>& parameter : parameters_) parameter.zero_grad();
}

template <class T>
void Optimizer<T>::step() {
  const double rate = lr();
  if (!(rate >= 0) || !std::isfinite(rate))
    fail("the schedule gave the learning rate " + detail::number_text(rate) + " at step " +
         std::to_string(steps_) + ": expected a finite number, not negative");
  for (const Tensor<T>& parameter : parameters_)  // all of them change or none
    if (parameter.has_grad()) static_cast<detail::VariableNode<T>&>(*parameter.node()).own_value();
  for (std::size_t i = 0; i < parameters_.size(); ++i)
    if (parameters_[i].has_grad()) update(i, parameters_[i].change(name_), parameters_[i].grad(), rate);
  ++steps_;
}

template <class T>
void Optimizer<T>::set_lr(double lr) {
  if (!(lr > 0) || !std::isfinite(lr))
    fail("lr " + detail::number_text(lr) + ": expected a positive, finite number");
  schedule_ = schedule::constant(lr);
}

template <class T>
void Optimizer<T>::set_schedule(Schedule schedule) {
  if (!schedule)
    fail("set_schedule() got an empty function: expected one such as nn::schedule::constant(0.1)");
  schedule_ = std::move(schedule);
}

template <class T>
void Optimizer<T>::fail(const std::string& message) const {
  throw ValueError("[" + std::string(name_) + "] " + message);
}

template class Optimizer<float>;
template class Optimizer<double>;

}  // namespace gradus::nn
