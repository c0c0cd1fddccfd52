#pragma once

#include <cstddef>
#include <type_traits>

namespace gradus {

/// How many threads the library may use for one operation, BLAS included; at least 1. Until it is set, as
/// many as OpenMP would use. Results do not depend on it.
void set_num_threads(int threads);
int num_threads();

namespace detail {

using RangeFunction = void (*)(void* context, std::size_t begin, std::size_t end);
void parallel_ranges(std::size_t n, std::size_t grain, RangeFunction function, void* context);

}  // namespace detail

/// Calls f(begin, end) on ranges that together cover [0, n) once: in one call when n < 2 grain, otherwise on
/// at most num_threads() threads, no more than find `grain` each. Within f it stays on the thread it is
/// called on, and so it does while another thread's call keeps the others busy. When f throws, ranges that
/// were not begun are left out, and the first exception is thrown here when nobody is in f any more.
template <class F>
void parallel_for(std::size_t n, std::size_t grain, F&& f) {
  if (n <= grain) {
    if (n > 0) f(std::size_t{0}, n);
    return;
  }
  auto call = [](void* context, std::size_t begin, std::size_t end) {
    (*static_cast<std::remove_reference_t<F>*>(context))(begin, end);
  };
  detail::parallel_ranges(n, grain, call, const_cast<void*>(static_cast<const void*>(&f)));
}

}  // namespace gradus
