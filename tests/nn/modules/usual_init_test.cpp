#include <cmath>

#include <gtest/gtest.h>

#include <gradus/nn/modules/mlp.hpp>
#include <gradus/nn/modules/usual_init.hpp>

namespace gradus::nn {
namespace {

bool is_he(Activation next) {
  Rng first{3}, second{3};
  return usual_init(next)(Shape{8, 5}, first) == init::he()(Shape{8, 5}, second);
}
bool is_xavier(Activation next) {
  Rng first{3}, second{3};
  return usual_init(next)(Shape{8, 5}, first) == init::xavier()(Shape{8, 5}, second);
}

TEST(UsualInit, IsHeWhereAboutHalfOfASignalGoesThrough) {
  for (const Activation each :
       {Activation::relu, Activation::relu6, Activation::leaky_relu, Activation::gelu, Activation::gelu_tanh,
        Activation::silu, Activation::mish, Activation::hard_swish, Activation::elu}) {
    EXPECT_TRUE(is_he(each)) << activation_name(each);
    xt::xarray<double> ends{-5.0, 5.0};
    const Tensor<double> y = activate(each, Tensor<double>(ends));
    EXPECT_LT(std::abs(y.data()[0]), 1.01) << activation_name(each);  // it does not follow its input there
    EXPECT_GT(y.data()[1], 4.8) << activation_name(each);
  }
}

TEST(UsualInit, IsXavierElsewhere) {
  for (const Activation each :
       {Activation::identity, Activation::tanh, Activation::sigmoid, Activation::softsign,
        Activation::hard_tanh, Activation::softmax, Activation::softplus})
    EXPECT_TRUE(is_xavier(each)) << activation_name(each);
}

TEST(UsualInit, IsWhatAnMlpTakes) {
  Rng first{7}, second{7};
  const MLP<double> mlp{{6, 4, 2}, Activation::gelu, first};
  EXPECT_EQ(mlp.layers()[0].weight().value(), init::he()(Shape{6, 4}, second));
  EXPECT_EQ(mlp.layers()[1].weight().value(), init::xavier()(Shape{4, 2}, second));
}

}  // namespace
}  // namespace gradus::nn
