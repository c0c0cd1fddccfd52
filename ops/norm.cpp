#include <cmath>
#include <limits>

#include <gradus/ops/compare.hpp>
#include <gradus/ops/composed_rule.hpp>
#include <gradus/ops/index.hpp>
#include <gradus/ops/layout.hpp>
#include <gradus/ops/reduce.hpp>
#include <gradus/ops/slices.hpp>

namespace gradus {
namespace detail {
namespace {

/// The p-norm in ops: its value, and what flows back.
struct PNorm {
  double p;
  Axes axes;
  Shape kept;  // the reduced shape with the axes left in

  template <class T>
  Tensor<T> value(const Tensor<T>& x) const {
    const Tensor<T> size = abs(x);
    if (x.size() == 0) return full_array<T>(kept, p < 0 ? std::numeric_limits<T>::infinity() : T(0));
    if (p == 0) return sum(sign(size), axes, true);
    if (p == 1) return sum(size, axes, true);
    const Tensor<T> top = p > 0 ? gradus::max(size, axes, true) : gradus::min(size, axes, true);
    if (std::isinf(p)) return top;
    const Tensor<T> scale = where(top > 0 && top < std::numeric_limits<T>::infinity(), top, 1);
    return pow(sum(pow(size / scale, p), axes, true), 1 / p) * scale;
  }

  template <class T>
  Tensor<T> slope(const Tensor<T>& x, const Tensor<T>& y) const {
    if (p == 0) return full_array<T>(x.shape(), T(0));
    if (p == 1) return sign(x);
    if (std::isinf(p)) {
      const Tensor<T> is_top = where(abs(x) == y, 1, Tensor<T>(0));
      return sign(x) * (is_top / sum(is_top, axes, true));
    }
    return where(x == 0, 0, where(y == 0, 0, sign(x) * pow(abs(x) / y, p - 1)));
  }
};

}  // namespace
}  // namespace detail

using detail::OpName;
using detail::Slices;

template <class T>
Tensor<T> norm(Tensor<T> x, const Axes& axes, NormOptions options) {
  constexpr OpName op = OpName::norm;
  if (std::isnan(options.p)) throw ValueError(op.tag() + "p is NaN: expected a number or an infinity");
  if (options.p == 2) return norm(std::move(x), axes, options.keepdims);
  const Slices slices(op, x.shape(), axes, options.keepdims);
  Shape kept = x.shape();
  for (const std::size_t axis : slices.axes) kept[axis] = 1;
  const detail::PNorm rule{options.p, Axes(slices.axes), kept};
  auto value =
      detail::value_off_the_record([&] { return reshape(rule.value(x), slices.result).shared_value(); });
  return detail::record_composed(
      op, std::move(value), {x}, [rule](const auto& g, const auto& in, const auto& y) {
        return std::vector{flow(reshape(g, rule.kept), rule.slope(in[0], reshape(y, rule.kept)))};
      });
}

template Tensor<float> norm(Tensor<float>, const Axes&, NormOptions);
template Tensor<double> norm(Tensor<double>, const Axes&, NormOptions);

}  // namespace gradus
