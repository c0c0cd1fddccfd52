#include <functional>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <gradus/gradus.hpp>

// Ops that compute their values by means of others are one step to a gradient check, too.
namespace gradus {
namespace {

using Tensors = std::vector<Tensor<double>>;

TEST(OffTheRecord, AnOpOfOthersIsNotBlamedForAWrongGradientBesideIt) {
  const std::vector<std::pair<std::string, std::function<Tensor<double>(const Tensor<double>&)>>> bystanders{
      {"norm", [](const Tensor<double>& x) { return norm(exp(x), {}, {.p = 3}); }},
      {"trace", [](const Tensor<double>& x) { return trace(exp(x)); }},
      {"pinv",
       [](const Tensor<double>& x) { return sum(pinv(exp(x) + Tensor<double>(xt::eye<double>(2)))); }},
      {"custom", [](const Tensor<double>& x) {
         return sum(custom_op(
             "custom", {exp(x)}, [](const Tensors& in) { return in[0] * in[0]; },
             [](const auto& g, const auto& in, const auto&) { return std::vector{flow(g, 2 * in[0])}; }));
       }}};
  for (const auto& [name, bystander] : bystanders) {
    // relu(x) - relu(-x) is x, of slope 1; each rule has chosen 0.
    const auto f = [&](const Tensors& in) { return sum(relu(in[0]) - relu(-in[0])) + bystander(in[0]); };
    const GradientCheck check = check_gradients(f, {variable(xt::xarray<double>{{0, 0.5}, {0.25, 1}})});
    EXPECT_EQ(check.count(Verdict::wrong), 1u) << check;
    EXPECT_FALSE(check.wrong_step()) << check;
    std::ostringstream text;
    text << check;
    EXPECT_EQ(text.str().find(name), std::string::npos) << check;
    EXPECT_NE(text.str().find("relu, step "), std::string::npos) << check;
  }
}

}  // namespace
}  // namespace gradus
