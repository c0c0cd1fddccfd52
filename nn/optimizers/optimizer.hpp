#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include <gradus/core/tensor.hpp>
#include <gradus/nn/optimizers/schedule.hpp>
#include <gradus/nn/optimizers/state.hpp>

namespace gradus::nn {

/// What every optimizer shares: the parameters, the learning rates, the count of steps.
///
///     opt.zero_grad();  loss.backward();  opt.step();
///
/// Parameters come in groups, each with options of its own (GroupedOptimizer); the first is the one the
/// optimizer is made with, and its learning rate is the optimizer's: a new rate changes those of the other
/// groups in proportion.
template <class T>
class Optimizer : public Stateful {
 public:
  /// Forgets the gradients of all parameters.
  void zero_grad();

  /// Changes each parameter by its gradient; one that no gradient has reached is left alone, and so is what
  /// the optimizer remembers about it. ValueError, before anything is changed, when the schedule gives a
  /// learning rate that is negative or not finite.
  void step();

  /// Computes the loss and its gradients: zero_grad(), forward, backward(); returns the loss.
  using Closure = std::function<Tensor<T>()>;
  /// The same step for optimizers that look at the loss, several times perhaps (LBFGS); all others call the
  /// closure once, then step(). Returns the loss that the closure gave first. Errors as of step(), and
  /// ValueError for an empty closure.
  double step(const Closure& closure);

  /// The learning rate of the next step: the optimizer's, or that of a group.
  double lr() const { return lr(0); }
  double lr(std::size_t group) const;
  /// One rate for all steps to come, in place of any schedule. ValueError unless it is positive and finite.
  void set_lr(double lr);
  /// From now on the learning rate is schedule(steps()), looked up at each step. ValueError for an empty
  /// function.
  void set_schedule(Schedule schedule);

  /// How many steps have been taken.
  std::size_t steps() const { return steps_; }
  /// Those of all groups, one group after another.
  const std::vector<Tensor<T>>& parameters() const { return parameters_; }
  /// How many groups of parameters there are.
  std::size_t groups() const { return rates_.size(); }
  /// "Adam", for one.
  std::string name() const { return name_; }
  std::string owner() const override { return name_; }

  /// Everything that the optimizer will need to go on from here: its memory of every parameter (named by its
  /// place in parameters(): "0.m"), counts and learning rates. A schedule is a function: it is not in it, and
  /// neither are other options.
  State state() const override;
  std::vector<std::string> mismatches(const State& state) const override;

 protected:
  /// `name` is the optimizer's, for messages.
  explicit Optimizer(const char* name) : name_(name) {}
  Optimizer(const Optimizer&) = default;
  Optimizer(Optimizer&&) = default;
  Optimizer& operator=(const Optimizer&) = default;
  Optimizer& operator=(Optimizer&&) = default;

  /// Adds a group. ValueError when there is no parameter, when one is no variable or is there already, or
  /// unless lr is positive and finite.
  void add_parameters(std::vector<Tensor<T>> parameters, double lr);

  /// Changes the parameters by their gradients; when it is called, the learning rates have been checked.
  virtual void take_step() = 0;
  virtual double take_step(const Closure& closure);

  /// Adds what the optimizer remembers, by names.
  virtual void save(State& state) const = 0;
  /// Takes it back, after find_mismatches() has found none.
  virtual void restore(const State& state) = 0;
  virtual std::vector<std::string> find_mismatches(const State& state) const;

  /// Makes ready what of changing the values may throw, for all those that have a gradient.
  void own_values() const;

  // What options are checked with: each throws ValueError unless the value is what its name says.
  void check_positive(const char* option, double value) const;
  void check_not_negative(const char* option, double value) const;
  void check_below_one(const char* option, double value) const;  ///< 0 <= value < 1
  void check_epsilon(double value) const;                        ///< positive and finite as a T

  [[noreturn]] void fail(const std::string& message) const;

 private:
  void put_state(const State& state) override;
  void check_parameters(const std::vector<Tensor<T>>& added) const;
  void check_rates() const;

  const char* name_;
  std::vector<Tensor<T>> parameters_;
  std::vector<double> rates_;  // of each group, without a schedule
  Schedule schedule_;          // empty: there is none
  std::size_t steps_ = 0;
};

extern template class Optimizer<float>;
extern template class Optimizer<double>;

}  // namespace gradus::nn
