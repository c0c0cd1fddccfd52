#include <algorithm>
#include <functional>

#include <gradus/core/broadcast.hpp>
#include <gradus/ops/compare.hpp>
#include <gradus/ops/stretched.hpp>

namespace gradus::detail {
namespace {

constexpr const char* names[] = {"==", "!=", "<", "<=", ">", ">="};

template <class T, class Compare>
void compare_elements(const Tensor<T>& a, const Tensor<T>& b, Array<bool>& y, const Compare& compare) {
  std::transform(a.data(), a.data() + a.size(), b.data(), y.data(), compare);
}

}  // namespace

template <class T>
Array<bool> compare(Comparison comparison, const Tensor<T>& a, const Tensor<T>& b) {
  const Shape shape = broadcast_shapes(names[static_cast<std::size_t>(comparison)], a.shape(), b.shape());
  const Tensor<T> left = stretched(a, shape), right = stretched(b, shape);
  Array<bool> y = empty_array<bool>(shape);
  switch (comparison) {
    case Comparison::equal:
      compare_elements(left, right, y, std::equal_to<>());
      break;
    case Comparison::not_equal:
      compare_elements(left, right, y, std::not_equal_to<>());
      break;
    case Comparison::less:
      compare_elements(left, right, y, std::less<>());
      break;
    case Comparison::less_equal:
      compare_elements(left, right, y, std::less_equal<>());
      break;
    case Comparison::greater:
      compare_elements(left, right, y, std::greater<>());
      break;
    case Comparison::greater_equal:
      compare_elements(left, right, y, std::greater_equal<>());
      break;
  }
  return y;
}

template Array<bool> compare(Comparison, const Tensor<float>&, const Tensor<float>&);
template Array<bool> compare(Comparison, const Tensor<double>&, const Tensor<double>&);

}  // namespace gradus::detail
