#include <string>

#include <gradus/ops/annotate.hpp>
#include <gradus/ops/gather.hpp>
#include <gradus/ops/graph_slices.hpp>
#include <gradus/ops/index.hpp>
#include <gradus/ops/kernels/softmax.hpp>
#include <gradus/ops/labels.hpp>
#include <gradus/ops/slice_rules.hpp>
#include <gradus/ops/softmax.hpp>
#include <gradus/ops/step.hpp>

namespace gradus {
namespace detail {
namespace {

/// Softmax and log_softmax, of which the gradients read y alone.
template <class T, class Backward, class OnHandles>
struct AlongAxisVjp {
  std::size_t axis;
  kernels::ReduceShape shape;
  Ref<Value<T>> y;
  Backward backward;
  OnHandles on_handles;

  template <class Slots>
  void sweep(const Ref<Value<T>>& g, const Slots& dx) const {
    dx[0].write(
        [&](T* gx, bool accumulate) { backward(g->array.data(), y->array.data(), gx, shape, accumulate); });
  }
  void record(const GraphFlow<T>& flow) const {
    on_handles(flow, GraphSlices<T>(flow.shape(0), {axis}), flow.result(y));
  }
};

template <class T, class Forward, class Backward, class OnHandles>
Tensor<T> along_axis(OpName op, const Tensor<T>& x, std::ptrdiff_t axis, Forward forward, Backward backward,
                     OnHandles on_handles) {
  const std::size_t along = normalize_axis(op.text(), x.shape(), axis);
  const kernels::ReduceShape shape = kernels::around_axis(x.shape(), along);
  const Ref<Value<T>> y = empty_value<T>(x.shape());
  forward(x.data(), y->array.data(), shape);
  return Noted<T>(x).on(
      record(op, y, x, AlongAxisVjp<T, Backward, OnHandles>{along, shape, y, backward, on_handles}), [&] {
        return Attributes{{"axis", static_cast<double>(along)}};
      });
}

/// The losses of all rows, reduced.
template <class T>
Array<T> reduce(Array<T> losses, Reduction reduction) {
  if (reduction == Reduction::none) return losses;
  Array<T> total = empty_array<T>({});
  kernels::sum(losses.data(), {1, losses.size(), 1}, total.data());
  if (reduction == Reduction::mean) total.data()[0] /= static_cast<T>(losses.size());
  return total;
}

/// The loss, which remembers the call where somebody wants to know.
template <class T>
Tensor<T> noted(const Tensor<T>& logits, const Tensor<T>& targets, Reduction reduction, Tensor<T> loss) {
  return Noted<T>(logits, targets).on(std::move(loss), [&] {
    const bool is_mean = reduction == Reduction::mean;
    return Attributes{{"reduction", reduction == Reduction::none ? "none" : is_mean ? "mean" : "sum"}};
  });
}

}  // namespace

/// The gradient that arrives at the loss of row r: factor * each[r], or factor where `each` is null.
template <class T>
struct RowGradients {
  const T* each;
  T factor;

  RowGradients(const Array<T>& g, Reduction reduction, std::size_t rows) : each(nullptr), factor(1) {
    if (reduction == Reduction::none)
      each = g.data();
    else
      factor = reduction == Reduction::mean ? g.data()[0] / static_cast<T>(rows) : g.data()[0];
  }
};

namespace {

/// The same loss op by op: -sum_j t_j log_softmax(z)_j for each row.
template <class T>
Tensor<T> cross_entropy_op_by_op(const Tensor<T>& z, const Tensor<T>& t, Reduction reduction) {
  const Tensor<T> losses = gradus::sum(flow(t, -gradus::log_softmax(z)), 1);
  switch (reduction) {
    case Reduction::none:
      return losses;
    case Reduction::sum:
      return gradus::sum(losses);
    case Reduction::mean:
      break;
  }
  return gradus::mean(losses);
}

template <class T>
struct LabelsVjp {
  Tensor<T> z;
  Integers labels;
  Array<T> scales;  // of each row, what softmax is computed again from
  Reduction reduction;

  template <class Slots>
  void sweep(const Ref<Value<T>>& g, const Slots& dx) const {
    const std::size_t rows = z.shape()[0], classes = z.shape()[1];
    const RowGradients<T> incoming(g->array, reduction, rows);
    dx[0].write([&](T* gz, bool accumulate) {
      kernels::cross_entropy_backward(incoming.each, incoming.factor, z.data(), scales.data(), labels.data(),
                                      gz, rows, classes, accumulate);
    });
  }
  void record(const GraphFlow<T>& flow) const {
    flow.like(cross_entropy_op_by_op(z, one_hot_rows<T>(labels, z.shape()[1]), reduction));
  }
};

template <class T>
struct RowsVjp {
  Tensor<T> z, t;
  Array<T> scales;  // of each row, what softmax is computed again from
  Reduction reduction;

