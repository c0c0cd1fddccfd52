#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include <gradus/ops/op_call.hpp>

/// The rows of the table of ops by their names (ops/op_table.hpp).
namespace gradus::detail {

template <class X>
using Call = const OpCall<X>&;

/// What an op takes, and how it is called. Of several results a call gives one, by the attribute "output",
/// which counts from 0.
template <class X>
struct OpRow {
  std::size_t fewest, most;  ///< inputs
  std::vector<std::string> attributes;
  std::function<X(Call<X>)> apply;
};

template <class X>
using OpRows = std::map<std::string, OpRow<X>, std::less<>>;

template <class T>
void add_reductions(OpRows<Tensor<T>>& rows);
template <class T>
void add_shapes(OpRows<Tensor<T>>& rows);
template <class T>
void add_picking(OpRows<Tensor<T>>& rows);
template <class T>
void add_algebra(OpRows<Tensor<T>>& rows);

}  // namespace gradus::detail
