#pragma once

/// Optimizers, learning-rate schedules, gradient clipping, averages of weights.

#include <gradus/nn/optimizers/adadelta.hpp>
#include <gradus/nn/optimizers/adagrad.hpp>
#include <gradus/nn/optimizers/adam.hpp>
#include <gradus/nn/optimizers/clip.hpp>
#include <gradus/nn/optimizers/ema.hpp>
#include <gradus/nn/optimizers/lbfgs.hpp>
#include <gradus/nn/optimizers/lion.hpp>
#include <gradus/nn/optimizers/nadam.hpp>
#include <gradus/nn/optimizers/optimizer.hpp>
#include <gradus/nn/optimizers/plateau.hpp>
#include <gradus/nn/optimizers/rmsprop.hpp>
#include <gradus/nn/optimizers/schedule.hpp>
#include <gradus/nn/optimizers/sgd.hpp>
#include <gradus/nn/optimizers/state.hpp>
