#include <string>
#include <thread>

#include <gtest/gtest.h>

#include <gradus/core/backward.hpp>
#include <gradus/core/no_grad.hpp>
#include <gradus/core/scope.hpp>
#include <gradus/ops/elementwise.hpp>
#include <gradus/ops/reduce.hpp>

namespace gradus {
namespace {

TEST(Scope, IsRememberedByTheStepsRecordedInIt) {
  const auto x = variable(xt::xarray<double>{1, 2});
  const Tensor<double> outside = x * 2;
  Tensor<double> outer, inner, after;
  {
    const Scope encoder{"encoder"};
    outer = tanh(x);
    {
      const Scope layer{"0"};
      EXPECT_EQ(current_scope(), "encoder.0");
      inner = exp(outer);
    }
    after = sum(inner);
  }
  EXPECT_EQ(outside.scope(), "");
  EXPECT_EQ(outer.scope(), "encoder");
  EXPECT_EQ(inner.scope(), "encoder.0");
  EXPECT_EQ(after.scope(), "encoder");
  EXPECT_EQ(x.scope(), "") << "variables stand outside";
  EXPECT_EQ(current_scope(), "");
}

TEST(Scope, OfConstantsIsNone) {
  const Scope scope{"layer"};
  const NoGrad off;
  EXPECT_EQ(exp(variable(xt::xarray<double>{1})).scope(), "");
}

TEST(Scope, ClosesWhenAnExceptionPasses) {
  EXPECT_THROW(
      {
        const Scope scope{"layer"};
        throw ValueError("");
      },
      ValueError);
  EXPECT_EQ(current_scope(), "");
}

TEST(Scope, BelongsToItsThread) {
  const Scope scope{"mine"};
  std::string seen = "unset";
  std::thread([&] { seen = current_scope(); }).join();
  EXPECT_EQ(seen, "");
}

TEST(Scope, OpenedTwiceIsTwo) {
  const auto x = variable(xt::xarray<double>{1, 2});
  Tensor<double> first, second;
  for (Tensor<double>* y : {&first, &second}) {
    const Scope scope{"cell"};
    *y = tanh(x);
  }
  EXPECT_EQ(first.scope(), second.scope());
  EXPECT_NE(first.node()->scope.get(), second.node()->scope.get());
}

}  // namespace
}  // namespace gradus
