#pragma once

#include <functional>
#include <string>
#include <vector>

#include <gradus/gradus.hpp>

/// Calls that must fail: one row for each, tried by errors_test.cpp. Every op in ops/op_list.hpp has at least
/// six.
namespace gradus::wrong_calls {

using Tensors = std::vector<Tensor<double>>;

enum class Kind { shape, value, graph, data };

struct WrongCall {
  std::string op;  ///< as in ops/op_list.hpp
  std::function<void()> call;
  Kind kind;  ///< of the error
  std::vector<std::string>
      says;  ///< parts of its message: the op in brackets, shapes, the axis, what is right
};

/// Variables that calls may use: errors_test.cpp sweeps a graph of them after each call.
struct Operands {
  Tensor<double> number, vector, matrix, square, cube;  ///< (), (3), (2,3), (3,3), (2,3,4)
  Tensor<double> nothing;                               ///< (0,3)
};
const Operands& operands();
/// An array that has no elements, and so may have any other extent.
Tensor<double> hollow(const Shape& shape);
inline constexpr std::size_t huge = std::size_t{1} << 40;

/// The rows of one op. That its messages begin with it in brackets is said for all that do not come from a
/// sweep.
class Rows {
 public:
  using Call = std::function<void()>;
  using Says = std::vector<std::string>;

  Rows(std::vector<WrongCall>& all, std::string op) : all_(all), op_(std::move(op)) {}

  void shape(Call call, Says says) const { add(std::move(call), Kind::shape, std::move(says)); }
  void value(Call call, Says says) const { add(std::move(call), Kind::value, std::move(says)); }
  void graph(Call call, Says says) const { add(std::move(call), Kind::graph, std::move(says)); }
  /// What is wrong to do with the result of any op: `f` applies it to a tensor of shape (2,3) and returns
  /// several elements.
  void step(const std::function<Tensor<double>(const Tensor<double>&)>& f) const;

 private:
  void add(Call call, Kind kind, Says says) const;

  std::vector<WrongCall>& all_;
  std::string op_;
};

std::vector<WrongCall> of_elementwise_ops();
std::vector<WrongCall> of_reductions();
std::vector<WrongCall> of_products();
std::vector<WrongCall> of_linalg();
std::vector<WrongCall> of_layout_ops();
std::vector<WrongCall> of_shape_ops();
std::vector<WrongCall> of_custom_ops();

}  // namespace gradus::wrong_calls
