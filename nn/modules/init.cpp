#include <algorithm>
#include <cmath>
#include <string>

#include <gradus/core/error.hpp>
#include <gradus/core/number_text.hpp>
#include <gradus/nn/modules/init.hpp>

namespace gradus::nn::init {
namespace {

template <class Draw>
Array<double> filled(const Shape& shape, const Draw& draw) {
  Array<double> weight = empty_array<double>(shape);
  std::generate_n(weight.data(), weight.size(), draw);
  return weight;
}

void check_matrix(const char* op, const Shape& shape) {
  if (shape.size() != 2)
    throw ShapeError(std::string("[") + op + "] a weight of shape " + to_string(shape) +
                     ": expected (in, out), from which the spread follows");
}

}  // namespace

Initializer constant(double value) {
  return [value](const Shape& shape, Rng&) { return full_array<double>(shape, value); };
}

Initializer normal(double stddev, double mean) {
  if (!std::isfinite(mean) || !std::isfinite(stddev) || stddev < 0)
    throw ValueError("[normal] mean " + detail::number_text(mean) + ", stddev " +
                     detail::number_text(stddev) + ": expected finite numbers, the stddev not negative");
  return
      [=](const Shape& shape, Rng& rng) { return filled(shape, [&] { return rng.normal(mean, stddev); }); };
}

Initializer uniform(double lo, double hi) {
  if (!(lo <= hi) || !std::isfinite(hi - lo))
    throw ValueError("[uniform] bounds " + detail::number_text(lo) + " and " + detail::number_text(hi) +
                     ": expected finite numbers, the lower not above the upper");
  return [=](const Shape& shape, Rng& rng) { return filled(shape, [&] { return rng.uniform(lo, hi); }); };
}

Initializer xavier() {
  return [](const Shape& shape, Rng& rng) {
    check_matrix("xavier", shape);
    const double bound = std::sqrt(6.0 / static_cast<double>(shape[0] + shape[1]));
    return uniform(-bound, bound)(shape, rng);
  };
}

Initializer he() {
  return [](const Shape& shape, Rng& rng) {
    check_matrix("he", shape);
    return normal(std::sqrt(2.0 / static_cast<double>(shape[0])))(shape, rng);
  };
}

}  // namespace gradus::nn::init
