#pragma once

/// Optimizers and learning-rate schedules.

#include <gradus/nn/optimizers/adam.hpp>
#include <gradus/nn/optimizers/optimizer.hpp>
#include <gradus/nn/optimizers/schedule.hpp>
#include <gradus/nn/optimizers/sgd.hpp>
