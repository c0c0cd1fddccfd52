#pragma once

#include <cstddef>
#include <functional>
#include <vector>

namespace gradus::nn {

/// The learning rate as a function of how many steps an optimizer has taken: step 0 is the first. An epoch is
/// as many steps as the data have batches. Any function of this form will do; those of nn::schedule are ready
/// made.
using Schedule = std::function<double(std::size_t step)>;

/// All throw ValueError unless rates and factors are positive and finite (min_lr may be 0, and is at most the
/// rate) and counts of steps are not 0.
namespace schedule {

/// lr at every step.
Schedule constant(double lr);

/// lr factor^floor(step / every): times `factor` after each `every` steps.
Schedule step_decay(double lr, double factor, std::size_t every);

/// lr factor^(the number of milestones that are not above step). ValueError unless the milestones rise.
Schedule multi_step(double lr, double factor, std::vector<std::size_t> milestones);

/// lr factor^step.
Schedule exponential(double lr, double factor);

/// lr / (1 + k step). ValueError unless k is finite and not negative.
Schedule inverse_time(double lr, double k);

/// min_lr + (lr - min_lr) (1 + cos(pi step / steps)) / 2: from lr down to min_lr after `steps` steps; in as
/// many more it rises to lr again.
/// Source: I. Loshchilov, F. Hutter, "SGDR: stochastic gradient descent with warm restarts" (2017), eq. 5.
Schedule cosine(double lr, std::size_t steps, double min_lr = 0);

/// The same with warm restarts: instead of rising the rate jumps to lr, and the next way down takes `factor`
/// times as many steps as the last.
Schedule cosine_restarts(double lr, std::size_t steps, std::size_t factor = 1, double min_lr = 0);

struct OneCycleOptions {
  double rise = 0.3;            ///< the part of all steps in which the rate rises, 0 < rise < 1
  double initial_divisor = 25;  ///< the first rate is max_lr / initial_divisor
  double final_divisor = 1e4;   ///< the last is the first rate / final_divisor
  bool linear = false;          ///< along straight lines instead of half waves of the cosine
};

/// One cycle: up from max_lr / initial_divisor to max_lr at step rise steps - 1, and down to the last rate at
/// step steps - 1, where it stays. ValueError unless there are at least two steps and the rise ends between
/// the first and the last.
/// Source: L. N. Smith, N. Topin, "Super-convergence" (2018), in the two phases of PyTorch and fastai.
Schedule one_cycle(double max_lr, std::size_t steps, const OneCycleOptions& options = {});

/// A linear warm-up in front of another schedule: at step < steps
///   after(0) (start_factor + (1 - start_factor) step / steps),  then after(step - steps).
/// ValueError unless 0 <= start_factor <= 1 or for an empty function.
Schedule warm_up(std::size_t steps, Schedule after, double start_factor = 1.0 / 3);

}  // namespace schedule
}  // namespace gradus::nn
