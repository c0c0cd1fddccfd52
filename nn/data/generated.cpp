#include <cmath>
#include <cstdint>
#include <numbers>
#include <string>

#include <gradus/core/error.hpp>
#include <gradus/core/expected.hpp>
#include <gradus/nn/data/generated.hpp>

namespace gradus::nn {
namespace {

constexpr double pi = std::numbers::pi;

struct Point {
  double x, y;
};

Point polar(double radius, double angle) { return {radius * std::cos(angle), radius * std::sin(angle)}; }

void check(const char* op, double noise, std::size_t classes) {
  gradus::detail::check_at_least_one(op, "classes", classes);
  gradus::detail::check_not_negative(op, "noise", noise);
}

// A set of points of which place(class) draws one; class_of(class, point) is what it shows.
template <class Place, class ClassOf>
Dataset<> points(const char* op, std::size_t count, double noise, Rng& rng, std::size_t classes,
                 const Place& place, const ClassOf& class_of) {
  check(op, noise, classes);
  Dataset<> set{xt::xarray<float>::from_shape({count, std::size_t{2}}),
                xt::xarray<std::int64_t>::from_shape({count})};
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t wanted = i % classes;
    const Point point = place(wanted);
    set.targets.data()[i] = static_cast<std::int64_t>(class_of(wanted, point));
    set.inputs.data()[2 * i] = static_cast<float>(point.x + rng.normal(0, noise));
    set.inputs.data()[2 * i + 1] = static_cast<float>(point.y + rng.normal(0, noise));
  }
  return set;
}

template <class Place>
Dataset<> points(const char* op, std::size_t count, double noise, Rng& rng, std::size_t classes,
                 const Place& place) {
  return points(op, count, noise, rng, classes, place,
                [](std::size_t wanted, const Point&) { return wanted; });
}

}  // namespace

Dataset<> generate_moons(std::size_t count, double noise, Rng& rng) {
  return points("generate_moons", count, noise, rng, 2, [&](std::size_t wanted) {
    const Point upper = polar(1, rng.uniform(0, pi));
    return wanted == 0 ? upper : Point{1 - upper.x, 0.5 - upper.y};
  });
}

Dataset<> generate_circles(std::size_t count, double noise, Rng& rng) {
  return points("generate_circles", count, noise, rng, 2,
                [&](std::size_t wanted) { return polar(wanted == 0 ? 1 : 0.5, rng.uniform(0, 2 * pi)); });
}

Dataset<> generate_spirals(std::size_t count, double noise, Rng& rng, std::size_t classes) {
  return points("generate_spirals", count, noise, rng, classes, [&](std::size_t wanted) {
    const double radius = rng.uniform();
    return polar(radius, 5 * radius + 2 * pi * static_cast<double>(wanted) / static_cast<double>(classes));
  });
}

Dataset<> generate_blobs(std::size_t count, double noise, Rng& rng, std::size_t classes) {
  return points("generate_blobs", count, noise, rng, classes, [&](std::size_t wanted) {
    return polar(1, 2 * pi * static_cast<double>(wanted) / static_cast<double>(classes));
  });
}

Dataset<> generate_xor(std::size_t count, double noise, Rng& rng) {
  const auto place = [&](std::size_t) {
    const double x = rng.uniform(-1, 1);
    return Point{x, rng.uniform(-1, 1)};
  };
  return points("generate_xor", count, noise, rng, 2, place,
                [](std::size_t, const Point& point) { return (point.x > 0) != (point.y > 0); });
}

Dataset<float> generate_sine(std::size_t count, double noise, Rng& rng) {
  check("generate_sine", noise, 1);
  Dataset<float> set{xt::xarray<float>::from_shape({count, std::size_t{1}}),
                     xt::xarray<float>::from_shape({count, std::size_t{1}})};
  for (std::size_t i = 0; i < count; ++i) {
    const double x = rng.uniform(-1, 1);
    set.inputs.data()[i] = static_cast<float>(x);
    set.targets.data()[i] = static_cast<float>(std::sin(pi * x) + rng.normal(0, noise));
  }
  return set;
}

}  // namespace gradus::nn
