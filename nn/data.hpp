#pragma once

/// Data sets: read from files, generated, handed out in batches.

#include <gradus/nn/data/csv.hpp>
#include <gradus/nn/data/data_loader.hpp>
#include <gradus/nn/data/dataset.hpp>
#include <gradus/nn/data/digits.hpp>
#include <gradus/nn/data/encoder.hpp>
#include <gradus/nn/data/generated.hpp>
#include <gradus/nn/data/idx.hpp>
#include <gradus/nn/data/npy.hpp>
#include <gradus/nn/data/split.hpp>
#include <gradus/nn/data/table.hpp>
#include <gradus/nn/data/transforms.hpp>
