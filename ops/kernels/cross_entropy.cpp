#include <gradus/ops/kernels/slices.hpp>
#include <gradus/ops/kernels/softmax.hpp>

namespace gradus::kernels::GRADUS_KERNEL_ARCH {
namespace {

/// factor * g, one number for each row of the group.
template <class T, class Group>
auto row_shares(const Group& group, const T* g, T factor) {
  if (g == nullptr) return group.constant(factor);
  return group.map([factor](const auto& v) { return v * std::decay_t<decltype(v)>(factor); }, group.load(g));
}

}  // namespace

template <class T>
void cross_entropy(const T* z, const std::int64_t* labels, T* loss, T* softmax, std::size_t rows,
                   std::size_t classes) {
  for_each_group<T>({rows, classes, 1}, [&](const auto& group) {
    for (std::size_t row = group.index; row < group.index + group.slices(); ++row)
      loss[row] = z[row * classes + static_cast<std::size_t>(labels[row])];
    const auto picked = group.load(loss), top = reduce_array<MaxOp>(group, z);
    const auto total = group.template reduce<SumOp>([&](const auto& lanes, const auto& spread) {
      const Batch<T> power = math::exp(lanes.load(z) - spread(top));
      if (softmax != nullptr) lanes.store(softmax, power);
      return power;
    });
    group.store(loss, group.map([](const auto& sum, const auto& t,
                                   const auto& p) { return math::log(sum) + (t - p); },
                                total, top, picked));
    if (softmax == nullptr) return;
    group.for_each([&](const auto& lanes, const auto& spread) {
      lanes.store(softmax, lanes.load(softmax) / spread(total));
    });
  });
}

template <class T>
void cross_entropy_backward(const T* g, T factor, const T* softmax, const std::int64_t* labels, T* gz,
                            std::size_t rows, std::size_t classes, bool accumulate) {
  for_each_group<T>({rows, classes, 1}, [&](const auto& group) {
    const auto shares = row_shares(group, g, factor);
    group.for_each([&](const auto& lanes, const auto& spread) {
      const Batch<T> share = spread(shares);
      store_or_add(lanes, gz, absorb(share, share * lanes.load(softmax)), accumulate);
    });
    for (std::size_t row = group.index; row < group.index + group.slices(); ++row)
      gz[row * classes + static_cast<std::size_t>(labels[row])] -= g == nullptr ? factor : factor * g[row];
  });
}

template <class T>
void cross_entropy_rows(const T* z, const T* t, T* loss, T* softmax, std::size_t rows, std::size_t classes) {
  for_each_group<T>({rows, classes, 1}, [&](const auto& group) {
    const auto top = reduce_array<MaxOp>(group, z);
    const auto total = group.template reduce<SumOp>(
        [&](const auto& lanes, const auto& spread) { return math::exp(lanes.load(z) - spread(top)); });
    const auto log_total = group.map([](const auto& v) { return math::log(v); }, total);
    group.store(loss, group.template reduce<SumOp>([&](const auto& lanes, const auto& spread) {
      const Batch<T> weight = lanes.load(t);
      return absorb(weight, weight * (spread(log_total) + (spread(top) - lanes.load(z))));
    }));
    if (softmax == nullptr) return;
    group.for_each([&](const auto& lanes, const auto& spread) {
      lanes.store(softmax, math::exp(lanes.load(z) - spread(top)) / spread(total));
    });
  });
}

template <class T>
void cross_entropy_rows_backward(const T* g, T factor, const T* softmax, const T* t, T* gz, std::size_t rows,
                                 std::size_t classes, bool accumulate) {
  for_each_group<T>({rows, classes, 1}, [&](const auto& group) {
    const auto shares = row_shares(group, g, factor), weights = reduce_array<SumOp>(group, t);
    group.for_each([&](const auto& lanes, const auto& spread) {
      const Batch<T> share = spread(shares);
      const Batch<T> difference = lanes.load(softmax) * spread(weights) - lanes.load(t);
      store_or_add(lanes, gz, absorb(share, share * difference), accumulate);
    });
  });
}

template <class T>
void cross_entropy_rows_backward_target(const T* g, T factor, const T* z, T* gt, std::size_t rows,
                                        std::size_t classes, bool accumulate) {
  for_each_group<T>({rows, classes, 1}, [&](const auto& group) {
    const auto shares = row_shares(group, g, factor);
    const auto top = reduce_array<MaxOp>(group, z);
    const auto total = group.template reduce<SumOp>(
        [&](const auto& lanes, const auto& spread) { return math::exp(lanes.load(z) - spread(top)); });
    const auto log_total = group.map([](const auto& v) { return math::log(v); }, total);
    group.for_each([&](const auto& lanes, const auto& spread) {
      const Batch<T> share = spread(shares);
      const Batch<T> cost = spread(log_total) + (spread(top) - lanes.load(z));
      store_or_add(lanes, gt, absorb(share, share * cost), accumulate);
    });
  });
}

}  // namespace gradus::kernels::GRADUS_KERNEL_ARCH

namespace gradus::kernels {

GRADUS_KERNEL(cross_entropy)
GRADUS_KERNEL(cross_entropy_backward)
GRADUS_KERNEL(cross_entropy_rows)
GRADUS_KERNEL(cross_entropy_rows_backward)
GRADUS_KERNEL(cross_entropy_rows_backward_target)

}  // namespace gradus::kernels
