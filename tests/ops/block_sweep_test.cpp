#include "../thread_scope.hpp"
#include "tensor_values.hpp"
#include <gtest/gtest.h>

#include <gradus/gradus.hpp>

// Sweeping large elementwise steps in blocks. What they give is compared, to the bit, with the same
// expression over a few rows at a time: so little is swept step by step.
namespace gradus {
namespace {

using detail::smallest_in_blocks;
using testing::Threads;

constexpr std::size_t columns = 500, rows_at_once = 50;
static_assert(rows_at_once * columns < smallest_in_blocks);

/// Less than two blocks, several with a rest, enough for three threads. In rows.
const std::vector<std::size_t> heights{66, 201, 450};

template <class T>
Tensor<T> rows_of(const Tensor<T>& x, std::size_t first, std::size_t n) {
  Array<T> part = empty_array<T>({n, columns});
  std::copy_n(x.data() + first * columns, n * columns, part.data());
  return Tensor<T>(std::move(part));
}

/// One step: an op on one or two earlier tensors.
struct TestStep {
  std::size_t op, i, j;
};

/// A random expression of two variables, and which of its steps keep their gradients.
struct Program {
  std::vector<TestStep> steps;
  std::vector<bool> keeps;
  bool sums_up;  // the root is a sum, so that the gradient arrives as one number
};

/// Every way a gradient can flow: passed on, multiplied, beside a number, a row, an operand used twice.
template <class T>
Tensor<T> apply(const TestStep& step, const std::vector<Tensor<T>>& x, const Tensor<T>& row) {
  const Tensor<T>&a = x[step.i], &b = x[step.j];
  switch (step.op) {
    case 0:
      return a + b;
    case 1:
      return a - b;
    case 2:
      return a * b;
    case 3:
      return a / b;
    case 4:
      return maximum(a, b);
    case 5:
      return tanh(a);
    case 6:
      return sigmoid(a);
    case 7:
      return exp(-a);
    case 8:
      return relu(a);
    case 9:
      return 2.0 - a;
    case 10:
      return a * T(0.3);
    case 11:
      return log(a);
    case 12:
      return a * row;
    case 13:
      return a + row;
    case 14:
      return pow(a, 2);
    case 15:
      return clip(a, -0.5, 0.5);
    default:
      return abs(a).detach() * b;
  }
}
constexpr std::size_t op_count = 17;

Program random_program(Rng& rng, std::size_t length) {
  const auto below = [&](std::size_t n) {
    return static_cast<std::size_t>(rng.uniform(0, 1) * static_cast<double>(n)) % n;
  };
  Program program;
  program.sums_up = below(2) == 0;
  for (std::size_t k = 0; k < length; ++k) {
    const std::size_t recent = std::min<std::size_t>(k + 2, 6), from = k + 2 - recent;
    program.steps.push_back({below(op_count), from + below(recent), from + below(recent)});
    program.keeps.push_back(below(6) == 0);
  }
  return program;
}

/// What a sweep leaves behind: gradients of the variables, then of the steps that keep them.
template <class T>
std::vector<std::vector<T>> run(const Program& program, const std::vector<Tensor<T>>& inputs,
                                const Tensor<T>& row, const Tensor<T>& seed) {
  std::vector<Tensor<T>> x;
  for (const Tensor<T>& input : inputs) x.push_back(variable(input.value()));
  for (std::size_t k = 0; k < program.steps.size(); ++k) {
    x.push_back(apply(program.steps[k], x, row));
    if (program.keeps[k] && x.back().requires_grad()) x.back().retain_grad();
  }
  const Tensor<T> root = x.back() + x[0];
  for (int times = 0; times < 2; ++times) {
    if (program.sums_up)
      backward(sum(root), {.retain_graph = true});
    else
      backward(root, seed, {.retain_graph = true});
  }
  std::vector<std::vector<T>> gradients;
  for (std::size_t k = 0; k < x.size(); ++k)
    if (k < inputs.size() || x[k].has_grad())
      gradients.emplace_back(x[k].grad().begin(), x[k].grad().end());
    else
      gradients.emplace_back();
  return gradients;
}

template <class T>
std::vector<std::vector<T>> run_in_pieces(const Program& program, const std::vector<Tensor<T>>& inputs,
                                          const Tensor<T>& row, const Tensor<T>& seed) {
  std::vector<std::vector<T>> all(inputs.size() + program.steps.size());
  const std::size_t height = seed.shape()[0];
  for (std::size_t first = 0; first < height; first += rows_at_once) {
    const std::size_t n = std::min(rows_at_once, height - first);
    std::vector<Tensor<T>> parts;
    for (const Tensor<T>& input : inputs) parts.push_back(rows_of(input, first, n));
    const auto gradients = run(program, parts, row, rows_of(seed, first, n));
    for (std::size_t k = 0; k < all.size(); ++k)
      all[k].insert(all[k].end(), gradients[k].begin(), gradients[k].end());
  }
  return all;
}

template <class T>
std::size_t first_difference(const std::vector<T>& got, const std::vector<T>& expected) {
  std::size_t i = 0;
  while (i < got.size() && (got[i] == expected[i] || (std::isnan(got[i]) && std::isnan(expected[i])))) ++i;
  return i;
}

template <class T>
void expect_same(const Program& program, std::size_t height, const std::string& what) {
  const std::vector<Tensor<T>> inputs{irregular<T>({height, columns}), irregular<T>({height, columns}, 0.7)};
  const Tensor<T> row = variable(irregular<T>({columns}, 0.2).value());
  const Tensor<T> seed = irregular<T>({height, columns}, 0.4);
  const auto expected = run_in_pieces(program, inputs, row, seed);
  for (const int threads : {1, 2, 3}) {
    const Threads scope(threads);
    const auto got = run(program, inputs, row, seed);
    for (std::size_t k = 0; k < got.size(); ++k) {
      ASSERT_EQ(got[k].size(), expected[k].size()) << what << ", tensor " << k;
      ASSERT_EQ(first_difference(got[k], expected[k]), got[k].size())
          << what << ", tensor " << k << ", threads " << threads;
    }
  }
}

TEST(BlockSweep, GivesTheBitsOfSingleSteps) {
  Rng rng{7};
  for (int round = 0; round < 10; ++round) {
    const Program program = random_program(rng, round < 9 ? 12 : 150);
    const std::size_t height = heights[static_cast<std::size_t>(round) % heights.size()];
    const std::string what = "round " + std::to_string(round);
    expect_same<float>(program, height, what + ", float");
    expect_same<double>(program, height, what + ", double");
  }
}

/// A shape of more than one block.
const Shape large{90, columns};
static_assert(90 * columns > smallest_in_blocks);

TEST(BlockSweep, OfABroadcastOperandSumsItsGradient) {
  const Tensor<double> x = variable(irregular(large).value()), row = variable(irregular({columns}).value());
  sum(square(tanh(x) * row + exp(x))).backward();
  std::vector<double> expected(columns);
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double v = x.data()[i], t = std::tanh(v);
    expected[i % columns] += 2 * (t * row.data()[i % columns] + std::exp(v)) * t;
  }
  for (std::size_t j = 0; j < columns; ++j)
    EXPECT_NEAR(row.grad()(j), expected[j], 1e-10 * std::abs(expected[j]) + 1e-11);
}

TEST(BlockSweep, AddsToWhatAVariableHasCollectedAndLeavesSharedGradientsAlone) {
  const Tensor<double> a = variable(irregular(large).value()), b = variable(irregular(large, 1).value());
  const Tensor<double> seed = irregular(large, 0.5);
  backward(a + b, seed);  // a and b may share one gradient now
  const Array<double> before = b.grad();
  backward(tanh(a) * 2.0, seed);
  EXPECT_EQ(elements(b.grad()), elements(before));
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double t = std::tanh(a.data()[i]), g = seed.data()[i];
    ASSERT_NEAR(a.grad().data()[i], g + 2 * g * (1 - t * t), 1e-12) << i;
  }
  EXPECT_EQ(elements(seed), elements(irregular(large, 0.5)));
}

