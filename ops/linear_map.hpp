#pragma once

#include <gradus/ops/annotate.hpp>
#include <gradus/ops/graph_flow.hpp>
#include <gradus/ops/step.hpp>

/// Ops that are linear maps: sums, copies that rearrange, picking elements. y = A x with a fixed A; the
/// gradient flows back through its transpose, dx = A^T g, which is the map of another op. A map has
///   OpName op                      under which it is recorded
///   Shape to                       of y
///   apply(x, y, accumulate)        y (+)= A x, for arrays of float and double
///   transposed()                   A^T
///   attributes()                   for staged code, where it can be written: "map", its name, and what else
///   is needed
namespace gradus::detail {

template <class T, class Map>
Tensor<T> record_linear(const Map& map, const Tensor<T>& x);

/// dx = A^T g
template <class Map>
struct LinearVjp {
  Map map;

  template <class T, class Slots>
  void sweep(const Ref<Value<T>>& g, const Slots& dx) const {
    dx[0].write([&](T* gx, bool accumulate) { map.transposed().apply(g->array.data(), gx, accumulate); });
  }
  template <class T>
  void record(const GraphFlow<T>& flow) const {
    flow[0].add(record_linear(map.transposed(), flow.g));
  }
  template <class T>
  void push(const TangentFlow<T>& flow) const {
    flow.add(record_linear(map, *flow[0]));
  }
};

/// A x as one step.
template <class T, class Map>
Tensor<T> record_linear(const Map& map, const Tensor<T>& x) {
  Ref<Value<T>> y = empty_value<T>(map.to);
  map.apply(x.data(), y->array.data(), false);
  Tensor<T> result = record(map.op, std::move(y), x, LinearVjp<Map>{map});
  if constexpr (requires { map.template noted<T>(x); })
    return map.template noted<T>(x).on(std::move(result), [&] { return map.attributes(); });
  else if constexpr (requires { map.attributes(); })
    return Noted<T>(x).on(std::move(result), [&] { return map.attributes(); });
  else
    return result;
}

}  // namespace gradus::detail
