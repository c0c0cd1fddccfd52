#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <gradus/gradus.hpp>

// Ops by their names: what a call by name says when it is wrong. That each op does what its function does is
// in tests/reference.
namespace gradus {
namespace {

using Tensors = std::vector<Tensor<double>>;

TEST(OpTable, AppliesOps) {
  const Tensor<double> x = variable(xt::xarray<double>{{1, 2, 3}, {4, 5, 6}});
  EXPECT_EQ(apply_op<double>("sum", {x}).item(), 21);
  const Tensor<double> y =
      apply_op<double>("sum", {x}, {{"axes", std::vector<std::ptrdiff_t>{-1}}, {"keepdims", true}});
  EXPECT_EQ(y.shape(), (Shape{2, 1}));
  EXPECT_EQ(y.value()(1, 0), 15);
  EXPECT_EQ(apply_op("mul", std::vector<Scalar>{3.0, 4.0}).value(), 12);
  EXPECT_EQ(apply_op<float>("take", {xt::xarray<float>{1, 2, 3}, xt::xarray<float>{-1, 0}}, {{"axis", 0.0}})
                .value(),
            (xt::xarray<float>{3, 1}));
}

TEST(OpTable, HasEveryOpButThoseThatTakeFunctions) {
  std::set<std::string> expected{
#define GRADUS_NAME(function, ...) #function,
      GRADUS_UNARY_OPS(GRADUS_NAME) GRADUS_BINARY_OPS(GRADUS_NAME) GRADUS_TENSOR_OPS(GRADUS_NAME)
#undef GRADUS_NAME
  };
  for (const char* const op : {"fuse", "custom_op", "checkpoint"}) expected.erase(op);
  const std::vector<std::string> names = op_names();
  EXPECT_EQ(std::set<std::string>(names.begin(), names.end()), expected);
}

TEST(OpTable, ReadsSlicesAsPythonWritesThem) {
  const Tensor<double> x = xt::xarray<double>{{1, 2, 3}, {4, 5, 6}};
  const auto sliced = [&](const char* items) {
    return apply_op<double>("slice", {x}, {{"items", std::string(items)}});
  };
  EXPECT_EQ(sliced("1").value(), (xt::xarray<double>{4, 5, 6}));
  EXPECT_EQ(sliced("..., ::-2").value(), (xt::xarray<double>{{3, 1}, {6, 4}}));
  EXPECT_EQ(sliced(" -1 , None, 1: ").shape(), (Shape{1, 2}));
  EXPECT_EQ(sliced("..., 0 : 3 : 2 ").value(), (xt::xarray<double>{{1, 3}, {4, 6}}));
  EXPECT_EQ(sliced("0:2: ").value(), x.value());
  for (const char* const wrong : {"a", "1:b", "1 2", "1.5", "1,,2", "0:2:1:", "0:2:1:1", ":::", "0:2:1 1"})
    EXPECT_THROW(sliced(wrong), ValueError) << wrong;
}

TEST(OpTable, SaysWhatIsWrong) {
  const Tensor<double> x = xt::xarray<double>{1, 2};
  const struct {
    const char* op;
    Tensors inputs;
    Attributes attributes;
    const char* message;
  } calls[] = {
      {"exq", {x}, {}, "[apply_op] there is no op 'exq' of these inputs"},
      {"exp", {x, x}, {}, "[exp] 2 inputs: expected 1"},
      {"linear", {x}, {}, "[linear] 1 inputs: expected 2 to 3"},
      {"stack", {}, {}, "[stack] 0 inputs: expected 1 or more"},
      {"exp", {x}, {{"axis", 0.0}}, "[exp] there is no attribute 'axis': expected none"},
      {"sum", {x}, {{"axis", 0.0}}, "[sum] there is no attribute 'axis': expected axes, keepdims"},
      {"clip", {x}, {{"lo", 0.0}}, "[clip] the attribute 'hi' is missing: expected a number"},
      {"clip", {x}, {{"lo", 0.0}, {"hi", true}}, "[clip] the attribute 'hi' is not a number"},
      {"var", {x}, {{"ddof", -1.0}}, "[var] the attribute 'ddof' is -1: expected 0 or more"},
      {"std", {x}, {{"ddof", -2.0}}, "[std] the attribute 'ddof' is -2: expected 0 or more"},
      {"softmax", {x}, {{"axis", 0.5}}, "[softmax] 0.5 is not a whole number"},
      {"take", {x, xt::xarray<double>{0.5}}, {{"axis", 0.0}}, "[take] 0.5 is not a whole number"},
  };
  for (const auto& call : calls) try {
      apply_op(call.op, call.inputs, call.attributes);
      ADD_FAILURE() << call.message;
    } catch (const ValueError& error) {
      EXPECT_STREQ(error.what(), call.message);
    }
  EXPECT_THROW(apply_op("sum", std::vector<Scalar>{1.0}), ValueError);
}

}  // namespace
}  // namespace gradus
