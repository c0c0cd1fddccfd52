#include "op_cases.hpp"

// Derivatives of gradients that a recorded sweep has made, of every op, against numerical differentiation.
namespace {

using namespace gradus;
using namespace gradus::op_cases;

/// Numbers that no symmetry cancels.
Tensor<double> weights(const Shape& shape) {
  Rng rng{count(shape)};
  return draw_tensor<double>(shape, {0.5, 1.5}, rng);
}

/// The recorded sweep must find what the plain one finds, and its own gradient must be right.
template <class F>
void expect_second_order(const F& f, const Tensors& inputs) {
  Tensors variables;
  for (const Tensor<double>& x : inputs) variables.push_back(variable(x.value()));
  const Tensor<double> y = f(variables);
  const Tensors plain = grad(y, variables, weights(y.shape()), {.retain_graph = true}),
                recorded = grad(y, variables, weights(y.shape()), {.create_graph = true});
  for (std::size_t i = 0; i < plain.size(); ++i)
    for (std::size_t k = 0; k < plain[i].size(); ++k)
      EXPECT_NEAR(recorded[i].data()[k], plain[i].data()[k],
                  1e-12 * std::max(1.0, std::abs(plain[i].data()[k])));
  const SecondOrderCheck check =
      gradus::check_second_order(f, inputs, {.stencil = Stencil::five_point, .tolerance = 1e-4});
  EXPECT_TRUE(check.ok()) << text(check.first) << text(check.second);
}

void check_unary(const UnaryOp& op) {
  Rng rng(7);
  for (const Shape& shape : shapes())
    expect_second_order([&](const Tensors& in) { return op(in[0]) * in[0] + op(in[0]); },
                        {draw_tensor<double>(shape, op.domain, rng, op.kinks)});
  for (int i = 0; i < 10; ++i) {
    const Scalar x = draw(op.domain, op.kinks, rng);
    const auto slope = [&](const std::vector<Scalar>& in) {
      return grad(op(in[0]) * in[0] + op(in[0]), in, {.create_graph = true})[0];
    };
    const GradientCheck check =
        check_gradients(slope, {x}, {.stencil = Stencil::five_point, .tolerance = 1e-4});
    EXPECT_TRUE(check.ok()) << text(check);
  }
}

void check_binary(const BinaryOp& op) {
  Rng rng(7);
  const double apart = op.kink_at_equal ? 7.03 : 0;
  const rules::Domain first = op.domain, second{op.second_domain.low + apart, op.second_domain.high + apart};
  for (const auto& [a, b] : broadcast_pairs())
    expect_second_order([&](const Tensors& in) { return op(in[0], in[1]) * in[0]; },
                        {draw_tensor<double>(a, first, rng, op.kinks), draw_tensor<double>(b, second, rng)});
  for (int i = 0; i < 10; ++i) {
    const std::vector<Scalar> in{draw(first, op.kinks, rng), draw(second, std::array<double, 0>{}, rng)};
    const auto slopes = [&](const std::vector<Scalar>& v) {
      const Scalar y = op(v[0], v[1]) * v[0] + op(v[0], 0.4) * op(2.3, abs(v[1]));
      const std::vector<Scalar> g = grad(y, v, {.create_graph = true});
      return g[0] * 0.7 + g[1] * 1.3;
    };
    const GradientCheck check =
        check_gradients(slopes, in, {.stencil = Stencil::five_point, .tolerance = 1e-4});
    EXPECT_TRUE(check.ok()) << text(check);
  }
}

#define GRADUS_TEST(function, Rule)                                                \
  TEST(SecondOrder, function) {                                                    \
    check_unary(unary_op<rules::Rule>([](const auto& x) { return function(x); })); \
  }
GRADUS_UNARY_OPS(GRADUS_TEST)
#undef GRADUS_TEST

#define GRADUS_TEST(function, Rule)                                                                    \
  TEST(SecondOrder, function) {                                                                        \
    check_binary(binary_op<rules::Rule>([](const auto& a, const auto& b) { return function(a, b); })); \
  }
GRADUS_BINARY_OPS(GRADUS_TEST)
#undef GRADUS_TEST

#define GRADUS_TEST(function)                                                          \
  TEST(SecondOrderOfTensors, function) {                                               \
    Rng rng(7);                                                                        \
    for (const Case& c : cases_of_##function(rng)) expect_second_order(c.f, c.inputs); \
  }
GRADUS_TENSOR_OPS(GRADUS_TEST)
#undef GRADUS_TEST

}  // namespace
