#include <string>

#include <gradus/ops/kernels/softmax.hpp>
#include <gradus/ops/softmax.hpp>
#include <gradus/ops/step.hpp>

namespace gradus {
namespace detail {
namespace {

/// Softmax and log_softmax, of which the gradients read y alone.
template <class T, class Forward, class Backward>
Tensor<T> along_axis(OpName op, const Tensor<T>& x, std::ptrdiff_t axis, Forward forward, Backward backward) {
  const kernels::ReduceShape shape =
      kernels::around_axis(x.shape(), normalize_axis(op.text(), x.shape(), axis));
  const Ref<Value<T>> y = empty_value<T>(x.shape());
  forward(x.data(), y->array.data(), shape);
  return record(op, y, x, [shape, y, backward](const auto& g, const auto& dx) {
    dx[0].write(
        [&](T* gx, bool accumulate) { backward(g->array.data(), y->array.data(), gx, shape, accumulate); });
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

void check_labels(const Integers& labels, const Shape& logits) {
  const std::size_t classes = logits[1];
  if (classes == 0 && labels.size() > 0)
    throw ValueError(OpName::cross_entropy.tag() + "label " + std::to_string(labels.data()[0]) +
                     " in row 0 of logits " + to_string(logits) + ": there are no classes");
  for (std::size_t row = 0; row < labels.size(); ++row) {
    const std::int64_t label = labels.data()[row];
    if (label < 0 || static_cast<std::uint64_t>(label) >= classes)
      throw ValueError(OpName::cross_entropy.tag() + "label " + std::to_string(label) + " in row " +
                       std::to_string(row) + " is none of the " + std::to_string(classes) +
                       " classes: expected 0 to " + std::to_string(static_cast<std::int64_t>(classes) - 1));
  }
}

void check_logits(const Shape& logits) {
  if (logits.size() != 2)
    throw ShapeError(OpName::cross_entropy.tag() + "logits " + to_string(logits) +
                     ": expected (batch,classes)");
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

template <class T>
Tensor<T> cross_entropy_of_labels(const Tensor<T>& logits, Integers labels, Reduction reduction) {
  check_logits(logits.shape());
  const std::size_t rows = logits.shape()[0], classes = logits.shape()[1];
  if (labels.dimension() != 1 || labels.size() != rows)
    throw ShapeError(OpName::cross_entropy.tag() + "logits " + to_string(logits.shape()) + " and labels " +
                     to_string(shape_of(labels)) + ": expected labels (" + std::to_string(rows) + ")");
  check_labels(labels, logits.shape());

  Array<T> losses = empty_array<T>({rows});
  Ref<Value<T>> softmax = empty_value<T>(logits.shape());
  kernels::cross_entropy(logits.data(), labels.data(), losses.data(), softmax->array.data(), rows, classes);
  return record(OpName::cross_entropy, reduce(std::move(losses), reduction), logits,
                [labels = std::move(labels), softmax = std::move(softmax), reduction, rows, classes](
                    const auto& g, const auto& dx) {
                  const RowGradients<T> incoming(g->array, reduction, rows);
                  dx[0].write([&](T* gz, bool accumulate) {
                    kernels::cross_entropy_backward(incoming.each, incoming.factor, softmax->array.data(),
                                                    labels.data(), gz, rows, classes, accumulate);
                  });
                });
}

template <class T>
Tensor<T> cross_entropy_of_rows(const Tensor<T>& logits, const Tensor<T>& targets, Reduction reduction) {
  check_logits(logits.shape());
  const std::size_t rows = logits.shape()[0], classes = logits.shape()[1];
  if (targets.shape() != logits.shape())
    throw ShapeError(OpName::cross_entropy.tag() + "logits " + to_string(logits.shape()) + " and targets " +
                     to_string(targets.shape()) + ": expected class indices (" + std::to_string(rows) +
                     ") of an integral type, or rows " + to_string(logits.shape()));

  Array<T> losses = empty_array<T>({rows});
  Ref<Value<T>> softmax = empty_value<T>(logits.shape());
  kernels::cross_entropy_rows(logits.data(), targets.data(), losses.data(), softmax->array.data(), rows,
                              classes);
  auto vjp = [z = logits, t = targets, softmax = std::move(softmax), reduction, rows, classes](
                 const auto& g, const auto& dx) {
    const RowGradients<T> incoming(g->array, reduction, rows);
    dx[0].write([&](T* gz, bool accumulate) {
      kernels::cross_entropy_rows_backward(incoming.each, incoming.factor, softmax->array.data(), t.data(),
                                           gz, rows, classes, accumulate);
    });
    dx[1].write([&](T* gt, bool accumulate) {
      kernels::cross_entropy_rows_backward_target(incoming.each, incoming.factor, z.data(), gt, rows, classes,
                                                  accumulate);
    });
  };
  return record(OpName::cross_entropy, make_value(reduce(std::move(losses), reduction)),
                std::array<Ref<Node>, 2>{logits.node(), targets.node()}, std::move(vjp));
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
                            kernels::softmax_backward<T>);
}

template <class T>
Tensor<T> log_softmax(const Tensor<T>& x, std::ptrdiff_t axis) {
  return detail::along_axis(detail::OpName::log_softmax, x, axis, kernels::log_softmax<T>,
                            kernels::log_softmax_backward<T>);
}

#define GRADUS_INSTANTIATE(T)                                   \
  template Tensor<T> softmax(const Tensor<T>&, std::ptrdiff_t); \
  template Tensor<T> log_softmax(const Tensor<T>&, std::ptrdiff_t);
GRADUS_INSTANTIATE(float)
GRADUS_INSTANTIATE(double)

}  // namespace gradus
