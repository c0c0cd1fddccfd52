#include <cmath>

#include "../elementwise_ops.hpp"
#include "check_forward.hpp"
#include "op_cases.hpp"
#include <gtest/gtest.h>

// The elementwise ops on Scalars, against numerical differentiation: gradients, and gradients of gradients,
// which a sweep that is recorded makes by the same rules, and Jacobian-vector products.
namespace gradus::op_cases {
namespace {

using testing::BinaryOp;
using testing::UnaryOp;
using Scalars = std::vector<Scalar>;

template <class F>
void expect_right_gradients(const F& f, const Scalars& at) {
  const GradientCheck first = check_gradients(f, at);
  EXPECT_TRUE(first.ok()) << first;

  Scalars in;
  for (const Scalar& x : at) in.push_back(variable(x.value()));
  const Scalar y = f(in);
  const Scalars plain = grad(y, in, {.retain_graph = true}), recorded = grad(y, in, {.create_graph = true});
  for (std::size_t i = 0; i < in.size(); ++i)
    EXPECT_NEAR(recorded[i].value(), plain[i].value(), 1e-12 * std::max(1.0, std::abs(plain[i].value())));

  const auto slopes = [&](const Scalars& x) {
    Scalar sum = 0.0;
    double weight = 0.7;
    for (const Scalar& g : grad(f(x), x, {.create_graph = true})) sum += g * std::exchange(weight, 1.3);
    return sum;
  };
  const GradientCheck second =
      check_gradients(slopes, at, {.stencil = Stencil::five_point, .tolerance = 1e-4});
  EXPECT_TRUE(second.ok()) << "second order: " << second;
  check_forward(OfScalars(f), at);
}

class UnaryOpOnScalars : public ::testing::TestWithParam<const UnaryOp*> {};

TEST_P(UnaryOpOnScalars, HasRightGradients) {
  const UnaryOp& op = *GetParam();
  Rng rng(7);
  for (int i = 0; i < 24; ++i)
    expect_right_gradients([&](const Scalars& in) { return op(in[0]) * in[0] + op(in[0]); },
                           {draw(op.domain, op.kinks, rng)});
}

class BinaryOpOnScalars : public ::testing::TestWithParam<const BinaryOp*> {};

TEST_P(BinaryOpOnScalars, HasRightGradientsInEveryForm) {
  const BinaryOp& op = *GetParam();
  const double apart = op.kink_at_equal ? 7.03 : 0;
  Rng rng(7);
  for (int i = 0; i < 24; ++i)
    expect_right_gradients(
        [&](const Scalars& in) { return op(in[0], in[1]) * in[0] + op(in[0], 0.4) * op(2.3, abs(in[1])); },
        {draw(op.domain, op.kinks, rng), draw(op.second_domain, {}, rng) + apart});
}

template <class Op>
std::vector<const Op*> pointers(const std::vector<Op>& ops) {
  std::vector<const Op*> result;
  for (const Op& op : ops) result.push_back(&op);
  return result;
}
const auto name_of = [](const auto& param_info) { return std::string(param_info.param->name); };
INSTANTIATE_TEST_SUITE_P(Ops, UnaryOpOnScalars, ::testing::ValuesIn(pointers(testing::unary_ops())), name_of);
INSTANTIATE_TEST_SUITE_P(Ops, BinaryOpOnScalars, ::testing::ValuesIn(pointers(testing::binary_ops())),
                         name_of);

}  // namespace
}  // namespace gradus::op_cases
