#pragma once

/// Everything that trains networks.

#include <gradus/nn/checkpoint.hpp>
#include <gradus/nn/data.hpp>
#include <gradus/nn/files.hpp>
#include <gradus/nn/losses.hpp>
#include <gradus/nn/modules.hpp>
#include <gradus/nn/optimizers.hpp>
#include <gradus/nn/report.hpp>
#include <gradus/nn/training.hpp>
