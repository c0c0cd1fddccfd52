#include "tensor_values.hpp"
#include <gtest/gtest.h>

#include <gradus/core/backward.hpp>
#include <gradus/ops/bridge.hpp>
#include <gradus/ops/elementwise.hpp>
#include <gradus/ops/layout.hpp>
#include <gradus/ops/reduce.hpp>

namespace gradus {
namespace {

using Array2 = xt::xarray<double>;

Tensor<double> column_of(const Array2& x) { return reshape(Tensor<double>(x), {-1, 1}); }

const Tensor<double> two_by_three = Array2{{1, 2, 3}, {4, 5, 6}};

TEST(Transpose, ReversesOrPermutesTheAxes) {
  EXPECT_EQ(elements(transpose(two_by_three)), (Numbers{1, 4, 2, 5, 3, 6}));
  EXPECT_EQ(transpose(two_by_three).shape(), (Shape{3, 2}));
  EXPECT_EQ(elements(transpose(two_by_three, {0, 1})), elements(two_by_three));
  EXPECT_EQ(elements(transpose(two_by_three, {-1, 0})), (Numbers{1, 4, 2, 5, 3, 6}));

  const Tensor<double> x = irregular({2, 3, 4});
  EXPECT_EQ(transpose(x).shape(), (Shape{4, 3, 2}));
  const Tensor<double> y = transpose(x, {1, 2, 0});
  EXPECT_EQ(y.shape(), (Shape{3, 4, 2}));
  EXPECT_EQ(y.value()(2, 3, 1), x.value()(1, 2, 3));
  EXPECT_EQ(transpose(Tensor<double>(2)).item(), 2);
  for (const std::vector<int>& axes : {std::vector<int>{0, 1, 2}, {1, 0, 2}, {2, 0, 1}, {1, 2, 0}, {0, 2, 1}})
    expect_right_gradients([&](const auto& in) { return transpose(in[0], axes) + transpose(in[0], axes); },
                           {x});
}

TEST(Transpose, NeedsEachAxisOnce) {
  EXPECT_EQ(message_of<ShapeError>([] { transpose(two_by_three, {1}); }),
            "[transpose] (2,3) has 2 axes, 1 are given: expected each of them once");
  EXPECT_EQ(message_of<ShapeError>([] {
              transpose(two_by_three, {0, 0});
            }),
            "[transpose] axis 0 of (2,3): given twice");
  EXPECT_EQ(message_of<ShapeError>([] {
              transpose(two_by_three, {0, 2});
            }),
            "[transpose] axis 2 of (2,3): expected -2 to 1");
}

TEST(Reshape, KeepsTheOrderOfTheElements) {
  EXPECT_EQ(reshape(two_by_three, {3, 2}).shape(), (Shape{3, 2}));
  EXPECT_EQ(reshape(two_by_three, {2, -1}).shape(), (Shape{2, 3}));
  EXPECT_EQ(reshape(two_by_three, {-1, 1, 2}).shape(), (Shape{3, 1, 2}));
  EXPECT_EQ(reshape(two_by_three, -1).shape(), Shape{6});
  EXPECT_EQ(reshape(two_by_three, Shape{6, 1}).shape(), (Shape{6, 1}));
  EXPECT_EQ(reshape(Tensor<double>(3), {1}).shape(), Shape{1});
  EXPECT_EQ(reshape(Tensor<double>(Array2{3}), {}).shape(), Shape{});
  EXPECT_EQ(reshape(Tensor<double>(empty_array<double>({0, 3})), {3, -1}).shape(), (Shape{3, 0}));
  EXPECT_EQ(elements(reshape(two_by_three, {3, 2})), elements(two_by_three));
  expect_right_gradients(
      [](const auto& in) {
        return reshape(in[0], {3, -1}) * reshape(in[0], {3, 2});
      },
      {two_by_three});
}

TEST(Reshape, NeedsAShapeForAllElements) {
  const auto error = [](const Tensor<double>& x, const IntList& shape) {
    return message_of<ShapeError>([&] { reshape(x, shape); });
  };
  EXPECT_EQ(error(two_by_three, {4, 2}), "[reshape] (2,3) to (4,2): there are 6 elements, they do not fit");
  EXPECT_EQ(error(two_by_three, {4, -1}), "[reshape] (2,3) to (4,-1): there are 6 elements, they do not fit");
  EXPECT_EQ(error(two_by_three, {}), "[reshape] (2,3) to (): there are 6 elements, they do not fit");
  EXPECT_EQ(error(two_by_three, {-1, -1}),
            "[reshape] (2,3) to (-1,-1): expected extents of 0 or more and at most one of -1");
  EXPECT_EQ(error(two_by_three, {-2, 3}),
            "[reshape] (2,3) to (-2,3): expected extents of 0 or more and at most one of -1");
  EXPECT_EQ(
      error(empty_array<double>({0, 3}), {0, -1}),
      "[reshape] (0,3) to (0,-1): the other extents multiply to 0, from which -1 cannot be found: give it "
      "a number");
  constexpr std::ptrdiff_t large = std::ptrdiff_t{1} << 40;
  EXPECT_EQ(
      error(two_by_three, {large, large}),
      "[reshape] a result of shape (1099511627776,1099511627776): it would have more elements than memory "
      "can hold");
}

TEST(BroadcastTo, RepeatsAndSumsBack) {
  const Tensor<double> row = Array2{1, 2, 3}, column = column_of({1, 2});
  EXPECT_EQ(elements(broadcast_to(row, {2, 3})), (Numbers{1, 2, 3, 1, 2, 3}));
  EXPECT_EQ(elements(broadcast_to(column, {2, 3})), (Numbers{1, 1, 1, 2, 2, 2}));
  EXPECT_EQ(elements(broadcast_to(Tensor<double>(7), {2, 2})), Numbers(4, 7));
  EXPECT_EQ(broadcast_to(row, two_by_three.shape()).shape(), (Shape{2, 3}));
  EXPECT_EQ(broadcast_to(column, {0, 2, 3}).size(), 0u);
  for (const Tensor<double>& x : {row, column, Tensor<double>(7), two_by_three})
    expect_right_gradients([](const auto& in) { return broadcast_to(in[0], {4, 2, 3}); }, {x});
}

TEST(BroadcastTo, StretchesOnlyWhereThereIsOne) {
  EXPECT_EQ(message_of<ShapeError>([] {
              broadcast_to(two_by_three, {2, 4});
            }),
            "[broadcast_to] (2,3) and (2,4) do not broadcast: axis -1 has 3 and 4");
  EXPECT_EQ(message_of<ShapeError>([] { broadcast_to(two_by_three, {3}); }),
            "[broadcast_to] (2,3) to (3): it can be stretched only where it has 1");
  EXPECT_EQ(message_of<ShapeError>([] {
              broadcast_to(two_by_three, {2, 1});
            }),
            "[broadcast_to] (2,3) to (2,1): it can be stretched only where it has 1");
  EXPECT_EQ(message_of<ShapeError>([] {
              broadcast_to(two_by_three, {-1, 3});
            }),
            "[broadcast_to] an extent of -1: expected 0 or more");
}

TEST(BroadcastTo, StretchesToNoMoreThanMemoryCanHold) {
  constexpr std::ptrdiff_t large = std::ptrdiff_t{1} << 40;
  const Tensor<double> one = variable(Array2{1});
  EXPECT_EQ(
      message_of<ShapeError>([&] {
        broadcast_to(one, {large, large});
      }),
      "[broadcast_to] a result of shape (1099511627776,1099511627776): it would have more elements than "
      "memory can hold");
  EXPECT_THROW(broadcast_to(one, {large << 22}), ShapeError);
#if !defined(__SANITIZE_ADDRESS__)  // which ends the program instead
  EXPECT_THROW(broadcast_to(one, {large << 18}), std::bad_alloc);
#endif
}

TEST(Squeeze, LeavesOutAxesOfOne) {
  const Tensor<double> x = irregular({1, 3, 1, 2});
  EXPECT_EQ(squeeze(x).shape(), (Shape{3, 2}));
  EXPECT_EQ(squeeze(x, 0).shape(), (Shape{3, 1, 2}));
  EXPECT_EQ(squeeze(x, -2).shape(), (Shape{1, 3, 2}));
  EXPECT_EQ(squeeze(x, {0, 2}).shape(), (Shape{3, 2}));
  EXPECT_EQ(elements(squeeze(x)), elements(x));
  expect_right_gradients([](const auto& in) { return squeeze(in[0]) * squeeze(in[0], {0, 2}); }, {x});
  EXPECT_EQ(message_of<ShapeError>([&] {
              squeeze(x, {0, 1});
            }),
            "[squeeze] axis 1 of (1,3,1,2) has 3 elements: only an extent of 1 can be left out");
  EXPECT_EQ(message_of<ShapeError>([&] { squeeze(x, 4); }),
            "[squeeze] axis 4 of (1,3,1,2): expected -4 to 3");
}

TEST(ExpandDims, AddsAxesOfOne) {
  EXPECT_EQ(expand_dims(two_by_three, 0).shape(), (Shape{1, 2, 3}));
  EXPECT_EQ(expand_dims(two_by_three, -1).shape(), (Shape{2, 3, 1}));
  EXPECT_EQ(expand_dims(two_by_three, {1}).shape(), (Shape{2, 1, 3}));
  EXPECT_EQ(expand_dims(two_by_three, {0, -1}).shape(), (Shape{1, 2, 3, 1}));
  EXPECT_EQ(expand_dims(Tensor<double>(1), 0).shape(), Shape{1});
  expect_right_gradients([](const auto& in) { return expand_dims(in[0], 1) * expand_dims(in[0], {1}); },
                         {two_by_three});
  EXPECT_EQ(message_of<ShapeError>([] { expand_dims(two_by_three, 3); }),
            "[expand_dims] axis 3 of (2,3) and 1 more: expected -3 to 2");
  EXPECT_EQ(message_of<ShapeError>([] {
              expand_dims(two_by_three, {0, -4});
            }),
            "[expand_dims] axis -4 of (2,3) and 2 more: given twice");
  EXPECT_EQ(expand_dims(two_by_three, {}).shape(), two_by_three.shape());
}

TEST(Concatenate, JoinsAlongAnAxis) {
  const Tensor<double> a = two_by_three, b = Array2{{7, 8, 9}}, c = column_of({10, 20});
  EXPECT_EQ(elements(concatenate({a, b}, 0)), (Numbers{1, 2, 3, 4, 5, 6, 7, 8, 9}));
  EXPECT_EQ(concatenate({a, b}).shape(), (Shape{3, 3}));
  EXPECT_EQ(elements(concatenate({c, a, c}, 1)), (Numbers{10, 1, 2, 3, 10, 20, 4, 5, 6, 20}));
  EXPECT_EQ(concatenate({a, c}, -1).shape(), (Shape{2, 4}));
  EXPECT_EQ(concatenate(std::vector<Tensor<double>>{a}).shape(), (Shape{2, 3}));
  EXPECT_EQ(concatenate({a, Tensor<double>(empty_array<double>({0, 3}))}).shape(), (Shape{2, 3}));
  EXPECT_EQ(concatenate({a, Array2{{0, 0, 0}}}).shape(), (Shape{3, 3}));  // an array among tensors
  const Tensor<float> f = xt::xarray<float>{1, 2};
  EXPECT_EQ(elements(concatenate({f, f})), (Numbers{1, 2, 1, 2}));

  for (const int axis : {0, 1, 2})
    expect_right_gradients(
        [&](const auto& in) {
          return concatenate({in[0], in[1], in[0]}, axis);  // one of them twice
        },
        {irregular({2, 3, 2}), irregular({2, 3, 2}, 1)});
  expect_right_gradients(
      [](const auto& in) {
        return concatenate({in[0], in[1]}, 1) * 2;
      },
      {irregular({2, 3, 2}), irregular({2, 1, 2}, 1)});
}

TEST(Concatenate, NeedsTheOtherExtentsToBeTheSame) {
  const Tensor<double> a = two_by_three;
  EXPECT_EQ(message_of<ShapeError>([&] {
              concatenate({a, irregular({3, 3})}, 1);
            }),
            "[concatenate] (2,3) and (3,3) along axis 1: all other extents must be the same");
  EXPECT_EQ(message_of<ShapeError>([&] {
              concatenate({a, irregular({3})}, 1);
            }),
            "[concatenate] (2,3) and (3) along axis 1: all other extents must be the same");
  EXPECT_EQ(message_of<ShapeError>([&] {
              concatenate({a, a}, 2);
            }),
            "[concatenate] axis 2 of (2,3): expected -2 to 1");
  EXPECT_EQ(message_of<ShapeError>([&] { concatenate(std::vector<Tensor<double>>{}); }),
            "[concatenate] no tensors given: at least one is needed");
}

TEST(Stack, MakesANewAxis) {
  const Tensor<double> a = Array2{1, 2, 3}, b = Array2{4, 5, 6};
  EXPECT_EQ(elements(stack({a, b})), (Numbers{1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(stack({a, b}).shape(), (Shape{2, 3}));
  EXPECT_EQ(elements(stack({a, b}, 1)), (Numbers{1, 4, 2, 5, 3, 6}));
  EXPECT_EQ(elements(stack({a, b}, -1)), (Numbers{1, 4, 2, 5, 3, 6}));
  EXPECT_EQ(stack({two_by_three, two_by_three, two_by_three, two_by_three}, 1).shape(), (Shape{2, 4, 3}));
  EXPECT_EQ(stack(std::vector<Tensor<double>>{a, b}).shape(), (Shape{2, 3}));
  EXPECT_EQ(stack({Tensor<double>(1), Tensor<double>(2)}).shape(), Shape{2});
  for (const int axis : {0, 1, 2})
    expect_right_gradients(
        [&](const auto& in) {
          return stack({in[0], in[1], in[1]}, axis);
        },
        {two_by_three, irregular({2, 3})});
}

TEST(Stack, TakesScalarsToo) {
  const Scalar s = variable(2), t = variable(3);
  const Tensor<double> y = stack({s, t});
  EXPECT_EQ(elements(y), (Numbers{2, 3}));
  sum(y * stack(std::vector<Scalar>{t, t})).backward();
  EXPECT_EQ(s.grad(), 3);
  EXPECT_EQ(t.grad(), 2 + 3 + 3);
}

TEST(Stack, NeedsEqualShapes) {
  EXPECT_EQ(message_of<ShapeError>([] {
              stack({two_by_three, irregular({3, 2})});
            }),
            "[stack] (2,3) and (3,2): all shapes must be the same");
  EXPECT_EQ(message_of<ShapeError>([] {
              stack({two_by_three, two_by_three}, 3);
            }),
            "[stack] axis 3 of (2,3) and 1 more: expected -3 to 2");
}

TEST(Layout, EachCallIsOneStep) {
  const Tensor<double> x = exp(variable(column_of({1, 2}).value()));
  for (const Tensor<double>& y : {transpose(x), reshape(x, {2}), broadcast_to(x, {2, 2}), squeeze(x),
                                  expand_dims(x, 0), concatenate({x, x}), stack({x, x})})
    EXPECT_EQ(y.stage(), 2u);
  EXPECT_EQ(concatenate({x, exp(x)}).stage(), 3u);
  EXPECT_FALSE(concatenate({x.detach(), x.detach()}).requires_grad());
}

TEST(Layout, GradientsOfOnlySomePartsAreWanted) {
  const Tensor<double> x = variable(Array2{1, 2}), constant = Array2{3, 4};
  sum(concatenate({constant, x}) * xt::xarray<double>{1, 2, 3, 4}).backward();
  EXPECT_EQ(elements(x.grad()), (Numbers{3, 4}));
}

TEST(Layout, ResultsDoNotShareMemoryThatChanges) {
  const Tensor<double> x = variable(Array2{{1, 2}});
  const Tensor<double> y = reshape(x, {2}), z = squeeze(x);
  x.set_value(Array2{{5, 6}});
  EXPECT_EQ(elements(y), (Numbers{1, 2}));
  EXPECT_EQ(elements(z), (Numbers{1, 2}));
}

}  // namespace
}  // namespace gradus
