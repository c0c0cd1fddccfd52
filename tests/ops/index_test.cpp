#include "tensor_values.hpp"
#include <gtest/gtest.h>

#include <gradus/core/backward.hpp>
#include <gradus/ops/elementwise.hpp>
#include <gradus/ops/index.hpp>
#include <gradus/ops/layout.hpp>
#include <gradus/ops/reduce.hpp>

namespace gradus {
namespace {

using Array2 = xt::xarray<double>;
using Mask = xt::xarray<bool>;

const Tensor<double> three_by_two = Array2{{1, 2}, {3, 4}, {5, 6}};

TEST(Take, PicksAlongAnAxis) {
  const Tensor<double> x = three_by_two;
  EXPECT_EQ(elements(take(x, xt::xarray<int>{2, 0, 2}, 0)), (Numbers{5, 6, 1, 2, 5, 6}));
  EXPECT_EQ(elements(take(x, xt::xarray<int>{1}, 1)), (Numbers{2, 4, 6}));
  EXPECT_EQ(elements(take(x, xt::xarray<int>{-1, -3}, 0)), (Numbers{5, 6, 1, 2}));
  EXPECT_EQ(elements(take(x, xt::xarray<int>{0}, -1)), (Numbers{1, 3, 5}));
}

TEST(Take, ResultHasTheShapeOfTheIndicesInPlaceOfTheAxis) {
  const Tensor<double> x = irregular({2, 5, 3});
  const xt::xarray<int> indices{{0, 4, 1, 1}, {2, 2, 3, 0}};
  const Tensor<double> y = take(x, indices, 1);
  EXPECT_EQ(y.shape(), (Shape{2, 2, 4, 3}));
  for (std::size_t o = 0; o < 2; ++o)
    for (std::size_t i = 0; i < 2; ++i)
      for (std::size_t j = 0; j < 4; ++j)
        for (std::size_t c = 0; c < 3; ++c)
          EXPECT_EQ(y.value()(o, i, j, c), x.value()(o, static_cast<std::size_t>(indices(i, j)), c));
  const xt::xarray<int> single = 3;
  EXPECT_EQ(take(x, single, 1).shape(), (Shape{2, 3}));
  EXPECT_EQ(take(x, xt::xarray<int>::from_shape({0}), 1).shape(), (Shape{2, 0, 3}));
}

TEST(Take, AddsUpTheGradientsOfAnElementTakenTwice) {
  const Tensor<double> x = variable(three_by_two.value());
  take(x, xt::xarray<int>{0, 2, 0}, 0).backward(Array2{{1, 10}, {2, 20}, {4, 40}});
  EXPECT_EQ(elements(x.grad()), (Numbers{5, 50, 0, 0, 2, 20}));
  for (const int axis : {0, 1, 2})
    expect_right_gradients(
        [&](const auto& in) {
          return take(in[0], xt::xarray<int>{{1, 0}, {-1, 1}}, axis) +
                 take(in[0], xt::xarray<int>{{0, 0}, {0, 0}}, axis);
        },
        {irregular({2, 3, 2})});
}

template <class Index>
void expect_indices_accepted() {
  const xt::xarray<Index> indices{2, 1};
  EXPECT_EQ(elements(take(three_by_two, indices, 0)), (Numbers{5, 6, 3, 4}));
  EXPECT_EQ(elements(take(three_by_two, indices - 1, 0)), (Numbers{3, 4, 1, 2}));
}

TEST(Take, IndicesAreOfAnyIntegralType) {
  expect_indices_accepted<std::int8_t>();
  expect_indices_accepted<std::uint8_t>();
  expect_indices_accepted<std::int16_t>();
  expect_indices_accepted<std::uint16_t>();
  expect_indices_accepted<std::int32_t>();
  expect_indices_accepted<std::uint32_t>();
  expect_indices_accepted<std::int64_t>();
  expect_indices_accepted<std::uint64_t>();
}

TEST(Take, AWrongIndexIsAValueErrorAWrongAxisAShapeError) {
  const Tensor<double> x = three_by_two;
  EXPECT_EQ(message_of<ValueError>([&] {
              take(x, xt::xarray<int>{0, 3}, 0);
            }),
            "[take] index 3 along axis 0 of (3,2): expected -3 to 2");
  EXPECT_EQ(message_of<ValueError>([&] { take(x, xt::xarray<int>{-3}, -1); }),
            "[take] index -3 along axis 1 of (3,2): expected -2 to 1");
  EXPECT_EQ(message_of<ValueError>([&] { take(x, xt::xarray<std::uint64_t>{~0ull}, 0); }),
            "[take] 18446744073709551615 is larger than any index or label");
  EXPECT_EQ(
      message_of<ValueError>([] { take(Tensor<double>(empty_array<double>({0})), xt::xarray<int>{0}, 0); }),
      "[take] index 0 along axis 0 of (0): expected none");
  EXPECT_EQ(message_of<ShapeError>([&] { take(x, xt::xarray<int>{0}, 2); }),
            "[take] axis 2 of (3,2): expected -2 to 1");
}

TEST(Where, ChoosesElementByElement) {
  const Tensor<double> a = Array2{{1, 2}, {3, 4}}, b = Array2{{10, 20}, {30, 40}};
  const Mask mask{{true, false}, {false, true}};
  EXPECT_EQ(elements(where(mask, a, b)), (Numbers{1, 20, 30, 4}));
  EXPECT_EQ(elements(where(!mask, a, b)), (Numbers{10, 2, 3, 40}));
  EXPECT_EQ(elements(where(a.value() > 2.5, a, 0)), (Numbers{0, 0, 3, 4}));
  EXPECT_EQ(elements(where(xt::xarray<int>{{0, 7}, {-1, 0}}, a, b)), (Numbers{10, 2, 3, 40}));
  expect_right_gradients([&](const auto& in) { return where(mask, in[0], in[1]); }, {a, b});
  expect_right_gradients([&](const auto& in) { return where(mask, in[0], in[0] * 2) * in[0]; }, {a});
}

TEST(Where, BroadcastsAllThree) {
  const Tensor<double> row = Array2{1, 2, 3}, column = expand_dims(Tensor<double>(Array2{10, 20}), 1);
  const Mask mask{true, false, true};
  EXPECT_EQ(elements(where(mask, row, column)), (Numbers{1, 10, 3, 1, 20, 3}));
  Mask wide{true, false};
  wide.reshape({2, 1, 1});
  EXPECT_EQ(where(wide, row, column).shape(), (Shape{2, 2, 3}));
  expect_right_gradients([&](const auto& in) { return where(mask, in[0], in[1]); }, {row, column});
  expect_right_gradients([&](const auto& in) { return where(wide, in[0], in[1]); }, {row, column});
  expect_right_gradients([&](const auto& in) { return where(wide, in[0], 2.0); }, {Tensor<double>(3)});
  EXPECT_EQ(message_of<ShapeError>([&] {
              where(Mask{true, false}, row, column);
            }),
            "[where] (2) and (2,3) do not broadcast: axis -1 has 2 and 3");
  EXPECT_EQ(message_of<ShapeError>([&] {
              where(mask, row, Array2{1, 2});
            }),
            "[where] (3) and (2) do not broadcast: axis -1 has 3 and 2");
}

TEST(Where, TheBranchNotTakenCannotPoisonTheOne) {
  const Tensor<double> x = variable(Array2{-1, 0, 4});
  sum(where(x.value() > 0, sqrt(x), x * 2)).backward();  // the slope of sqrt is NaN at -1, infinite at 0
  EXPECT_EQ(elements(x.grad()), (Numbers{2, 2, 0.25}));

  const Tensor<double> a = variable(Array2{1, 2}), b = variable(Array2{3, 4});
  where(Mask{true, false}, a, b).backward(Array2{nan_value, infinity});
  EXPECT_TRUE(std::isnan(a.grad()(0)));
  EXPECT_EQ(a.grad()(1), 0);
  EXPECT_EQ(b.grad()(0), 0);
  EXPECT_EQ(b.grad()(1), infinity);
}

TEST(Where, TakesScalarsAndNumbers) {
  const Tensor<float> x = variable(xt::xarray<float>{1, 2, 3});
  const Scalar s = variable(10);
  const Tensor<float> y = where(Mask{true, false, false}, x, s);
  EXPECT_EQ(elements(y), (Numbers{1, 10, 10}));
  sum(y).backward();
  EXPECT_EQ(s.grad(), 2);
  EXPECT_EQ(elements(x.grad()), (Numbers{1, 0, 0}));
}

TEST(Where, OfScalarsAndNumbersIsATensorOrTheOneChosen) {
  const Scalar s = variable(10.0);
  const Tensor<double> y = where(Mask{true, false, true}, s, 1.5), z = where(Mask{true, false}, s * 2, s);
  EXPECT_EQ(elements(y), (Numbers{10, 1.5, 10}));
  EXPECT_EQ(elements(z), (Numbers{20, 10}));
  sum(y).backward();
  EXPECT_EQ(s.grad(), 2);

  const Scalar step = s * 3.0;
  EXPECT_EQ(where(step > 0, step, s).wire().place, step.wire().place);  // no step of its own
  EXPECT_EQ(where(false, step, s).wire().place, s.wire().place);
  EXPECT_EQ(where(false, s, 7).value(), 7);
  EXPECT_EQ(where(true, 7, s).requires_grad(), false);
  bool is_chosen = true;
  where(is_chosen, s * s, 1).backward();
  EXPECT_EQ(s.grad(), 22);
}

TEST(Index, EachCallIsOneStep) {
  const Tensor<double> x = exp(variable(Array2{1, 2}));
  EXPECT_EQ(take(x, xt::xarray<int>{0}, 0).stage(), 2u);
  EXPECT_EQ(where(Mask{true, false}, x, 1).stage(), 2u);
  EXPECT_EQ(where(Mask{true, false}, x, exp(x)).stage(), 3u);
}

}  // namespace
}  // namespace gradus
