#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <type_traits>
#include <vector>

#include <gradus/core/gradient_check.hpp>
#include <gradus/core/tensor.hpp>

namespace gradus {

struct CheckOptions {
  Stencil stencil = Stencil::central;
  std::optional<double> tolerance = {};  ///< largest relative error that passes; 1e-6, or 1e-2 for floats
  std::optional<double> step = {};       ///< chosen for each element from its size, its type and the stencil
  bool localise = true;                  ///< look for the op to blame for a wrong gradient
  std::uint64_t seed = 1;                ///< of the direction of check_directional()
};

namespace detail {

/// Where Input and Output are Scalar or a Tensor. Instantiated for every pair an f can have.
template <class Input, class Output>
struct Checks {
  using F = std::function<Output(const std::vector<Input>&)>;
  static GradientCheck check_gradients(const F& f, const std::vector<Input>& inputs, const CheckOptions&);
  static SecondOrderCheck check_second_order(const F& f, const std::vector<Input>& inputs,
                                             const CheckOptions&);
  static GradientCheck check_directional(const F& f, const std::vector<Input>& inputs, const CheckOptions&);
};

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
struct ChecksOf {
  using Output = std::decay_t<std::invoke_result_t<F&, const std::vector<Input>&>>;
  static_assert(std::is_same_v<Output, Scalar> || is_tensor<Output>, "f must return a Scalar or a Tensor");
  using type = Checks<Input, Output>;
};

}  // namespace detail

// Declares a check for every kind of input: the one that f's signature asks for, any for generic functions.
#define GRADUS_CHECK(name, Result)                                                                 \
  template <detail::SaysItsInput F>                                                                \
  Result name(F&& f, const std::vector<typename detail::InputOf<std::decay_t<F>>::type>& inputs,   \
              const CheckOptions& options = {}) {                                                  \
    using Input = typename detail::InputOf<std::decay_t<F>>::type;                                 \
    return detail::ChecksOf<Input, F>::type::name(std::ref(f), inputs, options);                   \
  }                                                                                                \
  template <class F>                                                                               \
  requires(!detail::SaysItsInput<F>) Result name(F&& f, const std::vector<Scalar>& inputs,         \
                                                 const CheckOptions& options = {}) {               \
    return detail::ChecksOf<Scalar, F>::type::name(std::ref(f), inputs, options);                  \
  }                                                                                                \
  template <class F>                                                                               \
  requires(!detail::SaysItsInput<F>) Result name(F&& f, const std::vector<Tensor<float>>& inputs,  \
                                                 const CheckOptions& options = {}) {               \
    return detail::ChecksOf<Tensor<float>, F>::type::name(std::ref(f), inputs, options);           \
  }                                                                                                \
  template <class F>                                                                               \
  requires(!detail::SaysItsInput<F>) Result name(F&& f, const std::vector<Tensor<double>>& inputs, \
                                                 const CheckOptions& options = {}) {               \
    return detail::ChecksOf<Tensor<double>, F>::type::name(std::ref(f), inputs, options);          \
  }

/// Compares the gradients that backward() finds for f with numerical differentiation, element by element of
/// every input: f takes a `const std::vector<Tensor<T>>&` (or of Scalar) and returns a Scalar or a Tensor.
/// The elements of a result that has several are summed with fixed pseudo-random weights, so that each
/// counts.
///
/// Where the two differ, the check asks why (see Verdict), from some more evaluations near by. A kink at
/// which the analytic value makes sense is reported, and is no failure. Where a rule is wrong, the report
/// names the recorded step whose rule disagrees with what the step itself computes
/// (GradientCheck::wrong_step), found by running f again with single values changed; steps on Scalars are not
/// looked at one by one. What f reads from value() and hands to an op that uses the same value as a step is
/// taken for a part of that op.
///
/// f is called with variables of its own: the inputs, which may be constants too, stay as they are, and so
/// does every grad(). A result no input leads to has the analytic gradient 0. ValueError: no inputs, a step
/// of no use (see numerical_derivative), an f that gives other values for the same inputs, or that has
/// captured an input and not used the argument in its place. GraphError: inside NoGrad.
GRADUS_CHECK(check_gradients, GradientCheck)

/// The same, and then for gradients of gradients: compares the gradient of a weighted sum of all gradients,
/// as grad() with create_graph makes them, with numerical differentiation of the gradients that a plain sweep
/// finds. A rule whose recorded form is not the one it is swept by is found too.
GRADUS_CHECK(check_second_order, SecondOrderCheck)

/// Moves all elements of all inputs at once, along one random direction v, and compares v^T grad f with the
/// numerical derivative: three calls of f (for Stencil::central, when they agree) at any size, where
/// check_gradients() needs two for each element. v_i is +-max(|x_i|, 1) times a number of [0.5, 1.5); the
/// step belongs to v. A wrong element may hide among very many right ones.
GRADUS_CHECK(check_directional, GradientCheck)

#undef GRADUS_CHECK

}  // namespace gradus
