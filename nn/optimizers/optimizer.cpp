#include <cmath>
#include <unordered_map>
#include <utility>

#include <gradus/core/expected.hpp>
#include <gradus/core/number_text.hpp>
#include <gradus/nn/optimizers/optimizer.hpp>

namespace gradus::nn {
namespace {

std::string rate_name(std::size_t group) { return "lr." + std::to_string(group); }

}  // namespace

template <class T>
void Optimizer<T>::add_parameters(std::vector<Tensor<T>> parameters, double lr) {
  check_positive("lr", lr);
  check_parameters(parameters);
  rates_.reserve(rates_.size() + 1);
  parameters_.insert(parameters_.end(), parameters.begin(), parameters.end());
  rates_.push_back(lr);
}

template <class T>
void Optimizer<T>::check_parameters(const std::vector<Tensor<T>>& added) const {
  if (added.empty()) fail("no parameters given: expected at least one variable to change");
  std::vector<Tensor<T>> all = parameters_;
  all.insert(all.end(), added.begin(), added.end());
  std::unordered_map<const void*, std::size_t> seen;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (!all[i].is_variable())
      fail("parameter " + std::to_string(i) + " is a " + (all[i].requires_grad() ? "step" : "constant") +
           ": expected a variable");
    const auto [first, is_new] = seen.emplace(all[i].node().get(), i);
    if (!is_new)
      fail("parameters " + std::to_string(first->second) + " and " + std::to_string(i) +
           " are the same variable '" + all[i].name() + "': expected it once");
  }
}

template <class T>
void Optimizer<T>::zero_grad() {
  for (const Tensor<T>& parameter : parameters_) parameter.zero_grad();
}

template <class T>
void Optimizer<T>::step() {
  check_rates();
  take_step();
  ++steps_;
}

template <class T>
double Optimizer<T>::step(const Closure& closure) {
  if (!closure) fail("step() got an empty closure: expected a function that computes the loss");
  check_rates();
  const double loss = take_step(closure);
  ++steps_;
  return loss;
}

template <class T>
double Optimizer<T>::take_step(const Closure& closure) {
  const double loss = static_cast<double>(closure().item());
  take_step();
  return loss;
}

template <class T>
void Optimizer<T>::own_values() const {
  for (const Tensor<T>& parameter : parameters_)
    if (parameter.has_grad()) static_cast<detail::VariableNode<T>&>(*parameter.node()).own_value();
}

template <class T>
double Optimizer<T>::lr(std::size_t group) const {
  if (group >= rates_.size())
    fail("lr() of group " + std::to_string(group) + ": there are " + std::to_string(rates_.size()));
  return schedule_ ? schedule_(steps_) * (rates_[group] / rates_[0]) : rates_[group];
}

template <class T>
void Optimizer<T>::check_rates() const {
  const double rate = lr();  // the others are in proportion
  if (!(rate >= 0) || !std::isfinite(rate))
    fail("the schedule gave the learning rate " + gradus::detail::number_text(rate) + " at step " +
         std::to_string(steps_) + ": expected a finite number, not negative");
}

template <class T>
void Optimizer<T>::set_lr(double lr) {
  check_positive("lr", lr);
  schedule_ = nullptr;
  for (std::size_t group = rates_.size(); group-- > 0;) rates_[group] = lr * (rates_[group] / rates_[0]);
}

template <class T>
void Optimizer<T>::set_schedule(Schedule schedule) {
  if (!schedule)
    fail("set_schedule() got an empty function: expected one such as nn::schedule::constant(0.1)");
  schedule_ = std::move(schedule);
}

template <class T>
State Optimizer<T>::state() const {
  State state{name_, {}, {{"steps", static_cast<double>(steps_)}}};
  for (std::size_t group = 0; group < rates_.size(); ++group) state.numbers[rate_name(group)] = rates_[group];
  save(state);
  return state;
}

template <class T>
std::vector<std::string> Optimizer<T>::mismatches(const State& state) const {
  std::vector<std::string> lines = find_mismatches(state);
  for (std::string& line : negative_numbers(state)) lines.push_back(std::move(line));
  for (std::size_t group = 0; group < rates_.size() && lines.empty(); ++group) {
    const std::string name = rate_name(group);
    if (state.numbers.at(name) == 0) lines.push_back(name + " is 0: expected a positive number");
  }
  return lines;
}

template <class T>
std::vector<std::string> Optimizer<T>::find_mismatches(const State& given) const {
  return Stateful::mismatches(given);
}

template <class T>
void Optimizer<T>::put_state(const State& state) {
  restore(state);
  steps_ = static_cast<std::size_t>(state.numbers.at("steps"));
  for (std::size_t group = 0; group < rates_.size(); ++group)
    rates_[group] = state.numbers.at(rate_name(group));
}

template <class T>
void Optimizer<T>::check_positive(const char* option, double value) const {
  gradus::detail::check_positive(name_, option, value);
}

template <class T>
void Optimizer<T>::check_not_negative(const char* option, double value) const {
  gradus::detail::check_not_negative(name_, option, value);
}

template <class T>
void Optimizer<T>::check_below_one(const char* option, double value) const {
  gradus::detail::check_below_one(name_, option, value);
}

template <class T>
void Optimizer<T>::check_epsilon(double value) const {
  gradus::detail::check_positive(name_, "epsilon", static_cast<double>(static_cast<T>(value)));
}

template <class T>
void Optimizer<T>::fail(const std::string& message) const {
  throw ValueError("[" + std::string(name_) + "] " + message);
}

template class Optimizer<float>;
template class Optimizer<double>;

}  // namespace gradus::nn
