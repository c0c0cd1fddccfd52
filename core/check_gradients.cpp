#include <algorithm>
#include <cmath>
#include <numeric>
#include <ostream>

#include <gradus/core/backward.hpp>
#include <gradus/core/check_gradients.hpp>
#include <gradus/core/no_grad.hpp>
#include <gradus/core/rng.hpp>

namespace gradus {

double relative_error(double analytic, double numerical) {
  const double error = std::abs(analytic - numerical);
  return error / std::max({std::abs(analytic), std::abs(numerical), 1e-8});
}

void GradientCheck::add(const Element& element) {
  const bool is_worse =
      !(element.relative_error <= worst_.relative_error) && !std::isnan(worst_.relative_error);
  if (size_ == 0 || is_worse) worst_ = element;
  ++size_;
}

std::ostream& operator<<(std::ostream& out, const GradientCheck& check) {
  const GradientCheck::Element& worst = check.worst();
  out << "gradients " << (check.ok() ? "agree" : "DIFFER") << ": largest relative error "
      << check.max_relative_error() << " (tolerance " << check.tolerance() << ") in " << check.size()
      << (check.size() == 1 ? " element" : " elements");
  if (check.size() == 0) return out;
  out << "\n  worst: input " << worst.input;
  if (!worst.name.empty()) out << " '" << worst.name << "'";
  const auto digits = out.precision(10);
  out << " at " << to_string(worst.index) << ": analytic " << worst.analytic << ", numerical "
      << worst.numerical;
  out.precision(digits);
  return out << ", relative error " << worst.relative_error << ", step " << worst.step;
}

namespace detail {
namespace {

// What a check needs of a Scalar and of a tensor, by the same names.

Shape shape_of(const Scalar&) { return {}; }
double element(const Scalar& x, std::size_t) { return x.value(); }
void set_element(const Scalar& x, std::size_t, double v) { x.set_value(v); }
Scalar copy_as_variable(const Scalar& x) { return variable(x.value()).named(x.name()); }
std::vector<double> elements(const Scalar& x) { return {x.value()}; }

template <class T>
Shape shape_of(const Tensor<T>& x) {
  return x.shape();
}
template <class T>
double element(const Tensor<T>& x, std::size_t i) {
  return static_cast<double>(x.data()[i]);
}
template <class T>
void set_element(const Tensor<T>& x, std::size_t i, double v) {
  x.change("check_gradients").data()[i] = static_cast<T>(v);
}
template <class T>
Tensor<T> copy_as_variable(const Tensor<T>& x) {
  return variable(x.value()).named(x.name());
}
template <class T>
std::vector<double> elements(const Tensor<T>& x) {
  return std::vector<double>(x.data(), x.data() + x.size());
}

template <class Input>
std::vector<Input> gradients(const Scalar& y, const std::vector<Input>& inputs, const std::vector<double>&) {
  return grad(y, inputs, {.retain_graph = true});  // f may use a graph of its caller's
}
template <class T, class Input>
std::vector<Input> gradients(const Tensor<T>& y, const std::vector<Input>& inputs,
                             const std::vector<double>& weights) {
  Array<T> seed = empty_array<T>(y.shape());
  std::transform(weights.begin(), weights.end(), seed.data(), [](double w) { return static_cast<T>(w); });
  return grad(y, inputs, Tensor<T>(std::move(seed)), {.retain_graph = true});
}

/// By which the elements of a result are summed: floats, so that both derivatives use the same ones.
std::vector<double> weights_for(std::size_t size) {
  Rng rng{size};
  std::vector<double> weights(size, 1.0);
  if (size > 1)
    for (double& w : weights) w = static_cast<float>(rng.uniform(0.5, 1.5));
  return weights;
}

Shape index_of(const Shape& shape, std::size_t flat) {
  Shape index = shape;
  for (std::size_t axis = shape.size(); axis-- > 0; flat /= shape[axis]) index[axis] = flat % shape[axis];
  return index;
}

/// The derivative of the weighted sum of f's result with respect to one element, which is put back
/// afterwards. The stencil is applied to each element of the result first, so that those that do not change
/// cancel exactly.
template <class Input, class Function>
double derivative(const Function& f, const std::vector<Input>& inputs, const Input& input, std::size_t i,
                  Stencil stencil, double step, const std::vector<double>& weights) {
  const StencilFormula& formula = formula_of(stencil);
  const double x = element(input, i);
  std::vector<double> sums(weights.size());
  for (const auto& [offset, weight] : formula.points) {
    set_element(input, i, x + offset * step);
    const std::vector<double> y = elements(f(inputs));
    if (y.size() != sums.size())
      throw ValueError("[check_gradients] f returned " + std::to_string(sums.size()) +
                       " elements at first and " + std::to_string(y.size()) +
                       " for changed inputs: it must always return as many");
    for (std::size_t k = 0; k < y.size(); ++k) sums[k] += weight * y[k];
  }
  set_element(input, i, x);
  return std::inner_product(sums.begin(), sums.end(), weights.begin(), 0.0) / (formula.divisor * step);
}

/// Nothing compared would be nothing wrong.
template <class Input>
void check_not_empty(const std::vector<Input>& inputs) {
  if (inputs.empty()) throw ValueError("[check_gradients] no inputs: at least one is needed");
  std::string shapes;
  for (const Input& input : inputs) {
    if (count(shape_of(input)) > 0) return;
    shapes += ' ';
    shapes += to_string(shape_of(input));
  }
  throw ValueError("[check_gradients] inputs of shape" + shapes +
                   " have no elements: there is nothing to compare");
}

}  // namespace

template <class Input, class Output>
GradientCheck compare_gradients(const std::function<Output(const std::vector<Input>&)>& f,
                                const std::vector<Input>& inputs, const CheckOptions& options) {
  check_not_empty(inputs);
  if (!is_recording())
    throw GraphError("[check_gradients] inside NoGrad nothing is recorded: call it outside");
  constexpr bool is_single = std::is_same_v<Input, Tensor<float>> || std::is_same_v<Output, Tensor<float>>;
  using T = std::conditional_t<is_single, float, double>;

  std::vector<Input> variables;
  for (const Input& input : inputs) variables.push_back(copy_as_variable(input));
  std::vector<Input> analytic;
  std::vector<double> weights;
  {
    const Output y = f(variables);
    weights = weights_for(elements(y).size());
    if (y.requires_grad()) analytic = gradients(y, variables, weights);
  }

  GradientCheck check(options.tolerance.value_or(is_single ? 1e-2 : 1e-6));
  for (std::size_t n = 0; n < variables.size(); ++n) {
    const Input& input = variables[n];
    const Shape shape = shape_of(input);
    for (std::size_t i = 0; i < count(shape); ++i) {
      GradientCheck::Element result{.input = n, .name = input.name(), .index = index_of(shape, i)};
      result.step =
          step_at<T>("check_gradients", options.stencil, static_cast<T>(element(input, i)), options.step);
      result.analytic = analytic.empty() ? 0.0 : element(analytic[n], i);
      result.numerical = derivative(f, variables, input, i, options.stencil, result.step, weights);
      result.relative_error = relative_error(result.analytic, result.numerical);
      check.add(result);
    }
  }
  return check;
}

#define GRADUS_INSTANTIATE(Input, Output)                                                           \
  template GradientCheck compare_gradients(const std::function<Output(const std::vector<Input>&)>&, \
                                           const std::vector<Input>&, const CheckOptions&);
GRADUS_INSTANTIATE(Scalar, Scalar)
GRADUS_INSTANTIATE(Scalar, Tensor<float>)
GRADUS_INSTANTIATE(Scalar, Tensor<double>)
GRADUS_INSTANTIATE(Tensor<float>, Scalar)
GRADUS_INSTANTIATE(Tensor<float>, Tensor<float>)
GRADUS_INSTANTIATE(Tensor<double>, Scalar)
GRADUS_INSTANTIATE(Tensor<double>, Tensor<double>)

}  // namespace detail
}  // namespace gradus
