#include "wrong_calls.hpp"

namespace gradus::wrong_calls {
namespace {

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

std::vector<WrongCall> of_custom_ops() {
  std::vector<WrongCall> all;
  add_custom_op(all);
  add_checkpoint(all);
  return all;
}

}  // namespace gradus::wrong_calls
