#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <gradus/core/xtensor.hpp>

namespace gradus {

/// The extents of an array, outermost axis first; empty for a single number.
using Shape = xt::dynamic_shape<std::size_t>;

/// Number of elements, the product of the extents. ShapeError, naming `op`, where no array could have the
/// shape: the extents other than 0 multiply to more doubles than a std::ptrdiff_t can count the bytes of.
std::size_t count(const Shape& shape, const char* op = "shape");

/// "(2,3)"; "()" for a single number.
std::string to_string(const Shape& shape);

/// The shape two operands share under NumPy's rules: extents are compared from the last axis backwards, a
/// missing extent counts as 1, and 1 stretches to the other. ShapeError, naming `op`, when they do not fit or
/// the result has more elements than an array can.
Shape broadcast_shapes(const char* op, const Shape& a, const Shape& b);

/// `axis` as an index into `shape`, or into a result that has so many axes more; a negative axis counts from
/// the end. ShapeError, naming `op`, when it is out of range.
std::size_t normalize_axis(const char* op, const Shape& shape, std::ptrdiff_t axis, std::size_t added = 0);

/// `axes` as sorted indices, likewise. ShapeError, naming `op`, for an axis out of range or given twice.
std::vector<std::size_t> normalize_axes(const char* op, const Shape& shape,
                                        const std::vector<std::ptrdiff_t>& axes, std::size_t added = 0);

}  // namespace gradus
