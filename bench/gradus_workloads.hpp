#pragma once

#include "workloads.hpp"

/// The workloads in Gradus, one thread.
workloads::Setups gradus_workloads();
