#pragma once

#include <cstddef>
#include <cstdint>

#include <gradus/core/dispatch.hpp>

/// Elements picked one by one, for float and double.
namespace gradus::kernels {

/// y[i] (+)= x[positions[i]], i in [0, n)
template <class T>
void gather(const T* x, const std::int64_t* positions, std::size_t n, T* y, bool accumulate) {
  dispatch<gather<T>>(x, positions, n, y, accumulate);
}

/// y[positions[i]] += x[i], i in [0, n), in this order. The n elements are so many groups of equal length of
/// which no two share a position.
template <class T>
void scatter_add(const T* x, const std::int64_t* positions, std::size_t n, std::size_t groups, T* y) {
  dispatch<scatter_add<T>>(x, positions, n, groups, y);
}

}  // namespace gradus::kernels
