#pragma once

#include <cstddef>
#include <functional>
#include <iosfwd>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include <gradus/core/numerical.hpp>
#include <gradus/core/tensor.hpp>

namespace gradus {

struct CheckOptions {
  Stencil stencil = Stencil::central;
  std::optional<double> tolerance = {};  ///< largest relative error that passes; 1e-6, or 1e-2 for floats
  std::optional<double> step = {};       ///< chosen for each element from its size, its type and the stencil
};

/// |analytic - numerical| / max(|analytic|, |numerical|, 1e-8); NaN when either is NaN or infinite.
/// Source: CS231n, "Neural Networks Part 3: Learning and Evaluation", gradient checks.
double relative_error(double analytic, double numerical);

/// What check_gradients() found. Printing it gives a verdict in one line and the worst element in another.
class GradientCheck {
 public:
  /// One element of one input, and its two derivatives.
  struct Element {
    std::size_t input = 0;
    std::string name;  ///< of the input
    Shape index;
    double analytic = 0, numerical = 0, relative_error = 0, step = 0;
  };

  explicit GradientCheck(double tolerance) : tolerance_(tolerance) {}

  /// Whether no relative error is above the tolerance. NaN is never ok.
  bool ok() const { return worst_.relative_error <= tolerance_; }
  double max_relative_error() const { return worst_.relative_error; }
  double tolerance() const { return tolerance_; }
  const Element& worst() const { return worst_; }
  /// How many elements were compared.
  std::size_t size() const { return size_; }

  void add(const Element& element);

  friend std::ostream& operator<<(std::ostream& out, const GradientCheck& check);

 private:
  double tolerance_;
  std::size_t size_ = 0;
  Element worst_;
};

namespace detail {

/// Where Input and Output are Scalar or a Tensor. Instantiated for every pair an f can have.
template <class Input, class Output>
GradientCheck compare_gradients(const std::function<Output(const std::vector<Input>&)>& f,
                                const std::vector<Input>& inputs, const CheckOptions& options);

/// What f takes a vector of, when its signature says so (a generic lambda does not).
template <class Signature>
struct InputOf;
template <class R, class Input>
struct InputOf<R (*)(const std::vector<Input>&)> : std::type_identity<Input> {};
template <class R, class Input>
struct InputOf<R (*)(std::vector<Input>)> : std::type_identity<Input> {};
template <class R, class F, class Inputs>
struct InputOf<R (F::*)(Inputs)> : InputOf<R (*)(Inputs)> {};
template <class R, class F, class Inputs>
struct InputOf<R (F::*)(Inputs) const> : InputOf<R (*)(Inputs)> {};
template <class F>
requires requires { &F::operator(); }
struct InputOf<F> : InputOf<decltype(&F::operator())> {};

template <class F>
concept SaysItsInput = requires {
  typename InputOf<std::decay_t<F>>::type;
};

template <class Input, class F>
GradientCheck check_gradients_of(F& f, const std::vector<Input>& inputs, const CheckOptions& options) {
  using Output = std::decay_t<std::invoke_result_t<F&, const std::vector<Input>&>>;
  static_assert(std::is_same_v<Output, Scalar> || is_tensor<Output>, "f must return a Scalar or a Tensor");
  return compare_gradients<Input, Output>(std::ref(f), inputs, options);
}

}  // namespace detail

/// Compares the gradients that backward() finds for f with numerical differentiation, element by element of
/// every input: f takes a `const std::vector<Tensor<T>>&` (or of Scalar) and returns a Scalar or a Tensor.
/// The elements of a result that has several are summed with fixed pseudo-random weights, so that each
/// counts.
///
/// f is called with variables of its own: the inputs, which may be constants too, stay as they are, and so
/// does every grad(). A result no input leads to has the analytic gradient 0. ValueError: there are no
/// inputs, or the step is of no use (see numerical_derivative). GraphError: inside NoGrad.
template <detail::SaysItsInput F>
GradientCheck check_gradients(F&& f,
                              const std::vector<typename detail::InputOf<std::decay_t<F>>::type>& inputs,
                              const CheckOptions& options = {}) {
  return detail::check_gradients_of(f, inputs, options);
}
template <class F>
requires(!detail::SaysItsInput<F>) GradientCheck
    check_gradients(F&& f, const std::vector<Scalar>& inputs, const CheckOptions& options = {}) {
  return detail::check_gradients_of(f, inputs, options);
}
template <class F>
requires(!detail::SaysItsInput<F>) GradientCheck
    check_gradients(F&& f, const std::vector<Tensor<float>>& inputs, const CheckOptions& options = {}) {
  return detail::check_gradients_of(f, inputs, options);
}
template <class F>
requires(!detail::SaysItsInput<F>) GradientCheck
    check_gradients(F&& f, const std::vector<Tensor<double>>& inputs, const CheckOptions& options = {}) {
  return detail::check_gradients_of(f, inputs, options);
}

}  // namespace gradus
