#include <map>

#include "wrong_calls.hpp"
#include <gtest/gtest.h>

// Every wrong call throws the right error, which says what was given and what would have been right.
namespace gradus::wrong_calls {
namespace {

template <class E>
bool is(const Error& error) {
  return dynamic_cast<const E*>(&error) != nullptr;
}

bool has_kind(const Error& error, Kind kind) {
  switch (kind) {
    case Kind::shape:
      return is<ShapeError>(error);
    case Kind::value:
      return is<ValueError>(error);
    case Kind::graph:
      return is<GraphError>(error);
    case Kind::data:
      return is<DataError>(error);
  }
  return false;
}

void expect_error(const WrongCall& wrong) {
  try {
    wrong.call();
    ADD_FAILURE() << wrong.op << ": nothing was thrown";
  } catch (const Error& error) {
    EXPECT_TRUE(has_kind(error, wrong.kind)) << wrong.op << ": another kind of error: " << error.what();
    for (const std::string& part : wrong.says)
      EXPECT_NE(std::string(error.what()).find(part), std::string::npos)
          << wrong.op << ": no '" << part << "' in: " << error.what();
  }
}

constexpr std::size_t fewest_calls = 6;

std::vector<WrongCall> all_calls() {
  std::vector<WrongCall> all;
  for (const auto& family : {of_elementwise_ops(), of_reductions(), of_layout_ops(), of_shape_ops(),
                             of_custom_ops(), of_products(), of_linalg()})
    all.insert(all.end(), family.begin(), family.end());
  return all;
}

/// A graph of all that calls may use, and what it must give whatever has gone wrong since.
class Bystander {
 public:
  Bystander() : before_(gradients()), loss_(loss()) {}

  void expect_unharmed() const {
    EXPECT_TRUE(is_recording());
    expect_same(before_, grad(loss_, inputs()), "recorded before");
    expect_same(before_, gradients(), "recorded after");
    for (const Tensor<double>& x : inputs()) EXPECT_FALSE(x.has_grad());
  }

 private:
  static Tensors inputs() {
    const Operands& in = operands();
    return {in.number, in.vector, in.matrix, in.square, in.cube, in.nothing};
  }
  static Tensor<double> loss() {
    const Operands& in = operands();
    return sum(matmul(in.matrix, in.square) * in.vector) * in.number + sum(exp(in.cube)) + sum(in.nothing);
  }
  static Tensors gradients() { return grad(loss(), inputs()); }
  static void expect_same(const Tensors& expected, const Tensors& got, const char* which) {
    for (std::size_t i = 0; i < expected.size(); ++i)
      EXPECT_EQ(got[i].value(), expected[i].value()) << which << ", input " << i;
  }

  Tensors before_;
  Tensor<double> loss_;
};

TEST(Errors, WrongCallsSayWhatIsWrongAndChangeNothing) {
  for (const WrongCall& wrong : all_calls()) {
    SCOPED_TRACE(wrong.op);
    const Bystander bystander;
    expect_error(wrong);
    bystander.expect_unharmed();
  }
}

TEST(Errors, OfEveryOpAreTried) {
  std::map<std::string, std::size_t> calls;
#define GRADUS_NAME(function, ...) calls[#function] = 0;
  GRADUS_UNARY_OPS(GRADUS_NAME)
  GRADUS_BINARY_OPS(GRADUS_NAME)
  GRADUS_TENSOR_OPS(GRADUS_NAME)
#undef GRADUS_NAME
  for (const WrongCall& wrong : all_calls()) ++calls[wrong.op];
  for (const auto& [op, number] : calls) EXPECT_GE(number, fewest_calls) << op;
}

}  // namespace
}  // namespace gradus::wrong_calls
