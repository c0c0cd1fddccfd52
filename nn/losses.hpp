#pragma once

/// Losses.

#include <gradus/nn/losses/binary.hpp>
#include <gradus/nn/losses/classification.hpp>
#include <gradus/nn/losses/distance.hpp>
#include <gradus/nn/losses/penalties.hpp>
#include <gradus/nn/losses/reduction.hpp>
#include <gradus/nn/losses/regression.hpp>
