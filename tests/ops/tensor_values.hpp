#pragma once

#include <cmath>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <gradus/core/check_gradients.hpp>

// What the tests of tensor ops share.
namespace gradus {

using Numbers = std::vector<double>;

/// The elements in row-major order.
template <class T>
Numbers elements(const Array<T>& array) {
  return Numbers(array.begin(), array.end());
}
template <class T>
Numbers elements(const Tensor<T>& x) {
  return elements(x.value());
}

/// A constant with irregular values between -2 and 2, no two alike.
template <class T = double>
Tensor<T> irregular(const Shape& shape, double phase = 0) {
  Array<T> array = empty_array<T>(shape);
  for (std::size_t i = 0; i < array.size(); ++i)
    array.data()[i] = static_cast<T>(2 * std::sin(phase + 1.7 * static_cast<double>(i + 1)));
  return Tensor<T>(std::move(array));
}

/// The error an action throws, or what it did instead.
template <class Error, class Action>
std::string message_of(Action&& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.what();
  } catch (const std::exception& error) {
    return std::string("another error: ") + error.what();
  }
  return "no error";
}

template <class F>
void expect_right_gradients(F&& f, const std::vector<Tensor<double>>& inputs) {
  const GradientCheck check = check_gradients(f, inputs, {.stencil = Stencil::five_point, .tolerance = 1e-7});
  EXPECT_TRUE(check.ok()) << check;
}

inline const double nan_value = std::nan(""), infinity = HUGE_VAL;

}  // namespace gradus
