#pragma once

#include "workloads.hpp"

/// The workloads in Gradus, one thread.
workloads::Setups gradus_workloads();

/// A training step of a network, made ready.
std::function<void()> training_step(const workloads::Network& network);
