#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <gradus/core/array.hpp>
#include <gradus/core/broadcast.hpp>
#include <gradus/core/error.hpp>

namespace gradus {
namespace {

template <class F>
std::string message_of(const F& f) {
  try {
    f();
  } catch (const ShapeError& error) {
    return error.what();
  }
  return "no error";
}

TEST(Shapes, AreCountedAndWritten) {
  EXPECT_EQ(count(Shape{}), 1u);
  EXPECT_EQ(count(Shape{2, 3}), 6u);
  EXPECT_EQ(count(Shape{2, 0, 3}), 0u);
  EXPECT_EQ(to_string(Shape{}), "()");
  EXPECT_EQ(to_string(Shape{7}), "(7)");
  EXPECT_EQ(to_string(Shape{2, 3}), "(2,3)");
}

TEST(Shapes, ACountThatDoesNotFitIsAnError) {
  const std::size_t half = std::size_t{1} << 31, whole = half * half;
  EXPECT_EQ(count(Shape{half, half / 8}), whole / 8);
  for (const Shape& shape :
       {Shape{half, half, 2}, {half, half / 4}, {half, half, half, half}, {half, 0, half, half}, {whole / 2}})
    EXPECT_THROW(count(shape), ShapeError) << to_string(shape);
  EXPECT_EQ(
      message_of([&] {
        count(Shape{2, whole}, "reshape");
      }),
      "[reshape] a result of shape (2,4611686018427387904): it would have more elements than memory can "
      "hold");
  EXPECT_EQ(
      message_of([&] {
        broadcast_shapes("add", {half * 2, 1}, {half});
      }),
      "[add] a result of shape (4294967296,2147483648): it would have more elements than memory can hold");
}

TEST(Shapes, NoArrayIsMadeOfOneThatDoesNotFit) {
  const std::size_t half = std::size_t{1} << 32;
  for (const Shape& shape : {Shape{half, half}, {half, half, 0}}) {
    EXPECT_THROW(empty_array<double>(shape), ShapeError) << to_string(shape);
    EXPECT_THROW(full_array<float>(shape, 0), ShapeError) << to_string(shape);
  }
  for (const std::size_t size : {std::size_t{1} << 60, (std::size_t{1} << 61) - 1, std::size_t{1} << 62})
    EXPECT_THROW(empty_array<double>({size}), ShapeError) << size;  // there are no so many bytes
#if !defined(__SANITIZE_ADDRESS__)                                  // which ends the program instead
  EXPECT_THROW(empty_array<double>({(std::size_t{1} << 60) - 1}), std::bad_alloc);
  EXPECT_THROW(empty_array<double>({std::size_t{1} << 45}), std::bad_alloc);
#endif
}

TEST(BroadcastShapes, FollowNumPy) {
  struct Case {
    Shape a, b, expected;
  };
  for (const Case& c : {Case{{}, {}, {}},
                        {{}, {3}, {3}},
                        {{2, 3}, {3}, {2, 3}},
                        {{2, 1}, {1, 3}, {2, 3}},
                        {{3, 1}, {2, 1, 4}, {2, 3, 4}},
                        {{1}, {0}, {0}},
                        {{5, 1, 7}, {5, 6, 1}, {5, 6, 7}}}) {
    EXPECT_EQ(broadcast_shapes("add", c.a, c.b), c.expected) << to_string(c.a) << to_string(c.b);
    EXPECT_EQ(broadcast_shapes("add", c.b, c.a), c.expected) << to_string(c.b) << to_string(c.a);
  }
}

TEST(BroadcastShapes, NameTheAxisThatDoesNotFit) {
  EXPECT_EQ(message_of([] {
              broadcast_shapes("add", {2, 3}, {4, 5});
            }),
            "[add] (2,3) and (4,5) do not broadcast: axis -1 has 3 and 5");
  EXPECT_EQ(message_of([] {
              broadcast_shapes("mul", {4, 3}, {7, 5, 3});
            }),
            "[mul] (4,3) and (7,5,3) do not broadcast: axis -2 has 4 and 5");
  EXPECT_EQ(message_of([] { broadcast_shapes("sub", {0}, {2}); }),
            "[sub] (0) and (2) do not broadcast: axis -1 has 0 and 2");
}

TEST(NormalizeAxes, CountFromEitherEndAndSort) {
  EXPECT_EQ(normalize_axes("sum", {2, 3, 4}, {-1, 0}), (std::vector<std::size_t>{0, 2}));
  EXPECT_EQ(normalize_axes("sum", {2, 3, 4}, {}), (std::vector<std::size_t>{}));
}

TEST(NormalizeAxes, RejectWhatIsNoAxisOrGivenTwice) {
  EXPECT_EQ(message_of([] {
              normalize_axes("sum", {2, 3}, {2});
            }),
            "[sum] axis 2 of (2,3): expected -2 to 1");
  EXPECT_EQ(message_of([] {
              normalize_axes("max", {2, 3}, {-3});
            }),
            "[max] axis -3 of (2,3): expected -2 to 1");
  EXPECT_EQ(message_of([] {
              normalize_axes("sum", {2, 3}, {1, -1});
            }),
            "[sum] axis -1 of (2,3): given twice");
  EXPECT_EQ(message_of([] { normalize_axes("sum", {}, {0}); }),
            "[sum] axis 0 of (): a single number has no axes");
}

struct PlanCase {
  Shape a, b;
  std::vector<std::vector<std::size_t>> axes;  // extent, stride of a, stride of b
};

TEST(BroadcastPlan, NeighbouringAxesThatAdvanceAlikeAreOne) {
  for (const PlanCase& c : {PlanCase{{}, {}, {{1, 1, 1}}},
                            {{2, 3, 4}, {2, 3, 4}, {{24, 1, 1}}},
                            {{2, 3, 4}, {}, {{24, 1, 0}}},
                            {{}, {2, 3}, {{6, 0, 1}}},
                            {{5, 2, 3}, {2, 3}, {{5, 6, 0}, {6, 1, 1}}},
                            {{5, 2, 3}, {5, 1, 1}, {{5, 6, 1}, {6, 1, 0}}},
                            {{5, 1}, {1, 7}, {{5, 1, 0}, {7, 0, 1}}},
                            {{1, 8}, {1, 8}, {{8, 1, 1}}},
                            {{2, 3, 4}, {3, 1}, {{2, 12, 0}, {3, 4, 1}, {4, 1, 0}}}}) {
    const Shape y = broadcast_shapes("add", c.a, c.b);
    const BroadcastPlan plan = make_broadcast_plan(c.a, c.b, y);
    std::vector<std::vector<std::size_t>> axes;
    for (const auto& axis : plan.axes) axes.push_back({axis.extent, axis.a_stride, axis.b_stride});
    EXPECT_EQ(axes, c.axes) << to_string(c.a) << to_string(c.b);
    EXPECT_EQ(plan.size, count(y));
  }
}

TEST(BroadcastPlan, BothOperandsMayBeStretched) {
  const BroadcastPlan plan = make_broadcast_plan({3}, {1}, {2, 3});
  EXPECT_EQ(plan.size, 6u);
  ASSERT_EQ(plan.axes.size(), 2u);
  EXPECT_EQ(plan.axes[0].a_stride, 0u);
  EXPECT_EQ(plan.inner().a_stride, 1u);
  EXPECT_EQ(plan.inner().b_stride, 0u);
}

}  // namespace
}  // namespace gradus