TEST(BlockSweep, LeavesGradientsOfTheFreeGradInNoNode) {
  const Tensor<double> x = variable(irregular(large).value());
  const Tensor<double> middle = tanh(x), root = sum(middle * middle + exp(middle));
  const auto gradients = grad(root, {middle, x});
  EXPECT_FALSE(x.has_grad());
  EXPECT_FALSE(middle.has_grad());
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double m = middle.data()[i], g = 2 * m + std::exp(m);
    ASSERT_NEAR(gradients[0].data()[i], g, 1e-12) << i;
    ASSERT_NEAR(gradients[1].data()[i], g * (1 - m * m), 1e-12) << i;
  }
}

TEST(BlockSweep, AbsorbsZeros) {
  Array<double> values = irregular(large).value();
  for (std::size_t i = 0; i < values.size(); i += 3)
    values.data()[i] = 0;  // where log and sqrt have no slope
  const Tensor<double> x = variable(values);
  sum(where(xt::not_equal(values, 0.0), log(abs(x)) + sqrt(abs(x)), exp(x))).backward();
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double v = values.data()[i], slope = 1 / v + 0.5 / std::copysign(std::sqrt(std::abs(v)), v);
    ASSERT_NEAR(x.grad().data()[i], v == 0 ? 1 : slope, 1e-12 * std::abs(slope) + 1e-12) << i;
  }
}

TEST(BlockSweep, StopsWhereAVariableWasChanged) {
  const Tensor<double> x = variable(irregular(large).value());
  const Tensor<double> root = sum(tanh(x) * exp(x));
  x.set_value(irregular(large, 2).value());
  EXPECT_THROW(root.backward(), GraphError);
  EXPECT_FALSE(x.has_grad());
}

}  // namespace
}  // namespace gradus
