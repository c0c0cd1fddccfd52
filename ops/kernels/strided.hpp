#pragma once

#include <cstddef>
#include <vector>

#include <gradus/core/dispatch.hpp>

/// Copies between arrays that are walked in steps, for float and double.
namespace gradus::kernels {

/// One axis of a block: how many elements, and how far it is to the next in each of two arrays. Steps may be
/// negative; that in the array read may be 0.
struct StridedAxis {
  std::size_t extent;
  std::ptrdiff_t from, to;
};

/// Elements of one array, and where they go in another: those at from + sum_d i_d axes[d].from go to
/// to + sum_d i_d axes[d].to, no two to the same place.
struct StridedBlock {
  std::ptrdiff_t from = 0, to = 0;
  std::vector<StridedAxis> axes;
};

/// y (+)= x on a block.
template <class T>
void copy_strided(const T* x, T* y, const StridedBlock& block, bool accumulate) {
  dispatch<copy_strided<T>>(x, y, block, accumulate);
}

}  // namespace gradus::kernels
