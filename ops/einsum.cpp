#include <algorithm>
#include <utility>

#include <gradus/ops/contraction.hpp>
#include <gradus/ops/diagonal.hpp>
#include <gradus/ops/einsum.hpp>
#include <gradus/ops/layout.hpp>
#include <gradus/ops/reduce.hpp>
#include <gradus/ops/subscripts.hpp>

namespace gradus {
namespace detail {
namespace {

bool has(const Labels& labels, Label label) {
  return std::find(labels.begin(), labels.end(), label) != labels.end();
}

std::size_t place_of(const Labels& labels, Label label) {
  return static_cast<std::size_t>(std::find(labels.begin(), labels.end(), label) - labels.begin());
}

/// An operand, or what was made of some, and the names of its axes.
template <class T>
struct Term {
  Tensor<T> x;
  Labels labels;
};

/// Every name once: diagonals in place of axes of one name.
template <class T>
void take_diagonals(Term<T>& term) {
  for (std::size_t axis = 0; axis < term.labels.size(); ++axis) {
    const Label label = term.labels[axis];
    const std::size_t first = place_of(term.labels, label);
    if (first == axis) continue;
    term.x = diagonal(term.x, 0, static_cast<std::ptrdiff_t>(first),
                      static_cast<std::ptrdiff_t>(axis));  // the last axis
    term.labels.erase(term.labels.begin() + static_cast<std::ptrdiff_t>(axis));
    term.labels.erase(term.labels.begin() + static_cast<std::ptrdiff_t>(first));
    term.labels.push_back(label);
    axis = 0;  // the others have moved
  }
}

/// Axes of extent 1 that would be stretched are left out: a product does not need them.
template <class T>
void leave_out_stretched(Term<T>& term, const Subscripts& subscripts) {
  Labels kept;
  std::vector<std::size_t> axes;
  for (std::size_t axis = 0; axis < term.labels.size(); ++axis)
    if (term.x.shape()[axis] == subscripts.extents.at(term.labels[axis]))
      kept.push_back(term.labels[axis]);
    else
      axes.push_back(axis);
  if (axes.empty()) return;
  term.x = squeeze(term.x, Axes(axes));
  term.labels = kept;
}

/// Whether a term that is not one of the two given, or the output, has the name.
template <class T>
bool is_needed(Label label, const std::vector<Term<T>>& terms, std::size_t i, std::size_t j,
               const Labels& output) {
  for (std::size_t other = 0; other < terms.size(); ++other)
    if (other != i && other != j && has(terms[other].labels, label)) return true;
  return has(output, label);
}

/// Sums over the names that nothing else has.
template <class T>
void sum_lonely(std::vector<Term<T>>& terms, std::size_t i, const Labels& output) {
  Labels kept;
  std::vector<std::size_t> axes;
  for (std::size_t axis = 0; axis < terms[i].labels.size(); ++axis)
    if (is_needed(terms[i].labels[axis], terms, i, i, output))
      kept.push_back(terms[i].labels[axis]);
    else
      axes.push_back(axis);
  if (axes.empty()) return;
  terms[i] = {sum(terms[i].x, Axes(axes)), kept};
}

/// What becomes of the names of two terms that are multiplied.
struct Pairing {
  AxisRoles of_a, of_b;
  Labels batch, free_in_a, free_in_b;

  Labels result() const {
    Labels labels = batch;
    labels.insert(labels.end(), free_in_a.begin(), free_in_a.end());
    labels.insert(labels.end(), free_in_b.begin(), free_in_b.end());
    return labels;
  }
};

template <class T>
Pairing pair_up(const std::vector<Term<T>>& terms, std::size_t i, std::size_t j, const Labels& output) {
  Pairing pairing;
  const Labels &a = terms[i].labels, &b = terms[j].labels;
  for (std::size_t axis = 0; axis < a.size(); ++axis) {
    if (!has(b, a[axis])) {
      pairing.of_a.free.push_back(axis);
      pairing.free_in_a.push_back(a[axis]);
      continue;
    }
    const bool is_kept = is_needed(a[axis], terms, i, j, output);
    (is_kept ? pairing.of_a.batch : pairing.of_a.summed).push_back(axis);
    (is_kept ? pairing.of_b.batch : pairing.of_b.summed).push_back(place_of(b, a[axis]));
    if (is_kept) pairing.batch.push_back(a[axis]);
  }
  for (std::size_t axis = 0; axis < b.size(); ++axis)
    if (!has(a, b[axis])) {
      pairing.of_b.free.push_back(axis);
      pairing.free_in_b.push_back(b[axis]);
    }
  return pairing;
}

/// How much larger the product of two terms is than both of them.
template <class T>
double growth(const std::vector<Term<T>>& terms, std::size_t i, std::size_t j, const Subscripts& subscripts) {
  double size = 1;
  for (const Label label : pair_up(terms, i, j, subscripts.output).result())
    size *= static_cast<double>(subscripts.extents.at(label));
  return size - static_cast<double>(terms[i].x.size()) - static_cast<double>(terms[j].x.size());
}

/// The two terms to multiply next.
template <class T>
std::pair<std::size_t, std::size_t> next_pair(const std::vector<Term<T>>& terms,
                                              const Subscripts& subscripts) {
  std::pair<std::size_t, std::size_t> best{0, 1};
  if (terms.size() == 2) return best;
  double least = growth(terms, 0, 1, subscripts);
  for (std::size_t j = 2; j < terms.size(); ++j)
    for (std::size_t i = 0; i < j; ++i) {
      const double size = growth(terms, i, j, subscripts);
      if (size >= least) continue;
      least = size;
      best = {i, j};
    }
  return best;
}

template <class T>
void multiply_two(std::vector<Term<T>>& terms, std::size_t i, std::size_t j, const Subscripts& subscripts) {
  if (pair_up(terms, j, i, subscripts.output).result() == subscripts.output) std::swap(i, j);
  const Pairing pairing = pair_up(terms, i, j, subscripts.output);
  terms[i] = {contract(OpName::einsum, terms[i].x, pairing.of_a, terms[j].x, pairing.of_b), pairing.result()};
  terms.erase(terms.begin() + static_cast<std::ptrdiff_t>(j));
}

template <class T>
Tensor<T> sum_products(std::string_view text, const std::vector<Tensor<T>>& operands) {
  std::vector<Shape> shapes;
  for (const Tensor<T>& operand : operands) shapes.push_back(operand.shape());
  const Subscripts subscripts = parse_subscripts(text, shapes);

  std::vector<Term<T>> terms;
  for (std::size_t i = 0; i < operands.size(); ++i) {
    terms.push_back({operands[i], subscripts.inputs[i]});
    take_diagonals(terms[i]);
    leave_out_stretched(terms[i], subscripts);
  }
  for (std::size_t i = 0; i < terms.size(); ++i) sum_lonely(terms, i, subscripts.output);
  while (terms.size() > 1) {
    const auto [i, j] = next_pair(terms, subscripts);
    multiply_two(terms, i, j, subscripts);
  }

  std::vector<std::size_t> order;
  for (const Label label : subscripts.output) order.push_back(place_of(terms[0].labels, label));
  return in_order(terms[0].x, order);
}

}  // namespace
}  // namespace detail

Tensor<float> einsum(std::string_view subscripts, const std::vector<Tensor<float>>& operands) {
  return detail::sum_products(subscripts, operands);
}
Tensor<double> einsum(std::string_view subscripts, const std::vector<Tensor<double>>& operands) {
  return detail::sum_products(subscripts, operands);
}

}  // namespace gradus
