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

/// The rows' largest logits and sums of e^(z - top): see softmax.hpp.
template <class Numbers>
struct Scales {
  Numbers top, total;
};

template <class T, class Group>
auto find_scales(const Group& group, const T* z, T* scales, std::size_t rows) {
  const auto top = reduce_array<TopOp>(group, z);
  const auto total = group.template reduce<SumOp>(
      [&](const auto& lanes, const auto& spread) { return math::exp(lanes.load(z) - spread(top)); });
  group.store(scales, top);
  group.store(scales + rows, total);
  return Scales<typename Group::Numbers>{top, total};
}

template <class T, class Group>
auto load_scales(const Group& group, const T* scales, std::size_t rows) {
  return Scales<typename Group::Numbers>{group.load(scales), group.load(scales + rows)};
}

template <class Group, class Numbers>
Numbers log_of_total(const Group& group, const Scales<Numbers>& scales) {
  return group.map([](const auto& total) { return math::log(total); }, scales.total);
}

}  // namespace

template <class T>
void cross_entropy(const T* z, const std::int64_t* labels, T* loss, T* scales, std::size_t rows,
                   std::size_t classes) {
  for_each_group<T>({rows, classes, 1}, [&](const auto& group) {
    for (std::size_t row = group.index; row < group.index + group.slices(); ++row)
      loss[row] = z[row * classes + static_cast<std::size_t>(labels[row])];
    const auto found = find_scales(group, z, scales, rows);
    group.store(loss, group.map([](const auto& log_total, const auto& top,
                                   const auto& picked) { return log_total + (top - picked); },
                                log_of_total(group, found), found.top, group.load(loss)));
  });
}

template <class T>
void cross_entropy_backward(const T* g, T factor, const T* z, const T* scales, const std::int64_t* labels,
                            T* gz, std::size_t rows, std::size_t classes, bool accumulate) {
  for_each_group<T>({rows, classes, 1}, [&](const auto& group) {
    const auto shares = row_shares(group, g, factor);
    const auto known = load_scales(group, scales, rows);
    group.for_each([&](const auto& lanes, const auto& spread) {
      const Batch<T> share = spread(shares);
      const Batch<T> softmax = math::exp(lanes.load(z) - spread(known.top)) / spread(known.total);
      store_or_add(lanes, gz, absorb(share, share * softmax), accumulate);
    });
    for (std::size_t row = group.index; row < group.index + group.slices(); ++row)
      gz[row * classes + static_cast<std::size_t>(labels[row])] -= g == nullptr ? factor : factor * g[row];
  });
}

template <class T>
void cross_entropy_rows(const T* z, const T* t, T* loss, T* scales, std::size_t rows, std::size_t classes) {
  for_each_group<T>({rows, classes, 1}, [&](const auto& group) {
    const auto found = find_scales(group, z, scales, rows);
    const auto log_total = log_of_total(group, found);
    group.store(loss, group.template reduce<SumOp>([&](const auto& lanes, const auto& spread) {
      const Batch<T> weight = lanes.load(t);
      return absorb(weight, weight * (spread(log_total) + (spread(found.top) - lanes.load(z))));
    }));
  });
}

template <class T>
void cross_entropy_rows_backward(const T* g, T factor, const T* z, const T* scales, const T* t, T* gz,
                                 std::size_t rows, std::size_t classes, bool accumulate) {
  for_each_group<T>({rows, classes, 1}, [&](const auto& group) {
    const auto shares = row_shares(group, g, factor), weights = reduce_array<SumOp>(group, t);
    const auto known = load_scales(group, scales, rows);
    group.for_each([&](const auto& lanes, const auto& spread) {
      const Batch<T> share = spread(shares);
      const Batch<T> softmax = math::exp(lanes.load(z) - spread(known.top)) / spread(known.total);
      const Batch<T> difference = softmax * spread(weights) - lanes.load(t);
      store_or_add(lanes, gz, absorb(share, share * difference), accumulate);
    });
  });
}

template <class T>
void cross_entropy_rows_backward_target(const T* g, T factor, const T* z, const T* scales, T* gt,
                                        std::size_t rows, std::size_t classes, bool accumulate) {
  for_each_group<T>({rows, classes, 1}, [&](const auto& group) {
    const auto shares = row_shares(group, g, factor);
    const auto known = load_scales(group, scales, rows);
    const auto log_total = log_of_total(group, known);
    group.for_each([&](const auto& lanes, const auto& spread) {
      const Batch<T> share = spread(shares);
      const Batch<T> cost = spread(log_total) + (spread(known.top) - lanes.load(z));
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
