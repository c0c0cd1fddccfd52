#include <algorithm>

#include <gradus/core/error.hpp>
#include <gradus/core/shape.hpp>

namespace gradus {
namespace {

[[noreturn]] void fail_axis(const char* op, const Shape& shape, std::size_t added, std::ptrdiff_t axis,
                            const std::string& reason) {
  const std::string more = added == 0 ? "" : " and " + std::to_string(added) + " more";
  throw ShapeError("[" + std::string(op) + "] axis " + std::to_string(axis) + " of " + to_string(shape) +
                   more + ": " + reason);
}

}  // namespace

std::size_t count(const Shape& shape, const char* op) {
  std::ptrdiff_t bytes = sizeof(double);  // distances in memory are of this type
  bool fits = true, is_empty = false;
  for (const std::size_t extent : shape) {
    if (extent == 0)
      is_empty = true;
    else
      fits &= !__builtin_mul_overflow(bytes, extent, &bytes);
  }
  if (!fits)
    throw ShapeError("[" + std::string(op) + "] a result of shape " + to_string(shape) +
                     ": it would have more elements than memory can hold");
  return is_empty ? 0 : static_cast<std::size_t>(bytes) / sizeof(double);
}

std::string to_string(const Shape& shape) {
  std::string text = "(";
  for (std::size_t axis = 0; axis < shape.size(); ++axis) {
    if (axis > 0) text += ',';
    text += std::to_string(shape[axis]);
  }
  return text + ")";
}

Shape broadcast_shapes(const char* op, const Shape& a, const Shape& b) {
  const Shape& longer = a.size() >= b.size() ? a : b;
  const Shape& shorter = a.size() >= b.size() ? b : a;
  Shape result = longer;
  for (std::size_t back = 1; back <= shorter.size(); ++back) {
    std::size_t& extent = result[longer.size() - back];
    const std::size_t other = shorter[shorter.size() - back];
    if (extent == 1) {
      extent = other;
    } else if (other != 1 && other != extent) {
      throw ShapeError("[" + std::string(op) + "] " + to_string(a) + " and " + to_string(b) +
                       " do not broadcast: axis -" + std::to_string(back) + " has " +
                       std::to_string(a[a.size() - back]) + " and " + std::to_string(b[b.size() - back]));
    }
  }
  count(result, op);
  return result;
}

std::size_t normalize_axis(const char* op, const Shape& shape, std::ptrdiff_t axis, std::size_t added) {
  const auto rank = static_cast<std::ptrdiff_t>(shape.size() + added);
  if (rank == 0) fail_axis(op, shape, added, axis, "a single number has no axes");
  if (axis < -rank || axis >= rank)
    fail_axis(op, shape, added, axis,
              "expected " + std::to_string(-rank) + " to " + std::to_string(rank - 1));
  return static_cast<std::size_t>(axis < 0 ? axis + rank : axis);
}

std::vector<std::size_t> normalize_axes(const char* op, const Shape& shape,
                                        const std::vector<std::ptrdiff_t>& axes, std::size_t added) {
  std::vector<std::size_t> result;
  for (const std::ptrdiff_t axis : axes) {
    const std::size_t index = normalize_axis(op, shape, axis, added);
    if (std::find(result.begin(), result.end(), index) != result.end())
      fail_axis(op, shape, added, axis, "given twice");
    result.push_back(index);
  }
  std::sort(result.begin(), result.end());
  return result;
}

}  // namespace gradus
