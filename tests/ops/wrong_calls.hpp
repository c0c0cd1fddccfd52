#pragma once

#include <functional>
#include <string>
#include <vector>

#include <gradus/gradus.hpp>

/// Calls that must fail: one row for each, tried by errors_test.cpp. Every op in ops/op_list.hpp has at least
/// six.
namespace gradus::wrong_calls {

enum class Kind { shape, value, graph, data };

struct WrongCall {
  const char* op;  ///< as in ops/op_list.hpp
  std::function<void()> call;
  Kind kind;  ///< of the error
  std::vector<std::string>
      says;  ///< parts of its message: the op in brackets, shapes, the axis, what is right
};

std::vector<WrongCall> of_elementwise_ops();
std::vector<WrongCall> of_shape_ops();
std::vector<WrongCall> of_reductions();
std::vector<WrongCall> of_products();
std::vector<WrongCall> of_linalg();

}  // namespace gradus::wrong_calls
