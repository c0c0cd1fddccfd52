#pragma once

/// Models and training runs as files.

#include <gradus/nn/checkpoint/describe.hpp>
#include <gradus/nn/checkpoint/model_file.hpp>
#include <gradus/nn/checkpoint/onnx.hpp>
#include <gradus/nn/checkpoint/safetensors.hpp>
#include <gradus/nn/checkpoint/training_file.hpp>
