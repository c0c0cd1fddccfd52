#pragma once

/// Training: the loop, what watches it, and how good its results are.

#include <gradus/nn/training/callback.hpp>
#include <gradus/nn/training/callbacks.hpp>
#include <gradus/nn/training/history.hpp>
#include <gradus/nn/training/metrics.hpp>
#include <gradus/nn/training/progress.hpp>
#include <gradus/nn/training/scores.hpp>
#include <gradus/nn/training/trainer.hpp>
