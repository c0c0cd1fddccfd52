#include "op_cases.hpp"

#include <gradus/ops/op_codes.hpp>

// The local-gradient rule of every op, against numerical differentiation.
namespace {

using namespace gradus;
using namespace gradus::op_cases;

void check_unary(const UnaryOp& op) {
  Rng rng(7);
  for (const Shape& shape : shapes()) {
    const Tensor<double> x = draw_tensor<double>(shape, op.domain, rng, op.kinks);
    const GradientCheck once = check_gradients([&](const Tensors& in) { return op(in[0]); }, {x});
    EXPECT_TRUE(once.ok()) << to_string(shape) << ' ' << text(once);
    const GradientCheck twice =
        check_gradients([&](const Tensors& in) { return op(in[0]) * in[0] + op(in[0]); }, {x});
    EXPECT_TRUE(twice.ok()) << to_string(shape) << " used twice " << text(twice);
    const Tensor<float> f = draw_tensor<float>(shape, op.domain, rng, op.kinks);
    const GradientCheck single =
        check_gradients([&](const std::vector<Tensor<float>>& in) { return op(in[0]); }, {f});
    EXPECT_TRUE(single.ok()) << to_string(shape) << " float " << text(single);
  }
  for (int i = 0; i < 24; ++i) {
    const Scalar x = draw(op.domain, op.kinks, rng);
    const GradientCheck check =
        check_gradients([&](const std::vector<Scalar>& in) { return op(in[0]) * in[0] + op(in[0]); }, {x});
    EXPECT_TRUE(check.ok()) << text(check);
  }
}

void check_binary(const BinaryOp& op) {
  Rng rng(7);
  const auto second = [&](const Shape& shape, const auto& type) {
    using T = std::decay_t<decltype(type)>;
    Tensor<T> b = draw_tensor<T>(shape, op.second_domain, rng);
    return op.kink_at_equal ? (b + T(7.03)).detach() : b;  // larger throughout; the other order is below
  };
  for (const auto& [first_shape, second_shape] : broadcast_pairs()) {
    const std::string where = to_string(first_shape) + " and " + to_string(second_shape) + ' ';
    const Tensor<double> a = draw_tensor<double>(first_shape, op.domain, rng, op.kinks),
                         b = second(second_shape, 1.0);
    const GradientCheck check = check_gradients([&](const Tensors& in) { return op(in[0], in[1]); }, {a, b});
    EXPECT_TRUE(check.ok()) << where << text(check);
    if (op.kink_at_equal) {
      const GradientCheck swapped =
          check_gradients([&](const Tensors& in) { return op(in[1], in[0]); }, {a, b});
      EXPECT_TRUE(swapped.ok()) << where << text(swapped);
    }
    const Tensor<float> c = draw_tensor<float>(first_shape, op.domain, rng, op.kinks),
                        d = second(second_shape, 1.0F);
    const GradientCheck single =
        check_gradients([&](const std::vector<Tensor<float>>& in) { return op(in[0], in[1]); }, {c, d});
    EXPECT_TRUE(single.ok()) << where << "float " << text(single);
  }
  for (const Shape& shape : shapes()) {
    const Tensor<double> x = draw_tensor<double>(shape, Domain{1.2, 2}, rng);
    const GradientCheck same =
        check_gradients([&](const Tensors& in) { return op(in[0], in[0] * in[0]); }, {x});
    EXPECT_TRUE(same.ok()) << to_string(shape) << " used twice " << text(same);
    const GradientCheck number =
        check_gradients([&](const Tensors& in) { return op(in[0], 0.4) * 3.0 + op(2.3, in[0]); }, {x});
    EXPECT_TRUE(number.ok()) << to_string(shape) << " with numbers " << text(number);
  }
  for (int i = 0; i < 24; ++i) {
    const std::vector<Scalar> in{
        draw(op.domain, op.kinks, rng),
        draw(op.second_domain, std::array<double, 0>{}, rng) + (op.kink_at_equal ? 7.03 : 0.0)};
    const auto all_forms = [&](const std::vector<Scalar>& v) {
      return op(v[0], v[1]) + op(v[0], 0.4) * op(2.3, abs(v[1]));
    };
    const GradientCheck check = check_gradients(all_forms, in);
    EXPECT_TRUE(check.ok()) << text(check);
  }
}

#define GRADUS_TEST(function, Rule)                                                \
  TEST(UnaryGradients, function) {                                                 \
    check_unary(unary_op<rules::Rule>([](const auto& x) { return function(x); })); \
  }
GRADUS_UNARY_OPS(GRADUS_TEST)
#undef GRADUS_TEST

#define GRADUS_TEST(function, Rule)                                                                    \
  TEST(BinaryGradients, function) {                                                                    \
    check_binary(binary_op<rules::Rule>([](const auto& a, const auto& b) { return function(a, b); })); \
  }
GRADUS_BINARY_OPS(GRADUS_TEST)
#undef GRADUS_TEST

#define GRADUS_TEST(function)                                              \
  TEST(TensorOpGradients, function) {                                      \
    Rng rng(7);                                                            \
    std::size_t number = 0;                                                \
    for (const Case& c : cases_of_##function(rng)) {                       \
      const GradientCheck check = check_gradients(c.f, c.inputs);          \
      EXPECT_TRUE(check.ok()) << "case " << number << ": " << text(check); \
      ++number;                                                            \
    }                                                                      \
    EXPECT_GT(number, 0U);                                                 \
  }
GRADUS_TENSOR_OPS(GRADUS_TEST)
#undef GRADUS_TEST

// The text of a rule serves graph handles too: its derivative, computed on Scalars, has the same value and
// can be differentiated again.
template <class Rule>
void check_rule_on_handles() {
  Rng rng(7);
  for (int i = 0; i < 10; ++i) {
    const double at = draw(Rule::domain, Rule::kinks, rng);
    const Scalar x = variable(at);
    const Scalar slope = Rule::dx(x, Rule::forward(x));
    EXPECT_NEAR(slope.value(), Rule::dx(at, Rule::forward(at)),
                1e-14 * std::max(1.0, std::abs(slope.value())));
    if (!slope.requires_grad()) continue;  // a constant slope
    const double second = numerical_derivative([](double v) { return Rule::dx(v, Rule::forward(v)); }, at);
    EXPECT_NEAR(grad(slope, {x})[0].value(), second, 1e-5 * std::max(1.0, std::abs(second)));
  }
}
#define GRADUS_TEST(function, Rule) \
  TEST(RulesOnHandles, function) { check_rule_on_handles<rules::Rule>(); }
GRADUS_UNARY_OPS(GRADUS_TEST)
#undef GRADUS_TEST

template <class Rule>
void check_binary_rule_on_handles() {
  Rng rng(7);
  for (int i = 0; i < 10; ++i) {
    const double first = draw(Rule::domain, std::array<double, 0>{}, rng),
                 second = draw(Rule::second_domain, std::array<double, 0>{}, rng);
    const Scalar a = variable(first), b = variable(second), y = Rule::forward(a, b);
    const double slopes[] = {Rule::da(a, b, y).value(), Rule::db(a, b, y).value()},
                 expected[] = {Rule::da(first, second, y.value()), Rule::db(first, second, y.value())};
    for (int side = 0; side < 2; ++side) {
      if (std::isnan(expected[side])) continue;  // the logarithm of a negative base
      EXPECT_NEAR(slopes[side], expected[side], 1e-14 * std::max(1.0, std::abs(expected[side])));
    }
  }
}
#define GRADUS_TEST(function, Rule) \
  TEST(RulesOnHandles, function) { check_binary_rule_on_handles<rules::Rule>(); }
GRADUS_BINARY_OPS(GRADUS_TEST)
#undef GRADUS_TEST

}  // namespace
