#pragma once

#include <array>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include <gradus/ops/axes.hpp>
#include <gradus/ops/kernels/layout.hpp>
#include <gradus/ops/kernels/vector.hpp>
#include <gradus/ops/linear_map.hpp>
#include <gradus/ops/operands.hpp>

/// The linear maps of ops that rearrange and pick elements (ops/linear_map.hpp says what a map is).
namespace gradus::detail {

/// As attributes hold them.
inline std::vector<std::ptrdiff_t> as_integers(std::span<const std::size_t> sizes) {
  return {sizes.begin(), sizes.end()};
}

/// The elements in the same order under another shape.
struct Reshaping {
  OpName op = OpName::reshape;
  Shape from, to;

  template <class T>
  void apply(const T* x, T* y, bool accumulate) const {
    (accumulate ? kernels::add<T> : kernels::copy<T>)(x, y, count(to));
  }
  Reshaping transposed() const { return {.from = to, .to = from}; }
  Attributes attributes() const { return {{"map", "reshape"}}; }
};

/// Axis d of y is axis order[d] of x.
struct Permutation {
  OpName op;
  Shape from, to;
  std::vector<std::size_t> order;

  Permutation(const Shape& shape, std::vector<std::size_t> axes, OpName name = OpName::transpose)
      : op(name), from(shape), order(std::move(axes)) {
    for (const std::size_t axis : order) to.push_back(from[axis]);
  }

  template <class T>
  void apply(const T* x, T* y, bool accumulate) const {
    kernels::permute(x, from, order, y, accumulate);
  }
  Permutation transposed() const { return {to, inverse(order)}; }
  Attributes attributes() const { return {{"map", "transpose"}, {"axes", as_integers(order)}}; }
};

struct SumOfCopies;

/// x stretched under NumPy's rules.
struct Stretching {
  OpName op = OpName::broadcast_to;
  Shape from, to;

  template <class T>
  void apply(const T* x, T* y, bool accumulate) const {
    if (!accumulate) return kernels::broadcast_copy(x, from, y, to);
    const Ref<Value<T>> stretched = empty_value<T>(to);
    kernels::broadcast_copy(x, from, stretched->array.data(), to);
    kernels::add(stretched->array.data(), y, count(to));
  }
  SumOfCopies transposed() const;
  Attributes attributes() const { return {{"map", "broadcast"}}; }
};

/// x summed over the axes along which `to` was stretched to `from`.
struct SumOfCopies {
  OpName op = OpName::sum;
  Shape from, to;

  template <class T>
  void apply(const T* x, T* y, bool accumulate) const {
    if (!to.empty()) return kernels::reduce_to(x, from, y, to, accumulate);
    const double total = kernels::sum_in_double(x, count(from));  // as the gradient of a Scalar asks for
    *y = static_cast<T>(accumulate ? static_cast<double>(*y) + total : total);
  }
  Stretching transposed() const { return {.from = to, .to = from}; }
  Attributes attributes() const { return {{"map", "sum_of_copies"}}; }
};

inline SumOfCopies Stretching::transposed() const { return {.from = to, .to = from}; }

struct Columns;

/// x as some of the columns of a larger array, seen as matrices of `rows` rows; 0 elsewhere.
struct AmongColumns {
  OpName op = OpName::concatenate;
  Shape from, to;
  std::size_t rows, begin, width, all_columns;

  template <class T>
  void apply(const T* x, T* y, bool accumulate) const {
    if (!accumulate) kernels::fill(y, T(0), rows * all_columns);
    kernels::copy_blocks(x, width, y + begin, all_columns, rows, width, accumulate);
  }
  Columns transposed() const;
  Attributes attributes() const {
    return {{"map", "among_columns"}, {"columns", as_integers(std::array{rows, begin, width, all_columns})}};
  }
};

/// Some of the columns of x.
struct Columns {
  OpName op = OpName::take;
  Shape from, to;
  std::size_t rows, begin, width, all_columns;

  template <class T>
  void apply(const T* x, T* y, bool accumulate) const {
    kernels::copy_blocks(x + begin, all_columns, y, width, rows, width, accumulate);
  }
  AmongColumns transposed() const {
    return {.from = to, .to = from, .rows = rows, .begin = begin, .width = width, .all_columns = all_columns};
  }
  Attributes attributes() const {
    return {{"map", "columns"}, {"columns", as_integers(std::array{rows, begin, width, all_columns})}};
  }
};

inline Columns AmongColumns::transposed() const {
  return {.from = to, .to = from, .rows = rows, .begin = begin, .width = width, .all_columns = all_columns};
}

/// Positions along the middle axis of arrays (outer, n, inner).
struct Positions {
  kernels::ReduceShape shape;
  Integers indices;  // each in [0, n)
};

inline Attributes attributes_of(const char* map, const Positions& at) {
  return {{"map", map},
          {"indices", std::vector<std::ptrdiff_t>(at.indices.begin(), at.indices.end())},
          {"extents", as_integers(std::array{at.shape.outer, at.shape.n, at.shape.inner})}};
}

struct ScatterAdd;

/// What stands at some positions.
struct Taking {
  OpName op = OpName::take;
  Shape from, to;
  std::shared_ptr<const Positions> at;

  template <class T>
  void apply(const T* x, T* y, bool accumulate) const {
    const Integers& indices = at->indices;
    if (!accumulate) return kernels::take(x, at->shape, indices.data(), indices.size(), y);
    const Ref<Value<T>> taken = empty_value<T>(to);
    kernels::take(x, at->shape, indices.data(), indices.size(), taken->array.data());
    kernels::add(taken->array.data(), y, count(to));
  }
  ScatterAdd transposed() const;
  Attributes attributes() const { return attributes_of("take", *at); }
};

/// Adds x to what stands at some positions of an array of zeros.
struct ScatterAdd {
  OpName op = OpName::take;
  Shape from, to;
  std::shared_ptr<const Positions> at;

  template <class T>
  void apply(const T* x, T* y, bool accumulate) const {
    if (!accumulate) kernels::fill(y, T(0), count(to));
    kernels::take_backward(x, at->shape, at->indices.data(), at->indices.size(), y);
  }
  Taking transposed() const { return {.from = to, .to = from, .at = at}; }
  Attributes attributes() const { return attributes_of("scatter_add", *at); }
};

inline ScatterAdd Taking::transposed() const { return {.from = to, .to = from, .at = at}; }

/// x where the mask is `side`, 0 elsewhere: its own transpose.
struct Masking {
  OpName op = OpName::where;
  Shape to;
  std::shared_ptr<const Array<bool>> mask;
  bool side;

  template <class T>
  void apply(const T* x, T* y, bool accumulate) const {
    kernels::where_backward(mask->data(), side, x, y, mask->size(), accumulate);
  }
  const Masking& transposed() const { return *this; }
  Attributes attributes() const { return {{"map", "mask"}, {"side", side}}; }
  template <class T>
  Noted<T> noted(const Tensor<T>& x) const {
    return wants_calls() ? Noted<T>(x, Tensor<T>(*mask)) : Noted<T>();
  }
};

}  // namespace gradus::detail
