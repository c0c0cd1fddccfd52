#pragma once

#include <cstddef>

#include <gradus/core/rng.hpp>
#include <gradus/nn/data/dataset.hpp>

/// Small sets for trying things out. Row i of a classification set is of class i mod classes, but for xor;
/// N(0, noise^2) is added to each coordinate. The same state of `rng` gives the same rows. ValueError for a
/// noise that is negative or not finite, and for no class. generate_digits() has images.
namespace gradus::nn {

/// Two half-moons that reach into each other: (cos t, sin t) and (1 - cos t, 1/2 - sin t), t in [0, pi).
Dataset<> generate_moons(std::size_t count, double noise, Rng& rng);

/// A circle around another: radius 1 (class 0) and 1/2 (class 1).
Dataset<> generate_circles(std::size_t count, double noise, Rng& rng);

/// Arms of a spiral, a class each: r (cos t, sin t), r in [0, 1), t = 5 r + 2 pi class / classes.
Dataset<> generate_spirals(std::size_t count, double noise, Rng& rng, std::size_t classes = 2);

/// Normally distributed around points of the unit circle: (cos t, sin t), t = 2 pi class / classes.
Dataset<> generate_blobs(std::size_t count, double noise, Rng& rng, std::size_t classes = 3);

/// Points of the square [-1, 1)^2, class 1 where just one coordinate is positive.
Dataset<> generate_xor(std::size_t count, double noise, Rng& rng);

/// For regression: x in [-1, 1), target sin(pi x) + N(0, noise^2); both (count, 1).
Dataset<float> generate_sine(std::size_t count, double noise, Rng& rng);

}  // namespace gradus::nn
