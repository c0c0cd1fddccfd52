#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <gradus/core/backward.hpp>
#include <gradus/nn/modules.hpp>
#include <gradus/ops/elementwise.hpp>
#include <gradus/ops/reduce.hpp>

namespace gradus::nn {
namespace {

using Array2 = xt::xarray<double>;

// y = x + offset, and noise in training: a module with everything that a module may have.
class Counter : public ModuleMembers<Counter, double> {
 public:
  explicit Counter(double offset) : offset_(variable(Array2{offset})) {}
  Tensor<double> operator()(const Tensor<double>& x) const {
    if (!state_->training) return x + offset_;
    calls_.set_value(Array<double>(calls_.value() + 1));
    return x + offset_ + state_->rng->uniform();
  }
  ModuleParts<double> parts() const {
    return {.type = "Counter",
            .parameters = {{"offset", offset_}},
            .buffers = {{"calls", calls_}},
            .state = state_};
  }

 private:
  Tensor<double> offset_;
  Buffer<double> calls_{full_array<double>({}, 0)};
  std::shared_ptr<ModuleState> state_ = std::make_shared<ModuleState>(ModuleState{.rng = Rng{7}});
};

template <class List>
std::vector<std::string> names(const List& list) {
  std::vector<std::string> result;
  for (const auto& each : list) result.push_back(each.name);
  return result;
}

using Names = std::vector<std::string>;

TEST(ModuleParts, AreFoundUnderTheirNamesInTheModelEachOnce) {
  const Counter shared{1}, other{2};
  const Sequential<double> inner{Tanh{}, shared};
  const Sequential<double> model{{"first", shared}, {"inner", inner}, {"last", other}, {"again", inner}};
  EXPECT_EQ(names(model.named_parameters()), (Names{"first.offset", "last.offset"}));
  EXPECT_EQ(names(model.named_buffers()), (Names{"first.calls", "last.calls"}));
  EXPECT_EQ(names(model.named_states()), (Names{"first.state", "last.state"}));
  const Module<double> any = model;
  EXPECT_EQ(names(any.named_buffers()), names(model.named_buffers()));
  EXPECT_EQ(names(any.parts().children), (Names{"first", "inner", "last", "again"}));
}

TEST(ModuleParts, OfWhatSaysNothingAreNone) {
  const Module<double> lambda = [](const Tensor<double>& x) { return 2 * x; };
  EXPECT_EQ(lambda.parts().type, "");
  EXPECT_TRUE(lambda.named_parameters().empty());
  lambda.train();
  lambda.eval();
}

TEST(TrainAndEval, ReachEveryModule) {
  const Counter a{1}, b{2};
  const Sequential<double> model{a, Sequential<double>{b}};
  const Tensor<double> x = Array2{0};
  model.eval();
  EXPECT_EQ(model(x).item(), 3);
  EXPECT_EQ(a.named_buffers()[0].buffer.value()(), 0);
  model.train();
  EXPECT_NE(model(x).item(), 3);
  EXPECT_EQ(a.named_buffers()[0].buffer.value()(), 1);
  Module<double>(model).eval();
  EXPECT_EQ(model(x).item(), 3) << "handles share the state";
}

TEST(TrainAndEval, EvalModeRestoresEachModule) {
  const Counter a{1}, b{2};
  const Sequential<double> model{a, b};
  b.eval();
  {
    const EvalMode eval{model};
    EXPECT_FALSE(a.parts().state->training);
    EXPECT_FALSE(b.parts().state->training);
  }
  EXPECT_TRUE(a.parts().state->training);
  EXPECT_FALSE(b.parts().state->training);
}

TEST(Buffers, KeepTheirShape) {
  const Buffer<double> buffer{full_array<double>({2}, 0)}, copy = buffer;
  copy.set_value(Array2{1, 2});
  EXPECT_EQ(buffer.value(), (Array2{1, 2}));
  EXPECT_THROW(buffer.set_value(Array2{{1, 2}}), ShapeError);
  EXPECT_EQ(buffer.value(), (Array2{1, 2}));
  EXPECT_FALSE(buffer == Buffer<double>{full_array<double>({2}, 0)});
}

TEST(Scopes, AreThePathsOfModules) {
  Rng rng{1};
  std::vector<std::string> seen;
  const auto look = [&](const Tensor<double>& x) {
    seen.push_back(current_scope());
    return x;
  };
  const Sequential<double> model{{"encoder", Sequential<double>{Linear<double>{2, 2, rng}, look}},
                                 {"head", MLP<double>{{2, 2}, Activation::tanh, rng}},
                                 {"end", look}};
  const Tensor<double> y = model(Array2{{1, 2}});
  EXPECT_EQ(seen, (Names{"encoder.1", "end"}));
  EXPECT_EQ(y.scope(), "head.layers.0") << "the scope of the step that made it";
}

TEST(NamedSequential, RefusesNamesThatCannotBeToldApart) {
  EXPECT_THROW((Sequential<double>{{"a", Tanh{}}, {"a", Tanh{}}}), ValueError);
  EXPECT_THROW((Sequential<double>{{"", Tanh{}}}), ValueError);
  EXPECT_THROW((Sequential<double>{{"a.b", Tanh{}}}), ValueError);
}

TEST(NamedSequential, IsWrittenAsAList) {
  Rng rng{1};
  const Sequential model{{"fc1", Linear{4, 3, rng}}, {"act", ReLU{}}, {"fc2", Linear{3, 2, rng}}};
  EXPECT_TRUE((std::is_same_v<decltype(model), const Sequential<float>>));
  EXPECT_EQ(names(model.named_parameters()), (Names{"fc1.weight", "fc1.bias", "fc2.weight", "fc2.bias"}));
  EXPECT_EQ(model.parameters()[2].name(), "fc2.weight");
  const Sequential single{{"only", Linear{4, 3, rng}}};
  EXPECT_EQ(single.size(), 1u);
}

TEST(ActivationNames, LeadBothWays) {
  for (const Activation each : all_activations) EXPECT_EQ(activation_named(activation_name(each)), each);
  EXPECT_EQ(activation_name(Activation::log_sigmoid), "log_sigmoid");
  try {
    activation_named("rleu");
    FAIL();
  } catch (const ValueError& error) {
    const std::string message = error.what();
    EXPECT_NE(message.find("'rleu'"), std::string::npos) << message;
    EXPECT_NE(message.find("relu, "), std::string::npos) << message;
  }
  EXPECT_THROW(activation_named(""), ValueError);
  EXPECT_THROW(activation_name(static_cast<Activation>(99)), ValueError);
}

}  // namespace
}  // namespace gradus::nn
