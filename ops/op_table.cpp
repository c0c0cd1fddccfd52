#include <algorithm>
#include <functional>

#include <gradus/ops/composed.hpp>
#include <gradus/ops/index.hpp>
#include <gradus/ops/layout.hpp>
#include <gradus/ops/op_call.hpp>
#include <gradus/ops/product.hpp>
#include <gradus/ops/reduce.hpp>
#include <gradus/ops/softmax.hpp>

namespace gradus {
namespace {

using detail::any_number;

template <class X>
using Call = const detail::OpCall<X>&;

/// What an op takes, and how it is called.
template <class X>
struct Row {
  std::size_t fewest, most;  // inputs
  std::vector<std::string> attributes;
  std::function<X(Call<X>)> apply;
};

template <class X>
using Table = std::map<std::string, Row<X>, std::less<>>;

template <class X>
Table<X> elementwise_ops() {
  Table<X> table;
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

template <class X>
void add_reductions(Table<X>& table) {
#define GRADUS_ROW(function)                                                          \
  table[#function] = {1, 1, {"axes", "keepdims"}, [](Call<X> call) {                  \
                        return function(call[0], call.axes(), call.flag("keepdims")); \
                      }};
  GRADUS_ROW(sum)
  GRADUS_ROW(mean)
  GRADUS_ROW(prod)
  GRADUS_ROW(max)
  GRADUS_ROW(min)
  GRADUS_ROW(logsumexp)
  GRADUS_ROW(norm)
#undef GRADUS_ROW
  table["var"] = {1, 1, {"axes", "keepdims", "ddof"}, [](Call<X> call) {
                    const auto ddof = static_cast<std::size_t>(call.integer("ddof", 0));
                    return var(call[0], call.axes(), {.keepdims = call.flag("keepdims"), .ddof = ddof});
                  }};
}

template <class X>
void add_softmax(Table<X>& table) {
  table["softmax"] = {
      1, 1, {"axis"}, [](Call<X> call) { return softmax(call[0], call.integer("axis", -1)); }};
  table["log_softmax"] = {
      1, 1, {"axis"}, [](Call<X> call) { return log_softmax(call[0], call.integer("axis", -1)); }};
  table["cross_entropy"] = {2, 2, {}, [](Call<X> call) {
                              return call[1].ndim() == 1 ? cross_entropy(call[0], call.whole_numbers(1))
                                                         : cross_entropy(call[0], call[1]);
                            }};
}

template <class X>
void add_layout(Table<X>& table) {
  table["transpose"] = {1, 1, {"axes"}, [](Call<X> call) { return transpose(call[0], call.axes()); }};
  table["reshape"] = {1, 1, {"shape"}, [](Call<X> call) { return reshape(call[0], call.integers("shape")); }};
  table["broadcast_to"] = {
      1, 1, {"shape"}, [](Call<X> call) { return broadcast_to(call[0], call.integers("shape")); }};
  table["squeeze"] = {1, 1, {"axes"}, [](Call<X> call) { return squeeze(call[0], call.axes()); }};
  table["expand_dims"] = {
      1, 1, {"axes"}, [](Call<X> call) { return expand_dims(call[0], call.integers("axes")); }};
  table["concatenate"] = {1, any_number, {"axis"}, [](Call<X> call) {
                            return concatenate(call.inputs(), call.integer("axis", 0));
                          }};
  table["stack"] = {
      1, any_number, {"axis"}, [](Call<X> call) { return stack(call.inputs(), call.integer("axis", 0)); }};
}

template <class X>
void add_picking(Table<X>& table) {
  table["take"] = {2, 2, {"axis"}, [](Call<X> call) {
                     return take(call[0], call.whole_numbers(1), call.integer("axis"));
                   }};
  table["where"] = {3, 3, {}, [](Call<X> call) { return where(call.whole_numbers(0), call[1], call[2]); }};
}

template <class X>
void add_products(Table<X>& table) {
  table["matmul"] = {2, 2, {}, [](Call<X> call) { return matmul(call[0], call[1]); }};
  table["linear"] = {2, 3, {}, [](Call<X> call) {
                       return call.inputs().size() == 2 ? linear(call[0], call[1])
                                                        : linear(call[0], call[1], call[2]);
                     }};
}

template <class T>
struct Ops {
  static const Table<Tensor<T>>& table() {
    static const Table<Tensor<T>> all = [] {
      Table<Tensor<T>> table = elementwise_ops<Tensor<T>>();
      add_reductions(table);
      add_softmax(table);
      add_layout(table);
      add_picking(table);
      add_products(table);
      return table;
    }();
    return all;
  }
};

const Table<Scalar>& scalar_ops() {
  static const Table<Scalar> table = elementwise_ops<Scalar>();
  return table;
}

template <class X>
X apply(const Table<X>& table, std::string_view name, const std::vector<X>& inputs,
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
