#include <algorithm>
#include <numeric>
#include <type_traits>
#include <vector>

#include <gradus/ops/kernels/slices.hpp>
#include <gradus/ops/kernels/vector.hpp>

namespace gradus::kernels::GRADUS_KERNEL_ARCH {
namespace {

/// Neighbouring axes that are all summed away, or all kept.
struct AxisRun {
  std::size_t extent;
  bool summed;
};

using AxisRuns = xt::svector<AxisRun, 4>;

/// The axes of `from`, outermost first, where `to` was stretched to it. Axes of extent 1 are neither.
AxisRuns axis_runs(const Shape& from, const Shape& to) {
  AxisRuns runs;
  const std::size_t missing = from.size() - to.size();
  for (std::size_t axis = 0; axis < from.size(); ++axis) {
    if (from[axis] == 1) continue;
    const bool summed = axis < missing || to[axis - missing] == 1;
    if (!runs.empty() && runs.back().summed == summed)
      runs.back().extent *= from[axis];
    else
      runs.push_back({from[axis], summed});
  }
  return runs;
}

template <class T>
void sum_axis(const T* x, ReduceShape shape, T* out, bool accumulate) {
  for_each_group<T>(shape, [&](const auto& group) {
    auto total = reduce_array<SumOp>(group, x);
    if (accumulate)
      total = group.map([](const auto& a, const auto& b) { return a + b; }, group.load(out), total);
    group.store(out, total);
  });
}

/// Sums the first summed run away, then the others, one after another.
template <class T>
void sum_runs(const T* x, AxisRuns runs, T* out, bool accumulate) {
  const auto product = [](auto first, auto last) {
    return std::accumulate(first, last, std::size_t{1},
                           [](std::size_t n, AxisRun run) { return n * run.extent; });
  };
  const auto is_summed = [](AxisRun run) { return run.summed; };
  const auto run = std::find_if(runs.begin(), runs.end(), is_summed);
  if (run == runs.end()) {
    const std::size_t n = product(runs.begin(), runs.end());
    return accumulate ? add(x, out, n) : copy(x, out, n);
  }
  const ReduceShape shape{product(runs.begin(), run), run->extent, product(run + 1, runs.end())};
  if (std::none_of(run + 1, runs.end(), is_summed)) return sum_axis(x, shape, out, accumulate);
  std::vector<T> partial(shape.outer * shape.inner);
  sum_axis(x, shape, partial.data(), false);
  *run = {1, false};
  sum_runs(partial.data(), runs, out, accumulate);
}

/// Eight running sums: as many additions in flight.
double sum_block_in_double(const float* x, std::size_t n) {
  double sums[8] = {};
  std::size_t i = 0;
  for (; i + 8 <= n; i += 8)
    for (std::size_t j = 0; j < 8; ++j) sums[j] += static_cast<double>(x[i + j]);
  for (; i < n; ++i) sums[i % 8] += static_cast<double>(x[i]);
  return ((sums[0] + sums[1]) + (sums[2] + sums[3])) + ((sums[4] + sums[5]) + (sums[6] + sums[7]));
}

}  // namespace

template <class T>
void reduce_to(const T* x, const Shape& from, T* out, const Shape& to, bool accumulate) {
  sum_runs(x, axis_runs(from, to), out, accumulate);
}

template <class T>
double sum_in_double(const T* x, std::size_t n) {
  if constexpr (std::is_same_v<T, double>) {
    double total;
    sum(x, {1, n, 1}, &total);
    return total;
  } else {
    if (n < 2 * parallel_grain) return sum_block_in_double(x, n);
    double parts[reduce_parts];
    reduce_in_parts(
        n,
        [&](std::size_t k, std::size_t first, std::size_t last) {
          parts[k] = sum_block_in_double(x + first, last - first);
        },
        [&](std::size_t k, std::size_t l) { parts[k] += parts[l]; });
    return parts[0];
  }
}

}  // namespace gradus::kernels::GRADUS_KERNEL_ARCH

namespace gradus::kernels {

GRADUS_KERNEL(reduce_to)
GRADUS_KERNEL(sum_in_double)

}  // namespace gradus::kernels
