#include "wrong_calls.hpp"

namespace gradus::wrong_calls {
namespace {

void add_matmul(std::vector<WrongCall>& all) {
  const Rows rows(all, "matmul");
  const auto& in = operands();
  const std::string ranks = "expected operands of 1 or 2 axes";
  rows.shape([&] { matmul(in.matrix, in.matrix); }, {"(2,3) x (2,3)", "inner dimensions 3 and 2 differ"});
  rows.shape([&] { matmul(in.vector, in.matrix); }, {"(3) x (2,3)", "inner dimensions 3 and 2 differ"});
  rows.shape([&] { matmul(in.matrix, in.nothing); }, {"(2,3) x (0,3)", "inner dimensions 3 and 0 differ"});
  rows.shape([&] { matmul(in.cube, in.square); }, {"(2,3,4) x (3,3)", ranks});
  rows.shape([&] { matmul(in.matrix, in.number); }, {"(2,3) x ()", ranks});
  rows.shape([&] { matmul(in.number, in.number); }, {"() x ()", ranks});
  rows.shape(
      [] {
        matmul(hollow({huge, 0}), hollow({0, huge}));
      },
      {"a result of shape (1099511627776,1099511627776)", "more elements than memory can hold"});
  rows.step([](const auto& x) { return matmul(x, operands().square.detach()); });
}

void add_linear(std::vector<WrongCall>& all) {
  const Rows rows(all, "linear");
  const auto& in = operands();
  const std::string ranks = "expected (batch,in) x (in,out)";
  rows.shape([&] { linear(in.vector, in.square); }, {"(3) x (3,3)", ranks});
  rows.shape([&] { linear(in.matrix, in.vector); }, {"(2,3) x (3)", ranks});
  rows.shape([&] { linear(in.cube, in.square); }, {"(2,3,4) x (3,3)", ranks});
  rows.shape([&] { linear(in.matrix, in.matrix); }, {"(2,3) x (2,3)", "inner dimensions 3 and 2 differ"});
  rows.shape([&] { linear(in.matrix, in.square, in.number); }, {"bias ()", "expected a bias (3)"});
  rows.shape([&] { linear(in.matrix, in.square, in.matrix); }, {"bias (2,3)", "expected a bias (3)"});
  rows.shape(
      [] {
        linear(hollow({huge, 0}), hollow({0, huge}));
      },
      {"a result of shape (1099511627776,1099511627776)", "more elements than memory can hold"});
  rows.step([](const auto& x) { return linear(x, operands().square.detach()); });
}

using X = const Tensors&;

Tensor<double> half_of(const Tensor<double>& x, const std::function<Tensors(const Tensor<double>&)>& rule) {
  return custom_op(
      "custom_op", {x}, [](X in) { return in[0] * 0.5; },
      [rule](const Tensor<double>& g, X, const Tensor<double>&) { return rule(g); });
}

void add_custom_op(std::vector<WrongCall>& all) {
  const Rows rows(all, "custom_op");
  const auto& in = operands();
  const auto swept = [&](const std::function<Tensors(const Tensor<double>&)>& rule) {
    return [=, x = in.matrix] { half_of(x, rule).backward(Tensor<double>(full_array<double>({2, 3}, 1))); };
  };
  const auto right = [](const Tensor<double>& g) { return Tensors{g * 0.5}; };
  rows.graph(swept([](const auto&) { return Tensors{}; }), {"returned 0 gradients", "each of the 1 inputs"});
  rows.graph(swept([](const auto& g) {
               return Tensors{g, g};
             }),
             {"returned 2 gradients", "each of the 1 inputs"});
  rows.shape(swept([](const auto& g) { return Tensors{sum(g)}; }), {"shape ()", "input 0 of shape (2,3)"});
  rows.shape(swept([](const auto& g) { return Tensors{transpose(g)}; }), {"(3,2)", "(2,3)"});
  rows.step([=](const auto& x) { return half_of(x, right); });
}

void add_checkpoint(std::vector<WrongCall>& all) {
  Rows(all, "checkpoint").step([](const auto& x) {
    return checkpoint([](X in) { return exp(in[0]); }, Tensors{x});
  });
}

}  // namespace

std::vector<WrongCall> of_products() {
  std::vector<WrongCall> all;
  add_matmul(all);
  add_linear(all);
  add_custom_op(all);
  add_checkpoint(all);
  return all;
}

}  // namespace gradus::wrong_calls
