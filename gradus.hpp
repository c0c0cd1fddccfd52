#pragma once

/// Everything of Gradus: the graph, the ops on it, and what trains networks.

#include <gradus/core/core.hpp>
#include <gradus/nn/nn.hpp>
#include <gradus/ops/ops.hpp>
