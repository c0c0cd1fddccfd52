#include <string>

#include <gradus/core/number_text.hpp>
#include <gradus/nn/losses/reduction.hpp>
#include <gradus/ops/reduce.hpp>

namespace gradus::nn::detail {

void check_same_shape(const char* loss, const Shape& prediction, const Shape& target) {
  if (prediction != target)
    throw ShapeError(std::string("[") + loss + "] predictions " + to_string(prediction) + ", targets " +
                     to_string(target) + ": expected the same shape");
}

template <class T>
void check_signs(const char* loss, const Tensor<T>& targets) {
  for (const T t : targets.value())
    if (t != T(1) && t != T(-1))
      throw ValueError(std::string("[") + loss + "] a target of " +
                       gradus::detail::number_text(static_cast<double>(t)) + ": expected -1 or 1");
}

template <class T>
Tensor<T> reduce(const Tensor<T>& terms, Reduction reduction) {
  switch (reduction) {
    case Reduction::sum:
      return sum(terms);
    case Reduction::none:
      return terms;
    case Reduction::mean:
      break;
  }
  return mean(terms);
}

#define GRADUS_INSTANTIATE(T)                               \
  template void check_signs(const char*, const Tensor<T>&); \
  template Tensor<T> reduce(const Tensor<T>&, Reduction);
GRADUS_INSTANTIATE(float)
GRADUS_INSTANTIATE(double)
#undef GRADUS_INSTANTIATE

}  // namespace gradus::nn::detail
