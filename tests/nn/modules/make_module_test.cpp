#include <algorithm>
#include <set>
#include <string>

#include "every_module.hpp"
#include <gtest/gtest.h>

#include <gradus/ops/elementwise.hpp>
#include <gradus/ops/product.hpp>

namespace gradus::nn {
namespace {

void expect_same_parts(const Module<double>& a, const Module<double>& b) {
  const ModuleParts<double> first = a.parts(), second = b.parts();
  EXPECT_EQ(first.type, second.type);
  EXPECT_EQ(first.attributes, second.attributes) << first.type;
  ASSERT_EQ(first.children.size(), second.children.size()) << first.type;
  for (std::size_t i = 0; i < first.children.size(); ++i) {
    EXPECT_EQ(first.children[i].name, second.children[i].name);
    expect_same_parts(first.children[i].module, second.children[i].module);
  }
}

void copy_numbers(const Module<double>& from, const Module<double>& to) {
  const auto parameters = from.named_parameters(), others = to.named_parameters();
  ASSERT_EQ(parameters.size(), others.size());
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    EXPECT_EQ(parameters[i].name, others[i].name);
    EXPECT_NE(parameters[i].tensor.node().get(), others[i].tensor.node().get()) << "its own, not shared";
    others[i].tensor.set_value(parameters[i].tensor.value());
  }
  const auto buffers = from.named_buffers(), more = to.named_buffers();
  ASSERT_EQ(buffers.size(), more.size());
  for (std::size_t i = 0; i < buffers.size(); ++i) {
    EXPECT_EQ(buffers[i].name, more[i].name);
    EXPECT_FALSE(buffers[i].buffer == more[i].buffer);
    more[i].buffer.set_value(buffers[i].buffer.value());
  }
  const auto states = from.named_states(), copies = to.named_states();
  ASSERT_EQ(states.size(), copies.size());
  for (std::size_t i = 0; i < states.size(); ++i) *copies[i].state = *states[i].state;
}

TEST(MakeModule, GivesBackEveryModuleThatSaysItsParts) {
  Rng rng{1};
  for (const auto& [module, x, takes_indices] : every_module(rng)) {
    SCOPED_TRACE(module.parts().type);
    const Module<double> again = make_like(module, rng);
    expect_same_parts(module, again);
    copy_numbers(module, again);
    for (const bool training : {true, false}) {
      module.train(training);
      again.train(training);
      EXPECT_EQ(again(x).value(), module(x).value());
    }
  }
}

TEST(MakeModule, KnowsBeforehandHowManyNumbersThereWillBe) {
  Rng rng{1};
  for (const auto& [module, x, takes_indices] : every_module(rng)) {
    const ModuleParts<double> parts = module.parts();
    std::size_t own = 0;
    for (const auto& parameter : parts.parameters) own += parameter.tensor.value().size();
    for (const auto& buffer : parts.buffers) own += buffer.buffer.value().size();
    const double least = least_elements(parts.type, parts.attributes, parts.children, rng);
    EXPECT_LE(least, own) << parts.type;
    EXPECT_GE(4 * least, own) << parts.type;
  }
}

TEST(MakeModule, IsTriedOnEveryType) {
  Rng rng{1};
  std::set<std::string> tried;
  for (const auto& each : every_module(rng)) tried.insert(each.module.parts().type);
  for (const std::string& type : module_types()) EXPECT_TRUE(tried.contains(type)) << type;
}

TEST(MakeModule, DrawsAsTheModuleDoes) {
  Rng a{3}, b{3};
  const auto made = make_module<float>("Linear", {{"in", 4.0}, {"out", 2.0}}, {}, a);
  const Linear<float> layer{4, 2, b};
  ASSERT_NE(made.as<Linear<float>>(), nullptr);
  EXPECT_EQ(made.as<Linear<float>>()->weight().value(), layer.weight().value());
  EXPECT_EQ(made.as<MLP<float>>(), nullptr);
  EXPECT_TRUE(a == b);
}

TEST(MakeModule, SaysWhatIsWrong) {
  const struct {
    std::string type;
    Attributes attributes;
    bool child;
    std::vector<std::string> mentions;
  } cases[] = {
      {"Linaer", {}, false, {"[make_module]", "'Linaer'", "Linear", "Sequential"}},
      {"", {}, false, {"[make_module]", "''"}},
      {"Linear", {{"in", 2.0}}, false, {"[Linear]", "'out'", "missing"}},
      {"Linear", {{"in", 2.0}, {"out", true}}, false, {"[Linear]", "'out'", "whole number"}},
      {"Linear", {{"in", 2.5}, {"out", 1.0}}, false, {"[Linear]", "2.5", "whole number"}},
      {"Linear", {{"in", -2.0}, {"out", 1.0}}, false, {"[Linear]", "'in'", "-2"}},
      {"Linear",
       {{"in", 2.0}, {"out", 1.0}, {"width", 3.0}},
       false,
       {"[Linear]", "'width'", "in, out, bias"}},
      {"ReLU", {{"slope", 0.1}}, false, {"[ReLU]", "'slope'", "none"}},
      {"ReLU", {}, true, {"[ReLU]", "1 children"}},
      {"Dropout", {}, false, {"[Dropout]", "'p'", "missing"}},
      {"Dropout", {{"p", 1.5}}, false, {"[Dropout]", "1.5"}},
      {"Embedding", {{"items", 3.0}, {"features", 2.0}, {"padding_index", 3.0}}, false, {"[Embedding]", "3"}},
      {"BatchNorm1d", {{"features", 3.0}, {"momentum", 2.0}}, false, {"[BatchNorm1d]", "momentum 2"}},
      {"LayerNorm", {{"shape", 3.0}}, false, {"[LayerNorm]", "'shape'", "list"}},
      {"LayerNorm", {{"shape", std::vector<std::ptrdiff_t>{2, -1}}}, false, {"[LayerNorm]", "-1"}},
      {"Conv2d",
       {{"in", 1.0}, {"out", 2.0}, {"kernel", std::vector<std::ptrdiff_t>{1, 2, 3}}},
       false,
       {"[Conv2d]", "'kernel'", "3 numbers"}},
      {"MaxPool2d", {{"kernel", -2.0}}, false, {"[MaxPool2d]", "'kernel'", "negative"}},
      {"Residual", {}, false, {"[Residual]", "0 children"}},
      {"Softmax", {{"axis", 1e12}}, false, {"[Softmax]", "'axis'", "too large"}},
      {"MLP",
       {{"widths", std::vector<std::ptrdiff_t>{4, 0}}, {"hidden", std::string("relu")}},
       false,
       {"[MLP]", "width 0"}},
      {"MLP",
       {{"widths", std::vector<std::ptrdiff_t>{4, 2}}, {"hidden", std::string("rleu")}},
       false,
       {"'rleu'", "relu"}},
      {"MLP",
       {{"widths", std::vector<std::ptrdiff_t>{4, 2}}, {"hidden", std::string("relu")}},
       true,
       {"[MLP]", "'part'", "Tanh", "Linear"}},
  };
  Rng rng{1};
  for (const auto& c : cases) {
    const NamedModules<double> children =
        c.child ? NamedModules<double>{{"part", Tanh{}}} : NamedModules<double>{};
    try {
      make_module<double>(c.type, c.attributes, children, rng);
      ADD_FAILURE() << c.type;
    } catch (const ValueError& error) {
      const std::string message = error.what();
      for (const std::string& part : c.mentions)
        EXPECT_NE(message.find(part), std::string::npos) << message << "\nlacks " << part;
    }
  }
}

TEST(MakeModule, GivesAnMlpTheLayersItIsGiven) {
  Rng rng{1};
  const Linear<double> first{3, 4, rng}, second{4, 2, rng}, other{5, 2, rng};
  const Attributes attributes{{"widths", std::vector<std::ptrdiff_t>{3, 4, 2}},
                              {"hidden", std::string("tanh")}};
  const auto mlp = make_module<double>("MLP", attributes, {{"layers.0", first}, {"layers.1", second}}, rng);
  const Tensor<double> x = random_array({2, 3}, rng);
  EXPECT_EQ(mlp(x).value(), second(tanh(first(x))).value());
  EXPECT_THROW(make_module<double>("MLP", attributes, {{"layers.0", first}}, rng), ValueError);
  EXPECT_THROW(make_module<double>("MLP", attributes, {{"layers.0", first}, {"layers.1", other}}, rng),
               ValueError);
  EXPECT_THROW((MLP<double>{{first, other}, Activation::tanh}), ShapeError);
  EXPECT_THROW((MLP<double>{std::vector<Linear<double>>{}, Activation::tanh}), ValueError);
}

// A layer somebody wrote: y = factor x.
struct Scaling {
  double factor;
  Tensor<double> operator()(const Tensor<double>& x) const { return factor * x; }
  ModuleParts<double> parts() const { return {.type = "Scaling", .attributes = {{"factor", factor}}}; }
};

TEST(MakeModule, LearnsTypesOfOnesOwn) {
  Rng rng{1};
  const ModuleType<double> scaling{.attributes = {"factor"}, .make = [](const auto& arguments) {
                                     return Scaling{std::get<double>(arguments.attributes.at("factor"))};
                                   }};
  register_module("Scaling", scaling);
  const Sequential<double> model{Scaling{3}, Tanh{}};
  const Tensor<double> x = random_array({2, 2}, rng);
  EXPECT_EQ(make_like(Module<double>(model), rng)(x).value(), model(x).value());
  EXPECT_THROW(register_module("Scaling", scaling), ValueError);
  EXPECT_THROW(register_module("Linear", scaling), ValueError);
  EXPECT_THROW(register_module("Empty", ModuleType<double>{}), ValueError);
  EXPECT_THROW(register_module("", scaling), ValueError);
}

}  // namespace
}  // namespace gradus::nn
