#include <limits>
#include <string>

#include "every_module.hpp"
#include <gtest/gtest.h>

#include <gradus/core/backward.hpp>
#include <gradus/core/check_gradients.hpp>
#include <gradus/nn/modules/check_module.hpp>
#include <gradus/ops/elementwise.hpp>
#include <gradus/ops/reduce.hpp>

namespace gradus::nn {
namespace {

/// Calls f(value) for the elements of one window that lie in the image.
template <class F>
void in_window(const Array<double>& x, std::size_t n, std::size_t c, std::size_t r, std::size_t s,
               HeightWidth kernel, HeightWidth stride, HeightWidth padding, const F& f) {
  for (std::size_t i = 0; i < kernel.height; ++i)
    for (std::size_t j = 0; j < kernel.width; ++j) {
      const std::size_t row = r * stride.height + i - padding.height;
      const std::size_t column = s * stride.width + j - padding.width;
      if (row < x.shape()[2] && column < x.shape()[3]) f(i, j, x(n, c, row, column));
    }
}

void expect_near(const Array<double>& a, const Array<double>& b) {
  ASSERT_EQ(shape_of(a), shape_of(b));
  for (std::size_t i = 0; i < a.size(); ++i) EXPECT_NEAR(a.data()[i], b.data()[i], 1e-13) << i;
}

struct WindowCase {
  Shape x;
  HeightWidth kernel, stride, padding;
  Shape result;  // beyond the channels
};

const WindowCase window_cases[] = {{{2, 3, 6, 5}, 3, 1, 0, {4, 3}},
                                   {{2, 3, 6, 5}, 3, 1, 1, {6, 5}},
                                   {{2, 1, 7, 5}, {2, 3}, {2, 1}, {0, 1}, {3, 5}},
                                   {{1, 2, 6, 6}, 2, 2, 0, {3, 3}},
                                   {{1, 2, 5, 5}, 2, 2, 1, {3, 3}},
                                   {{3, 2, 4, 4}, 4, 3, 2, {2, 2}},
                                   {{2, 2, 3, 3}, 1, 1, 0, {3, 3}}};

TEST(Conv2d, IsItsSum) {
  Rng rng{1};
  for (const WindowCase& c : window_cases)
    for (const bool bias : {true, false}) {
      const Conv2d<double> layer{
          c.x[1], 4, c.kernel, rng, {.stride = c.stride, .padding = c.padding, .bias = bias}};
      if (bias) layer.parameters()[1].set_value(random_array({4}, rng));
      const Array<double> x = random_array(c.x, rng);
      const Array<double>& w = layer.weight().value();
      Array<double> expected = empty_array<double>({c.x[0], 4, c.result[0], c.result[1]});
      for (std::size_t n = 0; n < c.x[0]; ++n)
        for (std::size_t o = 0; o < 4; ++o)
          for (std::size_t r = 0; r < c.result[0]; ++r)
            for (std::size_t s = 0; s < c.result[1]; ++s) {
              double sum = bias ? layer.parameters()[1].value()(o) : 0;
              for (std::size_t k = 0; k < c.x[1]; ++k)
                in_window(x, n, k, r, s, c.kernel, c.stride, c.padding,
                          [&](std::size_t i, std::size_t j, double v) { sum += w(o, k, i, j) * v; });
              expected(n, o, r, s) = sum;
            }
      expect_near(layer(Tensor<double>(x)).value(), expected);
    }
}

TEST(Pool2d, IsTheLargestOrTheMeanOfEachWindow) {
  Rng rng{2};
  for (const WindowCase& c : window_cases) {
    const Array<double> x = random_array(c.x, rng, -3, -1);  // below the zeros of a padding
    Array<double> largest = empty_array<double>({c.x[0], c.x[1], c.result[0], c.result[1]});
    Array<double> mean = largest;
    for (std::size_t n = 0; n < c.x[0]; ++n)
      for (std::size_t k = 0; k < c.x[1]; ++k)
        for (std::size_t r = 0; r < c.result[0]; ++r)
          for (std::size_t s = 0; s < c.result[1]; ++s) {
            double top = -std::numeric_limits<double>::infinity(), sum = 0;
            in_window(x, n, k, r, s, c.kernel, c.stride, c.padding, [&](std::size_t, std::size_t, double v) {
              top = std::max(top, v);
              sum += v;
            });
            largest(n, k, r, s) = top;
            mean(n, k, r, s) = sum / static_cast<double>(c.kernel.height * c.kernel.width);
          }
    if (c.padding.height > c.kernel.height / 2 || c.padding.width > c.kernel.width / 2) continue;
    const Pool2dOptions options{.stride = c.stride, .padding = c.padding};
    EXPECT_EQ((MaxPool2d{c.kernel, options}(Tensor<double>(x)).value()), largest);
    expect_near(AvgPool2d{c.kernel, options}(Tensor<double>(x)).value(), mean);
  }
}

TEST(Pool2d, StepsByItsKernelUnlessToldOtherwise) {
  const Tensor<float> x = xt::xarray<float>{{{{1, 2, 5}, {3, 4, 6}, {7, 8, 9}}}};
  EXPECT_EQ(MaxPool2d{2}(x).value(), full_array<float>({1, 1, 1, 1}, 4));
  EXPECT_EQ((MaxPool2d{2, {.stride = 1}}(x).value()), (xt::xarray<float>{{{{4, 6}, {8, 9}}}}));
  EXPECT_EQ((AvgPool2d{2, {.padding = 1}}(x).value()), (xt::xarray<float>{{{{0.25f, 1.75f}, {2.5f, 6.75f}}}}))
      << "zeros of the padding count";
}

TEST(MaxPool2d, SharesTheGradientOfEqualNumbersAndLetsNaNThrough) {
  const auto x = variable(xt::xarray<double>{{{{1, 1, 3, 2}, {1, 0, 0, 3}}}});
  sum(MaxPool2d{2}(x)).backward();
  const double third = 1.0 / 3;
  expect_near(x.grad(), xt::xarray<double>{{{{third, third, 0.5, 0}, {third, 0, 0, 0.5}}}});
  const Tensor<double> broken = xt::xarray<double>{{{{1, std::nan("")}, {0, 0}}}};
  EXPECT_TRUE(std::isnan(MaxPool2d{2}(broken).item()));
}

/// The square of the gradient that a model's squares have by its input, with the model's parameters.
struct GradientPenalty {
  Sequential<double> model;
  NamedParameters<double> named_parameters() const { return model.named_parameters(); }
  Tensor<double> operator()(const Tensor<double>& x) const {
    return sum(square(grad(sum(square(model(x))), {x}, {.create_graph = true})[0]));
  }
};

// It is differentiated through the convolution twice.
TEST(Conv2d, IsDifferentiatedTwice) {
  Rng rng{3};
  const Sequential<double> model{Conv2d<double>{2, 3, 2, rng, {.padding = 1}}, Tanh{}, AvgPool2d{2},
                                 Flatten{}};
  const auto x = variable(random_array({2, 2, 3, 3}, rng));
  const GradientCheck check =
      check_module(Module<double>(GradientPenalty{model}), x, {.check = {.tolerance = 1e-5}});
  EXPECT_TRUE(check.ok()) << check;
  EXPECT_EQ(check.size(), 3u * 2 * 2 * 2 + 3 + 2 * 2 * 3 * 3);
  EXPECT_GT(std::abs(check.worst(Verdict::agrees)->analytic), 1e-8) << "nothing was checked";
}

TEST(Conv2d, DrawsTheWeightsOfItsSeedFromTheFormulaForWhatItSums) {
  Rng a{4}, b{4}, c{4};
  const Conv2d<double> layer{3, 2, {2, 1}, a};
  const Array<double> drawn = init::xavier()({6, 2}, b);
  for (std::size_t o = 0; o < 2; ++o)
    for (std::size_t i = 0; i < 6; ++i) EXPECT_EQ(layer.weight().value().data()[o * 6 + i], drawn(i, o));
  EXPECT_EQ((Conv2d<float>{3, 2, {2, 1}, c}.weight().value()), xt::xarray<float>(layer.weight().value()));
}

TEST(Conv2d, SaysWhatItExpected) {
  Rng rng{1};
  const Conv2d layer{3, 8, 5, rng};
  const struct {
    Shape shape;
    std::string says;
  } cases[] = {{{2, 3, 8}, "expected (n,3,height,width)"},
               {{2, 1, 8, 8}, "input (2,1,8,8)"},
               {{2, 3, 4, 8}, "images of (4,8)"}};
  for (const auto& c : cases) {
    try {
      layer(Tensor<float>(full_array<float>(c.shape, 1)));
      ADD_FAILURE() << to_string(c.shape);
    } catch (const ShapeError& error) {
      const std::string message = error.what();
      EXPECT_EQ(message.find("[Conv2d]"), 0u) << message;
      EXPECT_NE(message.find(c.says), std::string::npos) << message;
    }
  }
  EXPECT_EQ(layer(Tensor<float>(full_array<float>({0, 3, 8, 8}, 1))).shape(), (Shape{0, 8, 4, 4}));
}

TEST(Conv2d, RejectsWhatItCannotBeMadeFrom) {
  Rng rng{1};
  EXPECT_THROW((Conv2d{0, 8, 5, rng}), ValueError);
  EXPECT_THROW((Conv2d{3, 0, 5, rng}), ValueError);
  EXPECT_THROW((Conv2d{3, 8, 0, rng}), ValueError);
  EXPECT_THROW((Conv2d{3, 8, {5, 0}, rng}), ValueError);
  EXPECT_THROW((Conv2d{3, 8, 5, rng, {.stride = 0}}), ValueError);
  EXPECT_THROW((Conv2d{3, 8, -5, rng}), ValueError);
  EXPECT_THROW((Conv2d{3, 8, 5, rng, {.stride = -1}}), ValueError);
  EXPECT_THROW((Conv2d{3, 8, 5, rng, {.padding = {0, -1}}}), ValueError);
  EXPECT_THROW(MaxPool2d{-2}, ValueError);
  EXPECT_THROW((MaxPool2d{2, {.stride = -1}}), ValueError);
  EXPECT_THROW((AvgPool2d{2, {.padding = -1}}), ValueError);
  EXPECT_THROW(MaxPool2d{0}, ValueError);
  EXPECT_THROW((MaxPool2d{2, {.stride = 0}}), ValueError);
  EXPECT_THROW((AvgPool2d{3, {.padding = 2}}), ValueError);
  EXPECT_THROW((MaxPool2d{2, {.padding = 1}}(Tensor<float>(full_array<float>({1, 1, 0, 3}, 1)))), ShapeError);
  EXPECT_THROW(MaxPool2d{3}(Tensor<float>(full_array<float>({1, 1, 2, 2}, 1))), ShapeError);
  EXPECT_THROW(AvgPool2d{2}(Tensor<float>(full_array<float>({2, 2}, 1))), ShapeError);
}

}  // namespace
}  // namespace gradus::nn
