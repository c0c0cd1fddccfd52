#include <gtest/gtest.h>

#include <gradus/core/error.hpp>
#include <gradus/core/rng.hpp>
#include <gradus/ops/windows.hpp>

namespace gradus {
namespace {

Array<double> random_images(const Shape& shape) {
  Rng rng{3};
  Array<double> x = empty_array<double>(shape);
  for (double& v : x) v = rng.uniform(-1, 1);
  return x;
}

/// By its definition.
Array<double> windows_of(const Array<double>& x, HeightWidth kernel, const WindowOptions& options) {
  const Shape shape = shape_of(x);
  const HeightWidth out = count_windows("test", {shape[2], shape[3]}, kernel, options);
  Array<double> y =
      empty_array<double>({shape[0], shape[1] * kernel.height * kernel.width, out.height * out.width});
  for (std::size_t n = 0; n < shape[0]; ++n)
    for (std::size_t c = 0; c < shape[1]; ++c)
      for (std::size_t i = 0; i < kernel.height; ++i)
        for (std::size_t j = 0; j < kernel.width; ++j)
          for (std::size_t r = 0; r < out.height; ++r)
            for (std::size_t s = 0; s < out.width; ++s) {
              const std::size_t row = r * options.stride.height + i - options.padding.height;
              const std::size_t column = s * options.stride.width + j - options.padding.width;
              const bool is_inside = row < shape[2] && column < shape[3];  // below 0 it wraps around
              y(n, (c * kernel.height + i) * kernel.width + j, r * out.width + s) =
                  is_inside ? x(n, c, row, column) : 0;
            }
  return y;
}

TEST(Unfold, IsItsDefinition) {
  const struct {
    Shape shape;
    HeightWidth kernel;
    WindowOptions options;
  } cases[] = {
      {{2, 3, 5, 4}, {3, 2}, {}},
      {{2, 3, 5, 4}, {1, 1}, {}},
      {{1, 1, 5, 4}, {5, 4}, {}},
      {{2, 1, 5, 7}, {2, 3}, {.stride = {2, 3}}},
      {{2, 2, 5, 7}, {3, 3}, {.stride = 2, .padding = 1}},
      {{1, 2, 3, 3}, {2, 2}, {.stride = {3, 1}, .padding = {2, 5}}},  // windows of nothing but padding
      {{1, 1, 6, 6}, {2, 2}, {.stride = 5}},
      {{1, 1, 1, 1}, {3, 3}, {.stride = 7, .padding = 4}},
      {{0, 2, 3, 3}, {2, 2}, {}},
      {{2, 0, 3, 3}, {2, 2}, {.padding = 1}},
      {{2, 1, 0, 3}, {2, 2}, {.padding = 1}}};
  for (const auto& c : cases) {
    const Array<double> x = random_images(c.shape);
    EXPECT_EQ(unfold(Tensor<double>(x), c.kernel, c.options).value(), windows_of(x, c.kernel, c.options))
        << to_string(c.shape);
  }
}

TEST(Unfold, ANumberThatCameFromANegativeOneIsNone) {
  const Tensor<double> x(random_images({1, 1, 4, 4}));
  for (const WindowOptions& options : {WindowOptions{.stride = -1},
                                       {.stride = {1, -3}},
                                       {.stride = -1, .padding = 2},
                                       {.padding = -1},
                                       {.stride = -1, .padding = 1 << 24}})
    EXPECT_THROW(unfold(x, 1, options), ValueError) << options.stride.width;
  EXPECT_THROW(unfold(x, -1), ValueError);
  EXPECT_THROW(unfold(x, {2, -2}, {.padding = 8}), ValueError);
}

TEST(Unfold, AStrideBeyondTheImageSeesOneWindow) {
  const Array<double> x = random_images({1, 1, 4, 4});
  const WindowOptions far{.stride = std::size_t{1} << 40, .padding = 2};
  EXPECT_EQ(unfold(Tensor<double>(x), 1, far).value(), windows_of(x, 1, far));
}

TEST(Unfold, GivesAnElementTheGradientsOfAllItsWindows) {
  const auto x = variable(full_array<double>({1, 1, 3, 3}, 1));
  const Tensor<double> y = unfold(x, 2);
  y.backward(full_array<double>(y.shape(), 1));
  EXPECT_EQ(x.grad(), (xt::xarray<double>{{{{1, 2, 1}, {2, 4, 2}, {1, 2, 1}}}}));
}

}  // namespace
}  // namespace gradus
