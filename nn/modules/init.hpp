#pragma once

#include <functional>

#include <gradus/core/array.hpp>
#include <gradus/core/rng.hpp>

namespace gradus::nn {

/// Draws the first values of a weight of the given shape, (in, out) for Linear. Any function of this form
/// will do; those of nn::init are ready made. They draw in double, row by row, so that a seed gives the same
/// weights to Linear<float> and Linear<double> but for rounding.
using Initializer = std::function<Array<double>(const Shape& shape, Rng& rng)>;

namespace init {

/// Every weight is `value`.
Initializer constant(double value);
inline Initializer zeros() { return constant(0); }

/// N(mean, stddev^2). ValueError unless mean is finite and stddev is finite and not negative.
Initializer normal(double stddev, double mean = 0);

/// U(lo, hi). ValueError unless lo <= hi and hi - lo is finite.
Initializer uniform(double lo, double hi);

/// Xavier: U(-a, a) with a = sqrt(6 / (in + out)), variance 2 / (in + out), which keeps the variance of
/// activations and gradients alike through layers that are about linear at 0 (tanh, sigmoid, identity).
/// Source: X. Glorot, Y. Bengio, "Understanding the difficulty of training deep feedforward neural networks"
/// (2010), formula 16. ShapeError, when it draws, unless the shape is (in, out).
Initializer xavier();

/// He: N(0, 2 / in), which makes up for the half of the variance that ReLU takes away.
/// Source: K. He, X. Zhang, S. Ren, J. Sun, "Delving Deep into Rectifiers" (2015), section 2.2. ShapeError,
/// when it draws, unless the shape is (in, out).
Initializer he();

}  // namespace init
}  // namespace gradus::nn
