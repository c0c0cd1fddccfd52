#pragma once

#include <concepts>
#include <cstddef>
#include <initializer_list>
#include <ranges>
#include <string>
#include <vector>

#include <gradus/core/tensor.hpp>

namespace gradus {

/// Whole numbers as a caller writes them: one (0), a braced list ({0, -1}), or any range of them (a Shape, a
/// std::vector<int>).
class IntList {
 public:
  IntList() = default;
  template <std::integral I>
  requires(!std::same_as<I, bool>) IntList(I value) : values_{static_cast<std::ptrdiff_t>(value)} {}
  IntList(std::initializer_list<std::ptrdiff_t> values) : values_(values) {}
  template <std::ranges::input_range R>
  requires std::integral<std::ranges::range_value_t<R>> IntList(const R& values) {
    for (const auto value : values) values_.push_back(static_cast<std::ptrdiff_t>(value));
  }

  const std::vector<std::ptrdiff_t>& values() const { return values_; }
  /// "(0,-1)"
  std::string text() const;

 private:
  std::vector<std::ptrdiff_t> values_;
};

/// Axes of an array, a negative one counting from the end. Left out, or {}: all of them.
class Axes : public IntList {
 public:
  using IntList::IntList;
  Axes() : is_all_(true) {}

  bool is_all() const { return is_all_; }

 private:
  bool is_all_ = false;
};

/// Axes written as an int or as a range.
template <class A>
concept AxesArgument = std::convertible_to<A, Axes> && !std::same_as<A, Axes>;

// xtensor's templates of the same names take anything by forwarding reference; `using namespace xt`, or an
// xtensor shape given as the axes, brings them in. Against them a function of axes takes the tensor by value
// and has an overload for each way to write the axes, as a conversion would lose.
#define GRADUS_AXES_FORMS(function, ...)                                                                  \
  template <class T, AxesArgument A>                                                                      \
  Tensor<T> function(Tensor<T> x, A axes __VA_OPT__(, bool __VA_ARGS__ = false)) {                        \
    return function(std::move(x), Axes(axes) __VA_OPT__(, __VA_ARGS__));                                  \
  }                                                                                                       \
  template <class T>                                                                                      \
  Tensor<T> function(Tensor<T> x,                                                                         \
                     std::initializer_list<std::ptrdiff_t> axes __VA_OPT__(, bool __VA_ARGS__ = false)) { \
    return function(std::move(x), axes.size() == 0 ? Axes() : Axes(axes) __VA_OPT__(, __VA_ARGS__));      \
  }

namespace detail {

/// The permutation that undoes another.
std::vector<std::size_t> inverse(const std::vector<std::size_t>& order);

}  // namespace detail
}  // namespace gradus
