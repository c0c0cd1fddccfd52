#pragma once

#include <cstddef>

#include <gradus/core/rng.hpp>
#include <gradus/nn/data/dataset.hpp>

namespace gradus::nn {

/// Draws `count` labelled digits in the manner of handwriting, 28x28 pixels like MNIST's: inputs (count, 784)
/// in [0, 1] (1 is ink), targets (count) of 0 to 9, each equally likely. Every digit is one of a few ways of
/// writing it, bent by random waves, rotated, slanted, stretched and shifted at random, drawn with a pen of
/// random width and ink, under noise. The same state of `rng` gives the same digits.
Dataset<> generate_digits(std::size_t count, Rng& rng);

}  // namespace gradus::nn
