#include <gtest/gtest.h>

#include <gradus/nn/modules/batch_norm.hpp>
#include <gradus/nn/modules/check_module.hpp>
#include <gradus/nn/modules/dropout.hpp>
#include <gradus/nn/modules/linear.hpp>
#include <gradus/nn/modules/sequential.hpp>
#include <gradus/ops/custom.hpp>
#include <gradus/ops/elementwise.hpp>

namespace gradus::nn {
namespace {

/// y = w x, with a rule that says what it is told to.
struct Scaled {
  Tensor<double> w;
  double factor;  // of the gradient of w; 1 is right

  Tensor<double> operator()(const Tensor<double>& x) const {
    const double times = factor;
    return custom_op(
        "scaled", {w, x}, [](const auto& in) { return in[0] * in[1]; },
        [times](const auto& g, const auto& in, const auto&) {
          return std::vector{flow(g, times * in[1]), flow(g, in[0])};
        });
  }
  NamedParameters<double> named_parameters() const { return {{"w", w}}; }
};

TEST(CheckModule, FindsAWrongGradientOfAParameter) {
  const Tensor<double> w = variable(xt::xarray<double>{2, 3}), x = variable(xt::xarray<double>{-1, 5});
  for (const bool directional : {false, true}) {
    EXPECT_TRUE(check_module(Module<double>(Scaled{w, 1}), x, {.directional = directional}).ok());
    EXPECT_FALSE(check_module(Module<double>(Scaled{w, 1.01}), x, {.directional = directional}).ok());
  }
  const GradientCheck check = check_module(Module<double>(Scaled{w, 1.01}), x);
  EXPECT_EQ(check.size(), 4u);
  EXPECT_EQ(check.count(Verdict::wrong), 2u) << "those of w:\n" << check;
  EXPECT_EQ(check_module(Module<double>(Scaled{w, 1}), x.detach()).size(), 2u) << "x is no variable";
}

TEST(CheckModule, LeavesTheModuleAsItWas) {
  Rng rng{1};
  const Module<double> model =
      Sequential{Linear<double>{2, 3, rng}, BatchNorm1d<double>{3}, Dropout{0.5, rng}};
  const Tensor<double> x = variable(xt::xarray<double>{{1, 2}, {-1, 4}, {3, 0.5}});
  std::vector<Array<double>> before;
  for (const auto& each : model.parameters()) before.push_back(each.value());
  for (const auto& each : model.named_buffers()) before.push_back(each.buffer.value());
  const std::vector<std::uint64_t> drawn = model.named_states().back().state->rng->state();

  EXPECT_TRUE(check_module(model, x, {.check = {.tolerance = 1e-5}}).ok());

  std::size_t i = 0;
  for (const auto& each : model.parameters()) EXPECT_EQ(each.value(), before[i++]);
  for (const auto& each : model.named_buffers()) EXPECT_EQ(each.buffer.value(), before[i++]) << each.name;
  EXPECT_EQ(model.named_states().back().state->rng->state(), drawn);
  EXPECT_TRUE(model.named_states().back().state->training);
  EXPECT_FALSE(x.has_grad());
}

}  // namespace
}  // namespace gradus::nn
