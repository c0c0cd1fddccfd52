#include <algorithm>
#include <atomic>

#include <gradus/core/error.hpp>
#include <gradus/core/parallel.hpp>

#ifdef _OPENMP
#include <omp.h>
#endif

namespace gradus {
namespace {

int default_threads() {
#ifdef _OPENMP
  return omp_get_max_threads();
#else
  return 1;
#endif
}

std::atomic<int>& thread_setting() {
  static std::atomic<int> threads{default_threads()};
  return threads;
}

bool inside_parallel_region() {
#ifdef _OPENMP
  return omp_in_parallel() != 0;
#else
  return true;
#endif
}

}  // namespace

void set_num_threads(int threads) {
  if (threads < 1)
    throw ValueError("[set_num_threads] " + std::to_string(threads) + " given: at least 1 is expected");
  thread_setting() = threads;
}

int num_threads() { return thread_setting(); }

namespace detail {

void parallel_ranges(std::size_t n, std::size_t grain, RangeFunction function, void* context) {
  const std::size_t most = n / std::max<std::size_t>(grain, 1);
  const std::size_t threads = std::min(static_cast<std::size_t>(num_threads()), most);
  if (threads <= 1 || inside_parallel_region()) return function(context, 0, n);
#pragma omp parallel for schedule(static) num_threads(static_cast <int>(threads))
  for (std::size_t t = 0; t < threads; ++t) function(context, n * t / threads, n * (t + 1) / threads);
}

}  // namespace detail
}  // namespace gradus
