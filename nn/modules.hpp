#pragma once

/// Modules: layers, activations, and how they are put together.

#include <gradus/nn/modules/activations.hpp>
#include <gradus/nn/modules/batch_norm.hpp>
#include <gradus/nn/modules/bilinear.hpp>
#include <gradus/nn/modules/buffer.hpp>
#include <gradus/nn/modules/check_module.hpp>
#include <gradus/nn/modules/conv2d.hpp>
#include <gradus/nn/modules/dropout.hpp>
#include <gradus/nn/modules/embedding.hpp>
#include <gradus/nn/modules/flatten.hpp>
#include <gradus/nn/modules/init.hpp>
#include <gradus/nn/modules/lambda.hpp>
#include <gradus/nn/modules/layer_norm.hpp>
#include <gradus/nn/modules/linear.hpp>
#include <gradus/nn/modules/make_module.hpp>
#include <gradus/nn/modules/mlp.hpp>
#include <gradus/nn/modules/module.hpp>
#include <gradus/nn/modules/parts.hpp>
#include <gradus/nn/modules/pool2d.hpp>
#include <gradus/nn/modules/prelu.hpp>
#include <gradus/nn/modules/residual.hpp>
#include <gradus/nn/modules/sequential.hpp>
#include <gradus/nn/modules/summary.hpp>
#include <gradus/nn/modules/unflatten.hpp>
#include <gradus/nn/modules/usual_init.hpp>
