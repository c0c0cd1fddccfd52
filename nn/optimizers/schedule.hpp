#pragma once

#include <cstddef>
#include <functional>

namespace gradus::nn {

/// The learning rate as a function of how many steps an optimizer has taken: step 0 is the first. An epoch is
/// as many steps as the data have batches. Any function of this form will do; those of nn::schedule are ready
/// made.
using Schedule = std::function<double(std::size_t step)>;

namespace schedule {

/// lr at every step. ValueError unless lr is positive and finite.
Schedule constant(double lr);

/// lr factor^floor(step / every): times `factor` after each `every` steps. ValueError unless lr and factor
/// are positive and finite and `every` is not 0.
Schedule step_decay(double lr, double factor, std::size_t every);

/// lr factor^step. ValueError unless lr and factor are positive and finite.
Schedule exponential(double lr, double factor);

}  // namespace schedule
}  // namespace gradus::nn
