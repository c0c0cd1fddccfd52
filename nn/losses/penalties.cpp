#include <gradus/nn/losses/penalties.hpp>
#include <gradus/ops/elementwise.hpp>
#include <gradus/ops/reduce.hpp>

namespace gradus::nn {
namespace {

template <class T, class Cost>
Tensor<T> total(const std::vector<Tensor<T>>& parameters, const Cost& cost) {
  Tensor<T> all;
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    const Tensor<T> each = sum(cost(parameters[i]));
    all = i == 0 ? each : all + each;
  }
  return all;
}

}  // namespace

template <class T>
Tensor<T> l1_penalty(const std::vector<Tensor<T>>& parameters) {
  return total(parameters, [](const Tensor<T>& w) { return abs(w); });
}

template <class T>
Tensor<T> l2_penalty(const std::vector<Tensor<T>>& parameters) {
  return total(parameters, [](const Tensor<T>& w) { return square(w); });
}

#define GRADUS_INSTANTIATE(T)                                   \
  template Tensor<T> l1_penalty(const std::vector<Tensor<T>>&); \
  template Tensor<T> l2_penalty(const std::vector<Tensor<T>>&);
GRADUS_INSTANTIATE(float)
GRADUS_INSTANTIATE(double)
#undef GRADUS_INSTANTIATE

}  // namespace gradus::nn
