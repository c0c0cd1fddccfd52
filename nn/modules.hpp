#pragma once

/// Modules: layers, activations, and how they are put together.

#include <gradus/nn/modules/activations.hpp>
#include <gradus/nn/modules/buffer.hpp>
#include <gradus/nn/modules/init.hpp>
#include <gradus/nn/modules/linear.hpp>
#include <gradus/nn/modules/make_module.hpp>
#include <gradus/nn/modules/mlp.hpp>
#include <gradus/nn/modules/module.hpp>
#include <gradus/nn/modules/parts.hpp>
#include <gradus/nn/modules/sequential.hpp>
