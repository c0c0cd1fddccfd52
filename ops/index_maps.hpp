#pragma once

#include <memory>
#include <utility>
#include <vector>

#include <gradus/ops/kernels/gather.hpp>
#include <gradus/ops/kernels/layout.hpp>
#include <gradus/ops/kernels/strided.hpp>
#include <gradus/ops/kernels/vector.hpp>
#include <gradus/ops/linear_map.hpp>
#include <gradus/ops/operands.hpp>

/// The linear maps that move elements from place to place (ops/linear_map.hpp says what a map is).
namespace gradus::detail {

/// For staged code: the elements of a flat array of n at these places, or n zeros to which they are added
/// there.
Attributes picking(const Integers& places, std::size_t n);
Attributes putting(const Integers& places, std::size_t n);

/// Blocks of x, copied to where they stand in y; 0 elsewhere. No element is in two blocks.
struct BlockCopies {
  OpName op;
  Shape from, to;
  std::vector<kernels::StridedBlock> blocks;
  bool covers_from = false, covers_to = false;  // whether every element is in a block

  template <class T>
  void apply(const T* x, T* y, bool accumulate) const {
    if (!accumulate && !covers_to) kernels::fill(y, T(0), count(to));
    for (const kernels::StridedBlock& block : blocks) kernels::copy_strided(x, y, block, accumulate);
  }
  BlockCopies transposed() const {
    BlockCopies back{.op = op,
                     .from = to,
                     .to = from,
                     .blocks = blocks,
                     .covers_from = covers_to,
                     .covers_to = covers_from};
    for (kernels::StridedBlock& block : back.blocks) {
      std::swap(block.from, block.to);
      for (kernels::StridedAxis& axis : block.axes) std::swap(axis.from, axis.to);
    }
    return back;
  }
  Attributes attributes() const;
};

/// Which elements of an axis: so many, from `start` on, `step` apart.
struct WindowAxis {
  std::ptrdiff_t start, step;
  std::size_t count;
};

/// The elements of an array of shape `from` that lie in a window, one WindowAxis for each axis, under the
/// shape `to`.
BlockCopies window(OpName op, const Shape& from, const std::vector<WindowAxis>& axes, const Shape& to);

/// All of an axis.
inline WindowAxis whole(std::size_t extent) { return {0, 1, extent}; }

/// Places in an array, in row-major order, each of them counted once or more. They are `groups` groups of
/// equal length of which no two share a place.
struct Places {
  Integers at;
  std::size_t groups;
};

struct Putting;

/// y_i = x at the i-th place.
struct Picking {
  OpName op;
  Shape from, to;
  std::shared_ptr<const Places> places;

  template <class T>
  void apply(const T* x, T* y, bool accumulate) const {
    kernels::gather(x, places->at.data(), places->at.size(), y, accumulate);
  }
  Putting transposed() const;
  Attributes attributes() const { return picking(places->at, count(from)); }
};

/// Adds x_i to the i-th place of an array of zeros.
struct Putting {
  OpName op;
  Shape from, to;
  std::shared_ptr<const Places> places;

  template <class T>
  void apply(const T* x, T* y, bool accumulate) const {
    if (!accumulate) kernels::fill(y, T(0), count(to));
    kernels::scatter_add(x, places->at.data(), places->at.size(), places->groups, y);
  }
  Picking transposed() const { return {.op = op, .from = to, .to = from, .places = places}; }
  Attributes attributes() const { return putting(places->at, count(to)); }
};

inline Putting Picking::transposed() const { return {.op = op, .from = to, .to = from, .places = places}; }

/// A map of arrays that are seen under other shapes of as many elements.
template <class Map>
struct Reshaped {
  OpName op;
  Shape from, to;
  Map map;

  template <class T>
  void apply(const T* x, T* y, bool accumulate) const {
    map.apply(x, y, accumulate);
  }
  auto transposed() const {
    return Reshaped<decltype(map.transposed())>{.op = op, .from = to, .to = from, .map = map.transposed()};
  }
};

/// How far it is from one element to the next along each axis of a contiguous array.
std::vector<std::ptrdiff_t> steps_of(const Shape& shape);

}  // namespace gradus::detail
