#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gradus/ops/kernels/strided.hpp>
#include <gradus/ops/kernels/vector.hpp>
#include <gradus/ops/linear_map.hpp>
#include <gradus/ops/windows.hpp>

namespace gradus {
namespace detail {
namespace {

using Blocks = std::vector<kernels::StridedBlock>;

struct WindowSums;

/// The elements of all windows. A block for each place in the window: no two elements of one block come from
/// the same element of the image, and none go to the same place.
struct Windows {
  OpName op = OpName::unfold;
  Shape from, to;
  std::shared_ptr<const Blocks> blocks;
  bool covers_to;  // whether no window sees the padding

  template <class T>
  void apply(const T* x, T* y, bool accumulate) const {
    if (!accumulate && !covers_to) kernels::fill(y, T(0), count(to));
    for (const kernels::StridedBlock& block : *blocks) kernels::copy_strided(x, y, block, accumulate);
  }
  WindowSums transposed() const;
};

/// The elements of all windows, added up where they came from.
struct WindowSums {
  OpName op = OpName::unfold;
  Shape from, to;
  std::shared_ptr<const Blocks> blocks;
  bool covers_from;

  template <class T>
  void apply(const T* x, T* y, bool accumulate) const {
    if (!accumulate) kernels::fill(y, T(0), count(to));
    for (kernels::StridedBlock back : *blocks) {
      std::swap(back.from, back.to);
      for (kernels::StridedAxis& axis : back.axes) std::swap(axis.from, axis.to);
      kernels::copy_strided(x, y, back, true);
    }
  }
  Windows transposed() const { return {.from = to, .to = from, .blocks = blocks, .covers_to = covers_from}; }
};

WindowSums Windows::transposed() const {
  return {.from = to, .to = from, .blocks = blocks, .covers_from = covers_to};
}

/// Along one axis: the windows of which element `place` lies in the image, and where the first one's lies.
struct Run {
  std::size_t first, count;
  std::ptrdiff_t at;
};

Run windows_inside(std::size_t extent, std::size_t place, std::size_t windows, std::size_t stride,
                   std::size_t padding) {
  const std::size_t first = place >= padding ? 0 : (padding - place - 1) / stride + 1;
  const std::size_t beyond = extent + padding <= place ? 0 : (extent + padding - place - 1) / stride + 1;
  const std::size_t end = std::min(windows, beyond);
  const auto at = static_cast<std::ptrdiff_t>(first * stride + place) - static_cast<std::ptrdiff_t>(padding);
  return {first, end > first ? end - first : 0, at};
}

Windows make_windows(const Shape& x, HeightWidth kernel, HeightWidth out, const WindowOptions& options) {
  const std::size_t images = x[0], channels = x[1], area = kernel.height * kernel.width,
                    columns = out.height * out.width;
  const auto step = [](std::size_t n) { return static_cast<std::ptrdiff_t>(n); };
  Blocks blocks;
  for (std::size_t i = 0; i < kernel.height; ++i)
    for (std::size_t j = 0; j < kernel.width; ++j) {
      const Run down = windows_inside(x[2], i, out.height, options.stride.height, options.padding.height);
      const Run across = windows_inside(x[3], j, out.width, options.stride.width, options.padding.width);
      blocks.push_back({.from = down.at * step(x[3]) + across.at,
                        .to = step((i * kernel.width + j) * columns + down.first * out.width + across.first),
                        .axes = {{images, step(channels * x[2] * x[3]), step(channels * area * columns)},
                                 {channels, step(x[2] * x[3]), step(area * columns)},
                                 {down.count, step(options.stride.height * x[3]), step(out.width)},
                                 {across.count, step(options.stride.width), 1}}});
    }
  return {.from = x,
          .to = {images, channels * area, columns},
          .blocks = std::make_shared<const Blocks>(std::move(blocks)),
          .covers_to = options.padding == HeightWidth(0)};
}

std::string text(HeightWidth pair) { return to_string(Shape{pair.height, pair.width}); }

}  // namespace
}  // namespace detail

namespace {

// Beyond this, sums could overflow, and no such array fits into memory: it was a negative number.
constexpr std::size_t largest = std::size_t{1} << 40;

void check_options(const std::string& tag, HeightWidth kernel, const WindowOptions& options) {
  const struct {
    const char* name;
    HeightWidth pair;
    std::size_t least;
  } rows[] = {{"kernel", kernel, 1}, {"stride", options.stride, 1}, {"padding", options.padding, 0}};
  const auto number = [](std::size_t n) { return std::to_string(static_cast<std::ptrdiff_t>(n)); };
  for (const auto& [name, pair, least] : rows)
    if (std::min(pair.height, pair.width) < least || std::max(pair.height, pair.width) > largest)
      throw ValueError(tag + "a " + name + " of (" + number(pair.height) + "," + number(pair.width) +
                       "): expected at least " + number(least) + " and at most 2^40 along both axes");
}

}  // namespace

HeightWidth count_windows(const char* op, HeightWidth image, HeightWidth kernel,
                          const WindowOptions& options) {
  const std::string tag = std::string("[") + op + "] ";
  check_options(tag, kernel, options);
  const auto [stride, padding] = options;
  const auto fits = [](std::size_t extent, std::size_t window, std::size_t around) {
    return window <= extent + 2 * around;
  };
  if (!fits(image.height, kernel.height, padding.height) || !fits(image.width, kernel.width, padding.width))
    throw ShapeError(tag + "a kernel of " + detail::text(kernel) + " on images of " + detail::text(image) +
                     " with a padding of " + detail::text(padding) + ": expected one that fits in");
  return {(image.height + 2 * padding.height - kernel.height) / stride.height + 1,
          (image.width + 2 * padding.width - kernel.width) / stride.width + 1};
}

template <class T>
Tensor<T> unfold(const Tensor<T>& x, HeightWidth kernel, const WindowOptions& options) {
  const char* const op = detail::OpName::unfold.text();
  const Shape shape = x.shape();
  if (shape.size() != 4)
    throw ShapeError(std::string("[") + op + "] " + to_string(shape) +
                     ": expected images (n,channels,height,width)");
  const HeightWidth out = count_windows(op, {shape[2], shape[3]}, kernel, options);
  count({shape[0], shape[1], kernel.height, kernel.width, out.height, out.width}, op);
  return detail::record_linear(detail::make_windows(shape, kernel, out, options), x);
}
template Tensor<float> unfold(const Tensor<float>&, HeightWidth, const WindowOptions&);
template Tensor<double> unfold(const Tensor<double>&, HeightWidth, const WindowOptions&);

}  // namespace gradus
