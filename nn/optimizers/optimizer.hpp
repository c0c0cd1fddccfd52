#pragma once

#include <cstddef>
#include <vector>

#include <gradus/core/tensor.hpp>
#include <gradus/nn/optimizers/schedule.hpp>

namespace gradus::nn {

/// What every optimizer shares: the parameters, the learning rate, the count of steps.
///
///     opt.zero_grad();  loss.backward();  opt.step();
///
/// A new optimizer derives from it and says in update() how one parameter changes.
template <class T>
class Optimizer {
 public:
  virtual ~Optimizer() = default;

  /// Forgets the gradients of all parameters.
  void zero_grad();

  /// Changes each parameter by its gradient; one that no gradient has reached is left alone, and so is what
  /// the optimizer remembers about it. ValueError, before anything is changed, when the schedule gives a
  /// learning rate that is negative or not finite.
  void step();

  /// The learning rate of the next step.
  double lr() const { return schedule_(steps_); }
  /// One rate for all steps to come, in place of any schedule. ValueError unless it is positive and finite.
  void set_lr(double lr);
  /// From now on the learning rate is schedule(steps()), looked up at each step. ValueError for an empty
  /// function.
  void set_schedule(Schedule schedule);

  /// How many steps have been taken.
  std::size_t steps() const { return steps_; }
  const std::vector<Tensor<T>>& parameters() const { return parameters_; }

 protected:
  /// `name` is the optimizer's, for messages. ValueError when there is no parameter, when one is no
  /// variable or is given twice, or unless lr is positive and finite.
  Optimizer(const char* name, std::vector<Tensor<T>> parameters, double lr);
  Optimizer(const Optimizer&) = default;
  Optimizer(Optimizer&&) = default;
  Optimizer& operator=(const Optimizer&) = default;
  Optimizer& operator=(Optimizer&&) = default;

  /// Changes `value`, that of parameters()[index], by its gradient.
  virtual void update(std::size_t index, Array<T>& value, const Array<T>& gradient, double lr) = 0;

  [[noreturn]] void fail(const std::string& message) const;

 private:
  void check_parameters() const;

  const char* name_;
  std::vector<Tensor<T>> parameters_;
  Schedule schedule_;
  std::size_t steps_ = 0;
};

extern template class Optimizer<float>;
extern template class Optimizer<double>;

}  // namespace gradus::nn
