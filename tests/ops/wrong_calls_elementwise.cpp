#include "wrong_calls.hpp"

namespace gradus::wrong_calls {

std::vector<WrongCall> of_elementwise_ops() {
  const Tensor<double> a = variable(xt::xarray<double>{{1, 2, 3}, {4, 5, 6}}), b = xt::xarray<double>{1, 2};
  return {{"add", [=] { a + b; }, Kind::shape, {"[add]", "(2,3)", "(2)"}}};
}

}  // namespace gradus::wrong_calls