  template <class Slots>
  void sweep(const Ref<Value<T>>& g, const Slots& dx) const {
    const std::size_t rows = z.shape()[0], classes = z.shape()[1];
    const RowGradients<T> incoming(g->array, reduction, rows);
    dx[0].write([&](T* gz, bool accumulate) {
      kernels::cross_entropy_rows_backward(incoming.each, incoming.factor, z.data(), scales.data(), t.data(),
                                           gz, rows, classes, accumulate);
    });
    dx[1].write([&](T* gt, bool accumulate) {
      kernels::cross_entropy_rows_backward_target(incoming.each, incoming.factor, z.data(), scales.data(), gt,
                                                  rows, classes, accumulate);
    });
  }
  void record(const GraphFlow<T>& flow) const { flow.like(cross_entropy_op_by_op(z, t, reduction)); }
};

}  // namespace

template <class T>
Tensor<T> cross_entropy_of_labels(const Tensor<T>& logits, Integers labels, Reduction reduction) {
  check_labels(OpName::cross_entropy.text(), logits.shape(), labels);
  const std::size_t rows = logits.shape()[0], classes = logits.shape()[1];
  Array<T> losses = empty_array<T>({rows});
  Array<T> scales = empty_array<T>({2, rows});
  kernels::cross_entropy(logits.data(), labels.data(), losses.data(), scales.data(), rows, classes);
  const Tensor<T> one_hot = wants_calls() ? one_hot_rows<T>(labels, classes) : Tensor<T>();
  return noted(logits, one_hot, reduction,
               record(OpName::cross_entropy, reduce(std::move(losses), reduction), logits,
                      LabelsVjp<T>{logits, std::move(labels), std::move(scales), reduction}));
}

template <class T>
Tensor<T> cross_entropy_of_rows(const Tensor<T>& logits, const Tensor<T>& targets, Reduction reduction) {
  if (logits.ndim() != 2)
    throw ShapeError(OpName::cross_entropy.tag() + "logits " + to_string(logits.shape()) +
                     ": expected (batch,classes)");
  const std::size_t rows = logits.shape()[0], classes = logits.shape()[1];
  if (targets.shape() != logits.shape())
    throw ShapeError(OpName::cross_entropy.tag() + "logits " + to_string(logits.shape()) + " and targets " +
                     to_string(targets.shape()) + ": expected class indices (" + std::to_string(rows) +
                     ") of an integral type, or rows " + to_string(logits.shape()));

  Array<T> losses = empty_array<T>({rows});
  Array<T> scales = empty_array<T>({2, rows});
  kernels::cross_entropy_rows(logits.data(), targets.data(), losses.data(), scales.data(), rows, classes);
  return noted(logits, targets, reduction,
               record(OpName::cross_entropy, make_value(reduce(std::move(losses), reduction)),
                      std::array<Ref<Node>, 2>{logits.node(), targets.node()},
                      RowsVjp<T>{logits, targets, std::move(scales), reduction}));
}

#define GRADUS_INSTANTIATE(T)                                                        \
  template Tensor<T> cross_entropy_of_labels(const Tensor<T>&, Integers, Reduction); \
  template Tensor<T> cross_entropy_of_rows(const Tensor<T>&, const Tensor<T>&, Reduction);
GRADUS_INSTANTIATE(float)
GRADUS_INSTANTIATE(double)
#undef GRADUS_INSTANTIATE

}  // namespace detail

template <class T>
Tensor<T> softmax(const Tensor<T>& x, std::ptrdiff_t axis) {
  return detail::along_axis(detail::OpName::softmax, x, axis, kernels::softmax<T>,
                            kernels::softmax_backward<T>,
                            [](const auto& flow, const auto& group, const auto& y) {
                              rules::softmax_flow(group, flow.g, y, flow[0]);
                            });
}

template <class T>
Tensor<T> log_softmax(const Tensor<T>& x, std::ptrdiff_t axis) {
  return detail::along_axis(detail::OpName::log_softmax, x, axis, kernels::log_softmax<T>,
                            kernels::log_softmax_backward<T>,
                            [](const auto& flow, const auto& group, const auto& y) {
                              rules::log_softmax_flow(group, flow.g, y, flow[0]);
                            });
}

#define GRADUS_INSTANTIATE(T)                                   \
  template Tensor<T> softmax(const Tensor<T>&, std::ptrdiff_t); \
  template Tensor<T> log_softmax(const Tensor<T>&, std::ptrdiff_t);
GRADUS_INSTANTIATE(float)
GRADUS_INSTANTIATE(double)

}  // namespace gradus
