#include <algorithm>
#include <vector>

#include <gradus/ops/kernels/cumulate.hpp>
#include <gradus/ops/kernels/simd_loop.hpp>

namespace gradus::kernels::GRADUS_KERNEL_ARCH {

template <class T>
void cumsum(const T* x, ReduceShape shape, bool reversed, T* y, bool accumulate);

namespace {

constexpr std::size_t block_rows = 256;

bool is_empty(ReduceShape shape) { return shape.outer == 0 || shape.n == 0 || shape.inner == 0; }

std::size_t grain_of(std::size_t elements) {
  return std::max<std::size_t>(1, parallel_grain / (elements + 1));
}

/// Running sums of some blocks of rows, each block for itself.
template <class T>
class BlockSums {
 public:
  BlockSums(const T* x, ReduceShape shape, bool reversed) : x_(x), shape_(shape), reversed_(reversed) {}

  std::size_t per_slice() const { return (shape_.n + block_rows - 1) / block_rows; }

  /// step(place, i, sum) for each element of a block: where it is, its column, and the sum up to it, which
  /// begins with total[i] and ends there.
  template <class Step>
  void walk(std::size_t block, T* total, const Step& step) const {
    const std::size_t o = block / per_slice(), first = block % per_slice() * block_rows,
                      last = std::min(shape_.n, first + block_rows);
    if (shape_.inner == 1) {
      T sum = *total;  // in a register: what step() writes might be *total
      for (std::size_t k = first; k < last; ++k) {
        const std::size_t row = row_of(o, k);
        sum += x_[row];
        step(row, 0, sum);
      }
      *total = sum;
      return;
    }
    for (std::size_t k = first; k < last; ++k) {
      const std::size_t row = row_of(o, k);
      for (std::size_t i = 0; i < shape_.inner; ++i) {
        total[i] += x_[row + i];
        step(row + i, i, total[i]);
      }
    }
  }

 private:
  std::size_t row_of(std::size_t o, std::size_t k) const {
    return (o * shape_.n + (reversed_ ? shape_.n - 1 - k : k)) * shape_.inner;
  }

  const T* x_;
  ReduceShape shape_;
  bool reversed_;
};

/// What stands before each block: the running sums of the blocks' totals, moved on by one.
template <class T>
std::vector<T> sums_before(const BlockSums<T>& blocks, ReduceShape shape) {
  const std::size_t count = blocks.per_slice(), inner = shape.inner;
  std::vector<T> before(shape.outer * count * inner, T(0));
  if (count == 1) return before;
  std::vector<T> totals(before.size(), T(0)), sums(before.size());
  parallel_for(shape.outer * count, grain_of(block_rows * inner), [&](std::size_t begin, std::size_t end) {
    for (std::size_t b = begin; b < end; ++b)
      blocks.walk(b, totals.data() + b * inner, [](std::size_t, std::size_t, T) {});
  });
  GRADUS_KERNEL_ARCH::cumsum(totals.data(), {shape.outer, count, inner}, false, sums.data(), false);
  for (std::size_t o = 0; o < shape.outer; ++o) {
    const T* const first = sums.data() + o * count * inner;
    std::copy(first, first + (count - 1) * inner, before.data() + (o * count + 1) * inner);
  }
  return before;
}

}  // namespace

template <class T>
void cumsum(const T* x, ReduceShape shape, bool reversed, T* y, bool accumulate) {
  if (is_empty(shape)) return;
  const BlockSums<T> blocks(x, shape, reversed);
  const std::vector<T> before = sums_before(blocks, shape);
  const std::size_t inner = shape.inner, count = shape.outer * blocks.per_slice();
  std::vector<T> totals(count * inner, T(0));
  parallel_for(count, grain_of(block_rows * inner), [&](std::size_t begin, std::size_t end) {
    for (std::size_t b = begin; b < end; ++b)
      blocks.walk(b, totals.data() + b * inner, [&](std::size_t place, std::size_t i, T total) {
        const T sum = before[b * inner + i] + total;
        y[place] = accumulate ? y[place] + sum : sum;
      });
  });
}

template <class T>
void cumprod(const T* x, ReduceShape shape, T* y) {
  if (is_empty(shape)) return;
  const auto [outer, n, inner] = shape;
  parallel_for(outer, grain_of(n * inner), [&, n = n, inner = inner](std::size_t begin, std::size_t end) {
    for (std::size_t o = begin; o < end; ++o) {
      const std::size_t first = o * n * inner, last = first + n * inner;
      std::copy_n(x + first, inner, y + first);
      for (std::size_t i = first + inner; i < last; ++i) y[i] = y[i - inner] * x[i];
    }
  });
}

template <class T>
void cumprod_backward(const T* g, const T* x, const T* y, T* gx, ReduceShape shape, bool accumulate) {
  if (is_empty(shape)) return;
  const auto [outer, n, inner] = shape;
  const auto absorbed = [](T s, T factor) { return s == T(0) ? T(0) : s * factor; };
  std::vector<T> all_sums(outer * inner, T(0));
  parallel_for(outer, grain_of(n * inner), [&, n = n, inner = inner](std::size_t begin, std::size_t end) {
    for (std::size_t o = begin; o < end; ++o) {
      T* const s = all_sums.data() + o * inner;
      for (std::size_t k = n; k-- > 0;)
        for (std::size_t i = 0; i < inner; ++i) {
          const std::size_t at = (o * n + k) * inner + i;
          s[i] = g[at] + (k + 1 < n ? absorbed(s[i], x[at + inner]) : T(0));
          const T share = k > 0 ? absorbed(s[i], y[at - inner]) : s[i];
          gx[at] = accumulate ? gx[at] + share : share;
        }
    }
  });
}

}  // namespace gradus::kernels::GRADUS_KERNEL_ARCH

namespace gradus::kernels {

GRADUS_KERNEL(cumsum)
GRADUS_KERNEL(cumprod)
GRADUS_KERNEL(cumprod_backward)

}  // namespace gradus::kernels
