#include <numeric>

#include <gradus/core/expected.hpp>
#include <gradus/nn/losses/classification.hpp>
#include <gradus/ops/elementwise.hpp>
#include <gradus/ops/gather.hpp>
#include <gradus/ops/index.hpp>
#include <gradus/ops/labels.hpp>
#include <gradus/ops/layout.hpp>
#include <gradus/ops/reduce.hpp>

namespace gradus::nn::detail {
namespace {

using gradus::detail::Integers;

/// What stands at each row's label, (batch, 1); at class 0 in rows whose label is ignored.
template <class T>
Tensor<T> at_labels(const Tensor<T>& x, Integers labels, std::optional<std::int64_t> ignored = {}) {
  for (std::int64_t& label : labels)
    if (label == ignored) label = 0;
  labels.reshape({labels.size(), 1});
  return take_along_axis(x, labels, 1);
}

/// True at each row's label.
Array<bool> mask_of(const Integers& labels, std::size_t classes) {
  Array<bool> mask = full_array<bool>({labels.size(), classes}, false);
  for (std::size_t row = 0; row < labels.size(); ++row)
    mask(row, static_cast<std::size_t>(labels.data()[row])) = true;
  return mask;
}

}  // namespace

template <class T>
Tensor<T> nll_of_labels(const Tensor<T>& y, const Integers& labels, const ClassLossOptions& options) {
  constexpr const char* op = "nll_loss";
  gradus::detail::check_labels(op, y.shape(), labels, options.ignore_index);
  gradus::detail::check_class_weights(op, options.class_weights, y.shape()[1]);
  const std::vector<double> weights =
      gradus::detail::row_weights(labels, options.class_weights, options.ignore_index);
  Array<T> each = empty_array<T>({weights.size()});
  std::copy(weights.begin(), weights.end(), each.begin());
  // A weight of 0 absorbs the logarithm of a probability of 0.
  const Tensor<T> terms = y.shape()[1] == 0 ? Tensor<T>(std::move(each))
                                            : flow(Tensor<T>(std::move(each)),
                                                   -squeeze(at_labels(y, labels, options.ignore_index), 1));
  if (options.reduction != Reduction::mean) return reduce(terms, options.reduction);
  return gradus::detail::weighted_mean(sum(terms), std::accumulate(weights.begin(), weights.end(), 0.0));
}

template <class T>
Tensor<T> multi_margin_of_labels(const Tensor<T>& scores, const Integers& labels,
                                 const MultiMarginOptions& options) {
  gradus::detail::check_labels("multi_margin_loss", scores.shape(), labels);
  gradus::detail::check_positive("multi_margin_loss", "margin", options.margin);
  const std::size_t classes = scores.shape()[1];
  if (classes == 0)
    return reduce(sum(scores, 1), options.reduction);  // without rows, as labels have been checked
  Tensor<T> excess = relu(scores - at_labels(scores, labels) + options.margin);
  if (options.squared) excess = square(excess);
  Tensor<T> terms = sum(where(mask_of(labels, classes), T(0), excess), 1);
  if (options.averages_classes) terms = terms / static_cast<T>(classes);
  return reduce(terms, options.reduction);
}

#define GRADUS_INSTANTIATE(T)                                                                   \
  template Tensor<T> nll_of_labels(const Tensor<T>&, const Integers&, const ClassLossOptions&); \
  template Tensor<T> multi_margin_of_labels(const Tensor<T>&, const Integers&, const MultiMarginOptions&);
GRADUS_INSTANTIATE(float)
GRADUS_INSTANTIATE(double)
#undef GRADUS_INSTANTIATE

}  // namespace gradus::nn::detail
