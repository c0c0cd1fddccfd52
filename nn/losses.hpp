#pragma once

/// Losses.

#include <gradus/nn/losses/losses.hpp>
