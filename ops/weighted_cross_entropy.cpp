#include <numeric>

#include <gradus/core/number_text.hpp>
#include <gradus/ops/elementwise.hpp>
#include <gradus/ops/labels.hpp>
#include <gradus/ops/softmax.hpp>

// Cross-entropy with options: that of rows, which need not sum to 1, made of labels, smoothing and weights.
namespace gradus::detail {
namespace {

std::string tag() { return OpName::cross_entropy.tag(); }

void check_options(const CrossEntropyOptions& options, std::size_t classes) {
  if (!(options.label_smoothing >= 0 && options.label_smoothing <= 1))
    throw ValueError(tag() + "a label smoothing of " + number_text(options.label_smoothing) +
                     ": expected 0 to 1");
  check_class_weights(OpName::cross_entropy.text(), options.class_weights, classes);
}

double weight_of(const CrossEntropyOptions& options, std::size_t j) {
  return options.class_weights.empty() ? 1 : options.class_weights[j];
}

/// w_j ((1 - s) [j = label(r)] + s / classes); 0 for the rows that are ignored
template <class T>
Array<T> rows_of(const Integers& labels, std::size_t classes, const CrossEntropyOptions& options) {
  const double s = options.label_smoothing, share = s / static_cast<double>(classes);
  Array<T> rows = full_array<T>({labels.size(), classes}, T(0));
  for (std::size_t r = 0; r < labels.size(); ++r) {
    if (labels.data()[r] == options.ignore_index) continue;
    const auto label = static_cast<std::size_t>(labels.data()[r]);
    for (std::size_t j = 0; j < classes; ++j)
      rows(r, j) = static_cast<T>(weight_of(options, j) * (share + (j == label ? 1 - s : 0)));
  }
  return rows;
}

}  // namespace

template <class T>
Tensor<T> cross_entropy_of_labels(const Tensor<T>& logits, const Integers& labels,
                                  const CrossEntropyOptions& options) {
  const Shape shape = logits.shape();
  check_labels(OpName::cross_entropy.text(), shape, labels, options.ignore_index);
  check_options(options, shape[1]);
  const Tensor<T> rows = rows_of<T>(labels, shape[1], options);
  if (options.reduction != Reduction::mean) return cross_entropy_of_rows(logits, rows, options.reduction);
  const std::vector<double> weights = row_weights(labels, options.class_weights, options.ignore_index);
  return weighted_mean(cross_entropy_of_rows(logits, rows, Reduction::sum),
                       std::accumulate(weights.begin(), weights.end(), 0.0));
}

template <class T>
Tensor<T> cross_entropy_of_rows(const Tensor<T>& logits, const Tensor<T>& rows,
                                const CrossEntropyOptions& options) {
  if (options.ignore_index)
    throw ValueError(tag() + "a label to ignore, and rows of probabilities: expected labels");
  if (logits.ndim() != 2) return cross_entropy_of_rows(logits, rows, options.reduction);  // which throws
  const std::size_t classes = logits.shape()[1];
  check_options(options, classes);
  Tensor<T> weighted = rows;
  if (const double s = options.label_smoothing; s != 0)
    weighted = weighted * (1 - s) + s / static_cast<double>(classes);
  if (rows.shape() == logits.shape() && !options.class_weights.empty()) {
    Array<T> weights = empty_array<T>({classes});
    for (std::size_t j = 0; j < classes; ++j) weights(j) = static_cast<T>(options.class_weights[j]);
    weighted = weighted * Tensor<T>(std::move(weights));
  }
  return cross_entropy_of_rows(logits, weighted, options.reduction);
}

#define GRADUS_INSTANTIATE(T)                                                                                \
  template Tensor<T> cross_entropy_of_labels(const Tensor<T>&, const Integers&, const CrossEntropyOptions&); \
  template Tensor<T> cross_entropy_of_rows(const Tensor<T>&, const Tensor<T>&, const CrossEntropyOptions&);
GRADUS_INSTANTIATE(float)
GRADUS_INSTANTIATE(double)
#undef GRADUS_INSTANTIATE

}  // namespace gradus::detail
