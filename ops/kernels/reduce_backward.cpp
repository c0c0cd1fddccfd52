#include <gradus/ops/kernels/slices.hpp>

namespace gradus::kernels {

template <class T>
void sum_backward(const T* g, T factor, T* gx, ReduceShape shape, bool accumulate) {
  for_each_group<T>(shape, [&](const auto& group) {
    const auto share =
        group.map([factor](const auto& v) { return v * std::decay_t<decltype(v)>(factor); }, group.load(g));
    group.for_each(
        [&](const auto& lanes, const auto& spread) { store_or_add(lanes, gx, spread(share), accumulate); });
  });
}

template <class T>
void extremum_backward(const T* g, const T* x, const T* y, T* gx, ReduceShape shape, bool accumulate) {
  for_each_group<T>(shape, [&](const auto& group) {
    const auto incoming = group.load(g), extremum = group.load(y);
    const auto ties = group.template reduce<SumOp>([&](const auto& lanes, const auto& spread) {
      return math::select(lanes.load(x) == spread(extremum), Batch<T>(T(1)), Batch<T>(T(0)));
    });
    group.for_each([&](const auto& lanes, const auto& spread) {
      const Batch<T> top = spread(extremum), gradient = spread(incoming);
      const Batch<T> elsewhere = math::select(math::is_nan(top), top, Batch<T>(T(0)));
      const Batch<T> share = math::select(lanes.load(x) == top, Batch<T>(T(1)) / spread(ties), elsewhere);
      store_or_add(lanes, gx, absorb(gradient, gradient * share), accumulate);
    });
  });
}

template <class T>
void logsumexp_backward(const T* g, const T* x, const T* y, T* gx, ReduceShape shape, bool accumulate) {
  for_each_group<T>(shape, [&](const auto& group) {
    const auto incoming = group.load(g), total = group.load(y);
    group.for_each([&](const auto& lanes, const auto& spread) {
      const Batch<T> gradient = spread(incoming);
      const Batch<T> share = math::exp(lanes.load(x) - spread(total));
      store_or_add(lanes, gx, absorb(gradient, gradient * share), accumulate);
    });
  });
}

#define GRADUS_INSTANTIATE(T)                                                           \
  template void sum_backward(const T*, T, T*, ReduceShape, bool);                       \
  template void extremum_backward(const T*, const T*, const T*, T*, ReduceShape, bool); \
  template void logsumexp_backward(const T*, const T*, const T*, T*, ReduceShape, bool);

GRADUS_INSTANTIATE(float)
GRADUS_INSTANTIATE(double)

}  // namespace gradus::kernels
