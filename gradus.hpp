#pragma once

/// Everything of Gradus: the graph, the ops on it, and what trains networks.

#include <gradus/core/backward.hpp>
#include <gradus/core/check_gradients.hpp>
#include <gradus/core/kernel_arch.hpp>
#include <gradus/core/no_grad.hpp>
#include <gradus/core/numerical.hpp>
#include <gradus/core/parallel.hpp>
#include <gradus/core/rng.hpp>
#include <gradus/nn/activations.hpp>
#include <gradus/nn/adam.hpp>
#include <gradus/nn/curve_svg.hpp>
#include <gradus/nn/data_loader.hpp>
#include <gradus/nn/digits.hpp>
#include <gradus/nn/idx.hpp>
#include <gradus/nn/init.hpp>
#include <gradus/nn/linear.hpp>
#include <gradus/nn/losses.hpp>
#include <gradus/nn/metrics.hpp>
#include <gradus/nn/mlp.hpp>
#include <gradus/nn/progress.hpp>
#include <gradus/nn/schedule.hpp>
#include <gradus/nn/sequential.hpp>
#include <gradus/nn/sgd.hpp>
#include <gradus/ops/blas_info.hpp>
#include <gradus/ops/bridge.hpp>
#include <gradus/ops/compare.hpp>
#include <gradus/ops/derivatives.hpp>
#include <gradus/ops/elementwise.hpp>
#include <gradus/ops/fuse.hpp>
#include <gradus/ops/index.hpp>
#include <gradus/ops/layout.hpp>
#include <gradus/ops/product.hpp>
#include <gradus/ops/reduce.hpp>
#include <gradus/ops/scalar_ops.hpp>
#include <gradus/ops/softmax.hpp>
