#pragma once

/// Training: the loop, what watches it, and how good its results are.

#include <gradus/nn/training/average_weights.hpp>
#include <gradus/nn/training/best_so_far.hpp>
#include <gradus/nn/training/callback.hpp>
#include <gradus/nn/training/callbacks.hpp>
#include <gradus/nn/training/classification.hpp>
#include <gradus/nn/training/fall_on_plateau.hpp>
#include <gradus/nn/training/history.hpp>
#include <gradus/nn/training/keep_best.hpp>
#include <gradus/nn/training/metric.hpp>
#include <gradus/nn/training/progress.hpp>
#include <gradus/nn/training/trainer.hpp>
