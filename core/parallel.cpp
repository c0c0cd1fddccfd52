#include <algorithm>
#include <atomic>
#include <string>
#include <thread>

#include <gradus/core/error.hpp>
#include <gradus/core/helpers.hpp>
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
  return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
#endif
}

std::atomic<int>& thread_setting() {
  static std::atomic<int> threads{default_threads()};
  return threads;
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
  const std::size_t threads = std::min({static_cast<std::size_t>(num_threads()), most, Job::most_threads});
  if (threads > 1) {
    Job job(n, threads, function, context);
    if (Helpers::of_process().run(job)) return;
  }
  function(context, 0, n);
}

}  // namespace detail
}  // namespace gradus
