#include <functional>
#include <set>
#include <string>
#include <vector>

#include "../elementwise_ops.hpp"
#include "tensor_values.hpp"
#include <gtest/gtest.h>

#include <gradus/gradus.hpp>

// Every op on arrays that have no elements, but an extent no loop comes to the end of.
namespace gradus {
namespace {

constexpr std::size_t huge = std::size_t{1} << 40;

struct Operands {
  Tensor<double> x;      // (0,huge) or (huge,0)
  Tensor<double> line;   // the same with 1 for huge
  Tensor<double> tall;   // (huge,0), made from x
  std::ptrdiff_t along;  // the axis of x that is huge
};

struct Case {
  std::string op;
  std::function<Tensor<double>(const Operands&)> f;
};

xt::xarray<bool> no_mask(const Tensor<double>& x) { return xt::xarray<bool>::from_shape(x.shape()); }
Tensor<double> none(const Shape& shape) { return Tensor<double>(empty_array<double>(shape)); }

std::vector<Case> elementwise_cases() {
  std::vector<Case> cases;
  for (const testing::UnaryOp& op : testing::unary_ops())
    cases.push_back({op.name, [&op](const Operands& in) { return op(in.x); }});
  for (const testing::BinaryOp& op : testing::binary_ops()) {
    cases.push_back({op.name, [&op](const Operands& in) { return op(in.x, in.x); }});
    cases.push_back({op.name, [&op](const Operands& in) { return op(in.line, in.x); }});
    cases.push_back({op.name, [&op](const Operands& in) { return op(in.x, 2); }});
  }
  cases.push_back({"clip", [](const Operands& in) { return clip(in.x, 0, 1); }});
  cases.push_back(
      {"fuse", [](const Operands& in) { return fuse([](auto a, auto b) { return a * b; }, in.x, in.line); }});
  cases.push_back({"custom_op", [](const Operands& in) {
                     return custom_op(
                         "twice", {in.x}, [](const auto& x) { return 2 * x[0]; },
                         [](const auto& g, const auto&, const auto&) { return std::vector{2 * g}; });
                   }});
  cases.push_back({"checkpoint", [](const Operands& in) {
                     return checkpoint([](const auto& x) { return exp(x[0]); }, std::vector{in.x});
                   }});
  cases.push_back({"where", [](const Operands& in) { return where(no_mask(in.x), in.line, in.x); }});
  cases.push_back({"where", [](const Operands& in) { return where(no_mask(in.line), in.x, 1); }});
  return cases;
}

std::vector<Case> reduction_cases() {
  // Of everything there is no largest and no smallest: there is nothing.
  std::vector<Case> cases{{"max", [](const Operands& in) { return max(in.x, in.along); }},
                          {"min", [](const Operands& in) { return min(in.x, in.along); }}};
#define GRADUS_CASES(function)                                                               \
  cases.push_back({#function, [](const Operands& in) { return function(in.x, in.along); }}); \
  cases.push_back({#function, [](const Operands& in) { return function(in.x); }})
  GRADUS_CASES(sum);
  GRADUS_CASES(mean);
  GRADUS_CASES(prod);
  GRADUS_CASES(var);
  GRADUS_CASES(logsumexp);
  GRADUS_CASES(norm);
#undef GRADUS_CASES
  for (const std::ptrdiff_t axis : {0, 1}) {
    cases.push_back({"softmax", [=](const Operands& in) { return softmax(in.x, axis); }});
    cases.push_back({"log_softmax", [=](const Operands& in) { return log_softmax(in.x, axis); }});
  }
  cases.push_back({"cross_entropy", [](const Operands& in) {
                     return cross_entropy(transpose(in.tall), xt::xarray<int>::from_shape({0}));
                   }});
  cases.push_back({"cross_entropy",
                   [](const Operands& in) { return cross_entropy(transpose(in.tall), transpose(in.tall)); }});
  return cases;
}

std::vector<Case> layout_cases() {
  std::vector<Case> cases{
      {"transpose", [](const Operands& in) { return transpose(in.x); }},
      {"reshape",
       [](const Operands& in) {
         return reshape(in.x, {7, 0, 5});
       }},
      {"broadcast_to", [](const Operands& in) { return broadcast_to(in.line, in.x.shape()); }},
      {"squeeze", [](const Operands& in) { return squeeze(in.x); }},
      {"expand_dims", [](const Operands& in) { return expand_dims(in.x, 1); }},
      {"matmul", [](const Operands& in) { return matmul(transpose(in.tall), in.tall); }},
      {"matmul",
       [](const Operands& in) {
         return matmul(in.tall, none({0, 0}));
       }},
      {"linear",
       [](const Operands& in) {
         return linear(in.tall, none({0, 0}), variable(none({0}).value()));
       }},
      {"linear", [](const Operands& in) { return linear(transpose(in.tall), in.tall); }},
      {"matmul",
       [](const Operands& in) {
         return matmul(expand_dims(in.tall, -1), none({1, 0}));
       }},
      {"dot", [](const Operands& in) { return dot(transpose(in.tall), in.tall); }},
      {"outer", [](const Operands& in) { return outer(in.x, in.x); }},
      {"tensordot", [](const Operands& in) { return tensordot(in.x, in.x); }},
      {"einsum", [](const Operands& in) { return einsum("ij,ij->j", in.tall, in.tall); }},
      {"einsum",
       [](const Operands& in) {
         return einsum("ij,jk->ik", in.tall, none({0, 0}));
       }},
      {"take",
       [](const Operands& in) {
         return take(in.x, xt::xarray<int>{0, 5, -1}, in.along);
       }},
      {"take",
       [](const Operands& in) { return take(in.x, xt::xarray<int>::from_shape({0}), 1 - in.along); }}};
  for (const std::ptrdiff_t axis : {0, 1, 2}) {
    cases.push_back({"stack", [=](const Operands& in) { return stack({in.x, in.x}, axis); }});
    if (axis < 2)
      cases.push_back({"concatenate", [=](const Operands& in) { return concatenate({in.x, in.x}, axis); }});
  }
  return cases;
}

std::vector<Case> shape_cases() {
  return {{"ravel", [](const Operands& in) { return ravel(in.x); }},
          {"swapaxes", [](const Operands& in) { return swapaxes(in.x, 0, 1); }},
          {"moveaxis", [](const Operands& in) { return moveaxis(in.x, 0, 1); }},
          {"slice",
           [](const Operands& in) {
             return slice(in.x, {range(1, {}, 2), range({}, {}, -1)});
           }},
          {"split", [](const Operands& in) { return concatenate(split(in.x, 2, in.along), in.along); }},
          {"split",
           [](const Operands& in) {
             return concatenate(split(in.x, {0, 0}, 1 - in.along), 0);
           }},
          {"chunk", [](const Operands& in) { return concatenate(chunk(in.x, 3, in.along), in.along); }},
          {"chunk", [](const Operands& in) { return concatenate(chunk(in.x, 3, 1 - in.along), 1); }},
          {"flip", [](const Operands& in) { return flip(in.x); }},
          {"roll", [](const Operands& in) { return roll(in.x, 5); }},
          {"roll",
           [](const Operands& in) {
             return roll(in.x, {3, 4}, {0, 1});
           }},
          {"pad",
           [](const Operands& in) {
             return pad(transpose(in.tall), {{0, 0}, {2, 1}});
           }},
          {"tile",
           [](const Operands& in) {
             return tile(in.x, {2, 3, 2});
           }},
          {"repeat", [](const Operands& in) { return repeat(in.x, 3); }},
          {"repeat", [](const Operands& in) { return repeat(in.x, 3, in.along); }},
          {"unfold",
           [](const Operands& in) {
             return unfold(expand_dims(in.x, {2, 3}), 1);
           }},
          {"diagonal", [](const Operands& in) { return diagonal(in.x); }},
          {"diag", [](const Operands& in) { return diag(in.x, 1); }},
          {"trace", [](const Operands& in) { return trace(in.x); }},
          {"tril", [](const Operands& in) { return tril(in.x); }},
          {"triu", [](const Operands& in) { return triu(in.x); }}};
}

std::vector<Case> order_cases() {
  std::vector<Case> cases{
      {"take_along_axis",
       [](const Operands& in) {
         return take_along_axis(in.x, xt::xarray<int>(xt::zeros<int>({1, 1})), in.along);
       }},
      {"gather",
       [](const Operands& in) { return gather(in.x, xt::xarray<int>::from_shape(in.x.shape()), in.along); }},
      {"scatter_add",
       [](const Operands& in) {
         return scatter_add(in.x, xt::xarray<int>::from_shape(in.x.shape()), in.x, in.along);
       }},
      {"mask_select", [](const Operands& in) { return mask_select(in.x, no_mask(in.line)); }},
      {"norm", [](const Operands& in) { return norm(in.x, in.along, {.p = 3}); }},
      {"norm", [](const Operands& in) { return norm(in.x, {}, {.p = infinity}); }},
      {"std", [](const Operands& in) { return stddev(in.x, in.along); }},
      {"std", [](const Operands& in) { return stddev(in.x); }}};
  for (const std::ptrdiff_t axis : {0, 1}) {
    cases.push_back({"cumsum", [=](const Operands& in) { return cumsum(in.x, axis); }});
    cases.push_back({"cumprod", [=](const Operands& in) { return cumprod(in.x, axis); }});
    cases.push_back({"sort", [=](const Operands& in) { return sort(in.x, axis); }});
    cases.push_back({"topk", [=](const Operands& in) { return topk(in.x, 0, axis).values; }});
  }
  return cases;
}

/// A batch of `huge` matrices without elements, and one matrix (0,0).
std::vector<Case> linalg_cases() {
  const auto batch = [](const Operands& in) { return expand_dims(in.tall, -1) * none({0, 0}); };
  const auto matrix = [](const Operands& in) { return matmul(transpose(in.tall), in.tall); };
  std::vector<Case> cases;
  const auto add = [&](const std::string& op, const std::function<Tensor<double>(const Tensor<double>&)>& f) {
    cases.push_back({op, [=](const Operands& in) { return f(batch(in)); }});
    cases.push_back({op, [=](const Operands& in) { return f(matrix(in)); }});
  };
  add("inv", [](const auto& x) { return inv(x); });
  add("solve", [](const auto& x) { return solve(x, none({0, 3})); });
  add("solve_triangular", [](const auto& x) { return solve_triangular(x, none({0, 3})); });
  add("cholesky", [](const auto& x) { return cholesky(x); });
  add("eigh", [](const auto& x) { return eigh(x).vectors; });
  add("qr", [](const auto& x) { return qr(x).r; });
  add("svd", [](const auto& x) { return svd(x).u; });
  add("pinv", [](const auto& x) { return pinv(x); });
  add("matrix_power", [](const auto& x) { return matrix_power(x, 3); });
  cases.push_back({"det", [=](const Operands& in) { return det(matrix(in)); }});
  cases.push_back({"slogdet", [=](const Operands& in) { return slogdet(matrix(in)).logabs; }});
  return cases;
}

TEST(Empty, NoOpLoopsOverNothing) {
  std::set<std::string> missing{
#define GRADUS_NAME(function, ...) #function,
      GRADUS_UNARY_OPS(GRADUS_NAME) GRADUS_BINARY_OPS(GRADUS_NAME) GRADUS_TENSOR_OPS(GRADUS_NAME)
#undef GRADUS_NAME
  };
  for (const auto& cases :
       {elementwise_cases(), reduction_cases(), layout_cases(), shape_cases(), order_cases(), linalg_cases()})
    for (const Case& c : cases) {
      missing.erase(c.op);
      for (const bool is_tall : {true, false}) {
        SCOPED_TRACE(c.op + (is_tall ? " (huge,0)" : " (0,huge)"));
        const Tensor<double> x = variable(empty_array<double>(is_tall ? Shape{huge, 0} : Shape{0, huge}));
        const Tensor<double> line = variable(empty_array<double>(is_tall ? Shape{1, 0} : Shape{0, 1}));
        const Tensor<double> y = c.f({x, line, is_tall ? x : transpose(x), is_tall ? 0 : 1});
        y.backward(Tensor<double>(full_array<double>(y.shape(), 1)));
        EXPECT_TRUE(x.has_grad() || line.has_grad());
        EXPECT_EQ(x.grad().size() + line.grad().size(), 0u);
      }
    }
  EXPECT_TRUE(missing.empty()) << *missing.begin();
}

TEST(Empty, AResultThatNoMemoryHoldsIsAnErrorOfItsOp) {
  const Tensor<double> tall = none({huge, 0}), wide = none({0, huge});
  const std::vector<Case> cases{
      {"matmul", [&](const Operands&) { return matmul(tall, wide); }},
      {"matmul", [&](const Operands&) { return matmul(expand_dims(tall, 0), wide); }},
      {"dot", [&](const Operands&) { return dot(tall, wide); }},
      {"tensordot", [&](const Operands&) { return tensordot(tall, wide, 1); }},
      {"einsum", [&](const Operands&) { return einsum("ij,jk", tall, wide); }},
      {"linear", [&](const Operands&) { return linear(tall, wide); }},
      {"linear", [&](const Operands&) { return linear(tall, wide, none({1})); }},
      {"concatenate",
       [&](const Operands&) { return concatenate(std::vector<Tensor<double>>(1 << 20, wide), 1); }},
      {"stack", [&](const Operands&) { return stack(std::vector<Tensor<double>>(1 << 20, wide)); }},
      {"take",
       [&](const Operands&) {
         return take(none({1, huge, 0}), xt::xarray<int>(xt::zeros<int>({1 << 20})), 0);
       }},
      {"reshape",
       [&](const Operands&) {
         return reshape(tall, {1 << 20, std::ptrdiff_t{huge}, 0});
       }},
      {"broadcast_to", [&](const Operands&) {
         return broadcast_to(tall, {1 << 20, std::ptrdiff_t{huge}, 0});
       }}};
  for (const Case& c : cases) {
    const std::string message = message_of<ShapeError>([&] { c.f({}); });
    EXPECT_TRUE(message.starts_with("[" + c.op + "] a result of shape (")) << c.op << ": " << message;
  }
}

}  // namespace
}  // namespace gradus
