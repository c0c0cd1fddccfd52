#pragma once

/// The graph, and what concerns graphs alone.

#include <gradus/core/backward.hpp>
#include <gradus/core/check_gradients.hpp>
#include <gradus/core/kernel_arch.hpp>
#include <gradus/core/no_grad.hpp>
#include <gradus/core/numerical.hpp>
#include <gradus/core/parallel.hpp>
#include <gradus/core/replay.hpp>
#include <gradus/core/rng.hpp>
#include <gradus/core/scope.hpp>
