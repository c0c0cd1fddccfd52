#pragma once

/// What watches a training run.

#include <gradus/nn/training/metrics.hpp>
#include <gradus/nn/training/progress.hpp>
