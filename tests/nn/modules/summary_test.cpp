#include <sstream>

#include "every_module.hpp"
#include <gtest/gtest.h>

#include <gradus/ops/elementwise.hpp>

namespace gradus::nn {
namespace {

Sequential<float> small_model(Rng& rng) {
  return {{"fc", Linear{784, 50, rng}},
          {"norm", BatchNorm1d{50}},
          {"drop", Dropout{0.5, rng}},
          {"block", Residual{Sequential{Linear{50, 50, rng, {.bias = false}}, ReLU{}}}},
          {"head", MLP{{50, 20, 10}, Activation::tanh, rng}}};
}

TEST(Summary, IsATableOfTheModel) {
  Rng rng{1};
  std::ostringstream out;
  out << summary(small_model(rng), {64, 784});
  EXPECT_EQ(out.str(),
            "layer                output shape  parameters\n"
            "input                (64,784)\n"
            "Sequential           (64,10)           43,080\n"
            "  fc Linear          (64,50)           39,250\n"
            "  norm BatchNorm1d   (64,50)              100\n"
            "  drop Dropout       (64,50)                0\n"
            "  block Residual     (64,50)            2,500\n"
            "    body Sequential  (64,50)            2,500\n"
            "      0 Linear       (64,50)            2,500\n"
            "      1 ReLU         (64,50)                0\n"
            "  head MLP           (64,10)            1,230\n"
            "    layers.0 Linear  (64,20)            1,020\n"
            "    layers.1 Linear  (64,10)              210\n"
            "parameters 43,080, of which trainable 43,080; buffers 100; bytes 172,720\n");
}

TEST(Summary, LeavesTheModelAsItIs) {
  Rng rng{1};
  const Sequential<float> model = small_model(rng);
  model.named_states()[0].state->training = false;
  const Rng before = *model.named_states()[1].state->rng;
  const Array<float> mean = model.named_buffers()[0].buffer.value();
  summary(model, {1, 784});
  EXPECT_FALSE(model.named_states()[0].state->training);
  EXPECT_TRUE(model.named_states()[1].state->training);
  EXPECT_TRUE(*model.named_states()[1].state->rng == before);
  EXPECT_EQ(model.named_buffers()[0].buffer.value(), mean);

  EXPECT_THROW(summary(model, {64, 700}), ShapeError);
  EXPECT_TRUE(model.named_states()[1].state->training);
  EXPECT_EQ(detail::child_runs, nullptr);
}

TEST(Summary, CountsSharedNumbersOnceAndConstantsAsNotTrainable) {
  Rng rng{1};
  const Linear<double> layer{3, 3, rng};
  struct Offset {
    Tensor<double> operator()(const Tensor<double>& x) const { return x + 1; }
    NamedParameters<double> named_parameters() const { return {{"offset", Tensor<double>(1.0)}}; }
  };
  const auto doubled = [](const Tensor<double>& x) { return 2 * x; };
  const Scope outside{"a scope that is open"};
  const Summary s = summary(Sequential<double>{layer, layer, Offset{}, doubled}, {2, 3});
  EXPECT_EQ(s.parameters, 13u);
  EXPECT_EQ(s.trainable, 12u);
  EXPECT_EQ(s.bytes, 13 * sizeof(double));
  ASSERT_EQ(s.rows.size(), 5u);
  EXPECT_EQ(s.rows[2].parameters, 12u);
  EXPECT_EQ(s.rows[2].output_shape, (Shape{2, 3}));
  EXPECT_EQ(s.rows[4].type, "");
  EXPECT_NE(s.text().find("3 function"), std::string::npos) << s;
}

TEST(Summary, OfPartsThatRunOnTheirOwnHasNoShape) {
  Rng rng{1};
  struct Own {
    Linear<double> layer;
    Tensor<double> operator()(const Tensor<double>& x) const { return layer(x); }
    ModuleParts<double> parts() const { return {.type = "Own", .children = {{"layer", layer}}}; }
  };
  const Summary s = summary(Module<double>(Own{Linear<double>{3, 2, rng}}), {4, 3});
  ASSERT_EQ(s.rows.size(), 2u);
  EXPECT_EQ(s.rows[0].output_shape, (Shape{4, 2}));
  EXPECT_FALSE(s.rows[1].output_shape.has_value());
  EXPECT_NE(s.text().find("  layer Linear  -             "), std::string::npos) << s;
}

TEST(Summary, OfEveryModule) {
  Rng rng{1};
  for (const ModuleCase& each : every_module(rng)) {
    const Summary s = summary(each.module, each.x.shape());
    each.module.eval();
    EXPECT_EQ(s.rows[0].output_shape, each.module(each.x).shape()) << each.module.parts().type;
    for (const SummaryRow& row : s.rows) EXPECT_TRUE(row.output_shape.has_value()) << s;
  }
}

}  // namespace
}  // namespace gradus::nn
