#include <gradus/ops/composed.hpp>
#include <gradus/ops/op_rows.hpp>

namespace gradus {
namespace {

using detail::Call;
using detail::OpRows;

template <class X>
OpRows<X> elementwise_ops() {
  OpRows<X> table;
#define GRADUS_ROW(function, ...) \
  table[#function] = {1, 1, {}, [](Call<X> call) -> X { return function(call[0]); }};
  GRADUS_UNARY_OPS(GRADUS_ROW)
#undef GRADUS_ROW
#define GRADUS_ROW(function, ...) \
  table[#function] = {2, 2, {}, [](Call<X> call) -> X { return function(call[0], call[1]); }};
  GRADUS_BINARY_OPS(GRADUS_ROW)
#undef GRADUS_ROW
  table["clip"] = {
      1, 1, {"lo", "hi"}, [](Call<X> call) { return clip(call[0], call.number("lo"), call.number("hi")); }};
  return table;
}

template <class T>
struct Ops {
  static const OpRows<Tensor<T>>& table() {
    static const OpRows<Tensor<T>> all = [] {
      OpRows<Tensor<T>> table = elementwise_ops<Tensor<T>>();
      detail::add_reductions(table);
      detail::add_shapes(table);
      detail::add_picking(table);
      detail::add_algebra(table);
      return table;
    }();
    return all;
  }
};

const OpRows<Scalar>& scalar_ops() {
  static const OpRows<Scalar> table = elementwise_ops<Scalar>();
  return table;
}

template <class X>
X apply(const OpRows<X>& table, std::string_view name, const std::vector<X>& inputs,
        const Attributes& attributes) {
  const auto row = table.find(name);
  if (row == table.end())
    throw ValueError("[apply_op] there is no op '" + std::string(name) + "' of these inputs");
  const detail::OpCall<X> call(name, inputs, attributes);
  call.check(row->second.fewest, row->second.most, row->second.attributes);
  return row->second.apply(call);
}

}  // namespace

template <class T>
Tensor<T> apply_op(std::string_view name, const std::vector<Tensor<T>>& inputs,
                   const Attributes& attributes) {
  return apply(Ops<T>::table(), name, inputs, attributes);
}
template Tensor<float> apply_op(std::string_view, const std::vector<Tensor<float>>&, const Attributes&);
template Tensor<double> apply_op(std::string_view, const std::vector<Tensor<double>>&, const Attributes&);

Scalar apply_op(std::string_view name, const std::vector<Scalar>& inputs, const Attributes& attributes) {
  return apply(scalar_ops(), name, inputs, attributes);
}

std::vector<std::string> op_names() {
  std::vector<std::string> names;
  for (const auto& row : Ops<double>::table()) names.push_back(row.first);
  return names;
}

}  // namespace gradus
