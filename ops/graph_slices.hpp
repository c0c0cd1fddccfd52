#pragma once

#include <gradus/ops/compare.hpp>
#include <gradus/ops/graph_flow.hpp>
#include <gradus/ops/index.hpp>
#include <gradus/ops/layout.hpp>
#include <gradus/ops/reduce.hpp>

/// A group of slices for the rules of ops/slice_rules.hpp whose elements are handles of the graph.
namespace gradus::detail {

template <class T>
class GraphSlices {
 public:
  /// All slices of arrays of the shape `full` along `axes`.
  GraphSlices(const Shape& full, const Shape& axes) : axes_(axes), reduced_(full) {
    for (const std::size_t axis : axes) reduced_[axis] = 1;
  }

  Tensor<T> load(const Tensor<T>& reduced) const { return reshape(reduced, reduced_); }

  template <class F, class... V>
  Tensor<T> map(const F& f, const V&... v) const {
    return f(v...);
  }

  template <class F>
  void for_each(const F& f) const {
    f(Lanes{}, spread);
  }

  template <class F>
  friend Tensor<T> sum_over(const GraphSlices& group, const F& f) {
    return sum(f(Lanes{}, spread), Axes(group.axes_), true);
  }

 private:
  struct Lanes {
    const Tensor<T>& load(const Tensor<T>& x) const { return x; }
    friend void add_to(const GraphSlot<T>& dx, const Lanes&, const Tensor<T>& contribution) {
      dx.add(contribution);
    }
  };
  static const Tensor<T>& spread(const Tensor<T>& v) { return v; }  // ops broadcast

  Shape axes_, reduced_;
};

}  // namespace gradus::detail
