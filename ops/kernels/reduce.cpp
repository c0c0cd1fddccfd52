#include <gradus/ops/kernels/slices.hpp>

namespace gradus::kernels::GRADUS_KERNEL_ARCH {
namespace {

struct ProdOp {
  template <class T>
  static constexpr T identity = T(1);
  template <class T>
  static T combine(const T& a, const T& b) {
    return a * b;
  }
};

struct MinOp {
  template <class T>
  static constexpr T identity = std::numeric_limits<T>::infinity();
  template <class T>
  static T combine(const T& a, const T& b) {
    return math::minimum(a, b);
  }
};

template <class Op, class T>
void reduce(const T* x, ReduceShape shape, T* out) {
  for_each_group<T>(shape, [&](const auto& group) { group.store(out, reduce_array<Op>(group, x)); });
}

/// `x` where it is finite, else `other`.
template <class T>
T finite_or(const T& x, const T& other) {
  return math::select(x - x == T(0), x, other);
}

}  // namespace

template <class T>
void sum(const T* x, ReduceShape shape, T* out) {
  reduce<SumOp>(x, shape, out);
}

template <class T>
void prod(const T* x, ReduceShape shape, T* out) {
  reduce<ProdOp>(x, shape, out);
}

template <class T>
void max(const T* x, ReduceShape shape, T* out) {
  reduce<MaxOp>(x, shape, out);
}

template <class T>
void min(const T* x, ReduceShape shape, T* out) {
  reduce<MinOp>(x, shape, out);
}

template <class T>
void sum_squared_deviation(const T* x, const T* mean, ReduceShape shape, T* out) {
  for_each_group<T>(shape, [&](const auto& group) {
    const auto center = group.load(mean);
    group.store(out, group.template reduce<SumOp>([&](const auto& lanes, const auto& spread) {
      const Batch<T> deviation = lanes.load(x) - spread(center);
      return deviation * deviation;
    }));
  });
}

template <class T>
void norm2(const T* x, ReduceShape shape, T* out) {
  for_each_group<T>(shape, [&](const auto& group) {
    const auto largest = group.template reduce<MaxOp>(
        [&](const auto& lanes, const auto&) { return math::abs(lanes.load(x)); });
    const auto scale = group.map(
        [](const auto& v) {
          using V = std::decay_t<decltype(v)>;
          return math::select(v > V(0), finite_or(v, V(1)), V(1));
        },
        largest);
    const auto sum = group.template reduce<SumOp>([&](const auto& lanes, const auto& spread) {
      const Batch<T> scaled = lanes.load(x) / spread(scale);
      return scaled * scaled;
    });
    group.store(out, group.map([](const auto& s, const auto& v) { return math::sqrt(s) * v; }, sum, scale));
  });
}

template <class T>
void logsumexp(const T* x, ReduceShape shape, T* out) {
  for_each_group<T>(shape, [&](const auto& group) {
    const auto top = reduce_array<MaxOp>(group, x);
    const auto shift =
        group.map([](const auto& v) { return finite_or(v, std::decay_t<decltype(v)>(0)); }, top);
    const auto sum = group.template reduce<SumOp>(
        [&](const auto& lanes, const auto& spread) { return math::exp(lanes.load(x) - spread(shift)); });
    group.store(out, group.map([](const auto& s, const auto& v) { return math::log(s) + v; }, sum, shift));
  });
}

}  // namespace gradus::kernels::GRADUS_KERNEL_ARCH

namespace gradus::kernels {

GRADUS_KERNEL(sum)
GRADUS_KERNEL(prod)
GRADUS_KERNEL(max)
GRADUS_KERNEL(min)
GRADUS_KERNEL(sum_squared_deviation)
GRADUS_KERNEL(norm2)
GRADUS_KERNEL(logsumexp)

}  // namespace gradus::kernels
