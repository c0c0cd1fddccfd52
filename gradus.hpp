#pragma once

/// Everything of Gradus: the graph, the ops on it, and what trains networks.

#include <gradus/core/backward.hpp>
#include <gradus/core/no_grad.hpp>
#include <gradus/core/parallel.hpp>
#include <gradus/core/rng.hpp>
#include <gradus/ops/blas_info.hpp>
#include <gradus/ops/bridge.hpp>
#include <gradus/ops/elementwise.hpp>
#include <gradus/ops/scalar_ops.hpp>
