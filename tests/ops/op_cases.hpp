#pragma once

#include <functional>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <gradus/gradus.hpp>

/// Inputs on which the derivatives of every op are checked. The cases are found by the names in
/// ops/op_list.hpp: an op that is listed and has none does not compile, one that is not listed cannot be
/// recorded.
namespace gradus::op_cases {

using rules::Domain;
using Tensors = std::vector<Tensor<double>>;

/// Numbers from the rule's domain, away from its kinks.
template <class Kinks>
double draw(Domain domain, const Kinks& kinks, Rng& rng) {
  for (;;) {
    const double x = rng.uniform(domain.low, domain.high);
    bool is_smooth = true;
    for (double kink : kinks) is_smooth = is_smooth && std::abs(x - kink) > 0.05;
    if (is_smooth) return x;
  }
}

template <class T, class Kinks = std::vector<double>>
Tensor<T> draw_tensor(const Shape& shape, Domain domain, Rng& rng, const Kinks& kinks = {}) {
  Array<T> values = empty_array<T>(shape);
  for (T& v : values) v = static_cast<T>(draw(domain, kinks, rng));
  return Tensor<T>(std::move(values));
}

/// Numbers no two of which are close: the larger of two stays the larger when one of them moves a little.
template <class T>
Tensor<T> draw_distinct(const Shape& shape, Rng& rng) {
  std::vector<T> values(count(shape));
  for (std::size_t i = 0; i < values.size(); ++i)
    values[i] = static_cast<T>(0.3 * static_cast<double>(i) - 1);
  rng.shuffle(values);
  Array<T> array = empty_array<T>(shape);
  std::copy(values.begin(), values.end(), array.begin());
  return Tensor<T>(std::move(array));
}

inline std::string text(const GradientCheck& check) {
  std::ostringstream out;
  out << check;
  return out.str();
}

inline const std::vector<Shape>& shapes() {
  static const std::vector<Shape> list{{}, {3}, {3, 4}, {2, 3, 4}};
  return list;
}
inline const std::vector<std::pair<Shape, Shape>>& broadcast_pairs() {
  static const std::vector<std::pair<Shape, Shape>> list{
      {{}, {}},         {{3}, {3}},          {{3, 4}, {3, 4}}, {{3, 4}, {4}},
      {{4}, {3, 4}},    {{3, 1}, {1, 4}},    {{}, {3, 4}},     {{3, 4}, {}},
      {{3, 4}, {3, 1}}, {{2, 1, 4}, {3, 1}}, {{1}, {2, 3}},    {{2, 3, 1, 2}, {3, 4, 1}}};
  return list;
}

/// An elementwise op on every kind of operand, and what its rule says of itself. Its functions are stored,
/// not compiled into the tests: there are many ops.
template <class T>
using OfOne = std::function<T(const T&)>;
struct UnaryOp {
  OfOne<Tensor<double>> on_doubles;
  OfOne<Tensor<float>> on_floats;
  OfOne<Scalar> on_scalars;
  Domain domain;
  std::vector<double> kinks;

  Tensor<double> operator()(const Tensor<double>& x) const { return on_doubles(x); }
  Tensor<float> operator()(const Tensor<float>& x) const { return on_floats(x); }
  Scalar operator()(const Scalar& x) const { return on_scalars(x); }
};

template <class Rule, class F>
UnaryOp unary_op(const F& f) {
  return {f, f, f, Rule::domain, {Rule::kinks.begin(), Rule::kinks.end()}};
}

template <class A, class B, class Result>
using OfTwo = std::function<Result(const A&, const B&)>;
template <class T>
struct BinaryForms {
  OfTwo<T, T, T> both;
  OfTwo<T, double, T> with_second;
  OfTwo<double, T, T> with_first;

  T operator()(const T& a, const T& b) const { return both(a, b); }
  T operator()(const T& a, double b) const { return with_second(a, b); }
  T operator()(double a, const T& b) const { return with_first(a, b); }
};
struct BinaryOp : BinaryForms<Tensor<double>>, BinaryForms<Scalar>, BinaryForms<Tensor<float>> {
  using BinaryForms<Tensor<double>>::operator(), BinaryForms<Scalar>::operator(),
      BinaryForms<Tensor<float>>::operator();
  Domain domain, second_domain;
  std::vector<double> kinks;  // of the first operand
  bool kink_at_equal;
};

template <class Rule, class F>
BinaryOp binary_op(const F& f) {
  return {{f, f, f},          {f, f, f},           {f, f, f},
          Rule::domain,       Rule::second_domain, {Rule::kinks.begin(), Rule::kinks.end()},
          Rule::kink_at_equal};
}

/// One set of inputs for an op, and a function of them that applies it.
struct Case {
  Tensors inputs;
  std::function<Tensor<double>(const Tensors&)> f;
};

/// An op reduced over no, one, two and all axes, with and without keepdims.
template <class Op>
std::vector<Case> reductions(Rng& rng, Op op, bool distinct = false) {
  std::vector<Case> cases;
  const auto add = [&](const Shape& shape, auto f) {
    const Tensor<double> x =
        distinct ? draw_distinct<double>(shape, rng) : draw_tensor<double>(shape, Domain{0.3, 2}, rng);
    cases.push_back({{x}, [=](const Tensors& in) { return f(in[0]); }});
    cases.push_back({{x}, [=](const Tensors& in) { return f(in[0]) * sum(in[0]); }});
  };
  for (const Shape& shape : shapes())
    add(shape, [=](const Tensor<double>& x) { return op(x, Axes{}, false); });
  for (const Shape& shape : {Shape{3}, Shape{3, 4}, Shape{2, 3, 4}})
    for (const bool keepdims : {false, true}) {
      add(shape, [=](const Tensor<double>& x) { return op(x, Axes{0}, keepdims); });
      add(shape, [=](const Tensor<double>& x) { return op(x, Axes{-1}, keepdims); });
    }
  add({2, 3, 4}, [=](const Tensor<double>& x) { return op(x, Axes{0, 2}, true); });
  add({2, 3, 4}, [=](const Tensor<double>& x) { return op(x, Axes{1, -1}, false); });
  return cases;
}

template <class Op>
std::vector<Case> over_axes(Rng& rng, Op op) {
  std::vector<Case> cases;
  for (const auto& [shape, axis] :
       {std::pair{Shape{3}, 0}, {Shape{3, 4}, -1}, {Shape{3, 4}, 0}, {Shape{2, 3, 4}, 1}})
    cases.push_back({{draw_tensor<double>(shape, Domain{-2, 2}, rng)},
                     [=, a = axis](const Tensors& in) { return op(in[0], a) * in[0]; }});
  return cases;
}

inline Case single(Rng& rng, const std::vector<Shape>& of, std::function<Tensor<double>(const Tensors&)> f) {
  Case result{{}, std::move(f)};
  for (const Shape& shape : of) result.inputs.push_back(draw_tensor<double>(shape, Domain{-2, 2}, rng));
  return result;
}

#define GRADUS_REDUCTION(function, distinct)                                                                \
  inline std::vector<Case> cases_of_##function(Rng& rng) {                                                  \
    return reductions(                                                                                      \
        rng, [](const auto& x, const Axes& axes, bool keep) { return function(x, axes, keep); }, distinct); \
  }
GRADUS_REDUCTION(sum, false)
GRADUS_REDUCTION(mean, false)
GRADUS_REDUCTION(prod, false)
GRADUS_REDUCTION(max, true)
GRADUS_REDUCTION(min, true)
GRADUS_REDUCTION(logsumexp, false)
#undef GRADUS_REDUCTION

inline std::vector<Case> cases_of_var(Rng& rng) {
  std::vector<Case> cases =
      reductions(rng, [](const auto& x, const Axes& a, bool keep) { return var(x, a, keep); });
  cases.push_back(single(rng, {{3, 4}}, [](const Tensors& in) { return var(in[0], {0}, {.ddof = 1}); }));
  return cases;
}
inline std::vector<Case> cases_of_clip(Rng& rng) {
  return {{{draw_tensor<double>({3, 4}, Domain{-2, 2}, rng, std::array<double, 2>{-1, 1.5})},
           [](const Tensors& in) { return clip(in[0], -1, 1.5); }}};
}
inline std::vector<Case> cases_of_softmax(Rng& rng) {
  return over_axes(rng, [](const auto& x, int axis) { return softmax(x, axis); });
}
inline std::vector<Case> cases_of_log_softmax(Rng& rng) {
  return over_axes(rng, [](const auto& x, int axis) { return log_softmax(x, axis); });
}
inline std::vector<Case> cases_of_cross_entropy(Rng& rng) {
  const xt::xarray<int> labels{2, 0, 1};
  const xt::xarray<double> rows{{0.5, 0.25, 0.25, 0}, {1, 0, 0, 0}, {0.1, 0.2, 0.3, 0.4}};
  return {single(rng, {{3, 4}}, [=](const Tensors& in) { return cross_entropy(in[0], labels); }),
          single(rng, {{3, 4}}, [=](const Tensors& in) { return cross_entropy(in[0], rows); }),
          single(rng, {{3, 4}, {3, 4}}, [](const Tensors& in) { return cross_entropy(in[0], in[1]); })};
}
inline std::vector<Case> cases_of_matmul(Rng& rng) {
  const auto product = [](const Tensors& in) { return matmul(in[0], in[1]); };
  return {single(rng, {{3, 4}, {4, 2}}, product),
          single(rng, {{4}, {4, 2}}, product),
          single(rng, {{3, 4}, {4}}, product),
          single(rng, {{4}, {4}}, product),
          single(rng, {{1, 1}, {1, 1}}, product),
          single(rng, {{3, 3}}, [](const Tensors& in) { return matmul(in[0], in[0]); })};
}
inline std::vector<Case> cases_of_linear(Rng& rng) {
  return {single(rng, {{5, 4}, {4, 3}, {3}}, [](const Tensors& in) { return linear(in[0], in[1], in[2]); }),
          single(rng, {{5, 4}, {4, 3}}, [](const Tensors& in) { return linear(in[0], in[1]); }),
          single(rng, {{3, 3}, {3}}, [](const Tensors& in) { return linear(in[0], in[0], in[1]); })};
}
inline std::vector<Case> cases_of_transpose(Rng& rng) {
  return {single(rng, {{3, 4}}, [](const Tensors& in) { return matmul(transpose(in[0]), in[0]); }),
          single(rng, {{2, 3, 4}},
                 [](const Tensors& in) {
                   return square(transpose(in[0], {1, 0, 2}));
                 }),
          single(rng, {{2, 3, 4}}, [](const Tensors& in) { return square(transpose(in[0])); })};
}
inline std::vector<Case> cases_of_reshape(Rng& rng) {
  return {single(rng, {{3, 4}},
                 [](const Tensors& in) {
                   return square(reshape(in[0], {2, -1}));
                 }),
          single(rng, {{1}}, [](const Tensors& in) {
            return square(reshape(in[0], {1, 1}));
          })};
}
inline std::vector<Case> cases_of_broadcast_to(Rng& rng) {
  return {single(rng, {{4}},
                 [](const Tensors& in) {
                   return square(broadcast_to(in[0], {3, 4}));
                 }),
          single(rng, {{2, 1}}, [](const Tensors& in) {
            return square(broadcast_to(in[0], {3, 2, 4}));
          })};
}
inline std::vector<Case> cases_of_squeeze(Rng& rng) {
  return {single(rng, {{1, 3, 1}}, [](const Tensors& in) { return square(squeeze(in[0])); }),
          single(rng, {{1, 3, 1}}, [](const Tensors& in) { return square(squeeze(in[0], 0)); })};
}
inline std::vector<Case> cases_of_expand_dims(Rng& rng) {
  return {single(rng, {{3}},
                 [](const Tensors& in) { return square(expand_dims(in[0], 0)) * expand_dims(in[0], -1); })};
}
inline std::vector<Case> cases_of_concatenate(Rng& rng) {
  return {single(rng, {{2, 3}, {2, 2}},
                 [](const Tensors& in) {
                   return square(concatenate({in[0], in[1], in[0]}, 1));
                 }),
          single(rng, {{2, 3}, {1, 3}}, [](const Tensors& in) {
            return square(concatenate({in[0], in[1]}, 0));
          })};
}
inline std::vector<Case> cases_of_stack(Rng& rng) {
  return {single(rng, {{2, 3}, {2, 3}},
                 [](const Tensors& in) {
                   return square(stack({in[0], in[1], in[0]}));
                 }),
          single(rng, {{2, 3}, {2, 3}}, [](const Tensors& in) {
            return square(stack({in[0], in[1]}, -1));
          })};
}
inline std::vector<Case> cases_of_take(Rng& rng) {
  const xt::xarray<int> indices{2, 0, 2, -1};
  return {single(rng, {{3, 4}}, [=](const Tensors& in) { return square(take(in[0], indices, 0)); }),
          single(rng, {{3, 4}}, [=](const Tensors& in) { return square(take(in[0], indices, 1)); })};
}
inline std::vector<Case> cases_of_where(Rng& rng) {
  const xt::xarray<bool> mask{{true, false, true, true}, {false, false, true, false}};
  return {single(rng, {{2, 4}, {2, 4}}, [=](const Tensors& in) { return square(where(mask, in[0], in[1])); }),
          single(rng, {{4}, {2, 1}}, [=](const Tensors& in) { return square(where(mask, in[0], in[1])); }),
          single(rng, {{4}},
                 [=](const Tensors& in) { return where(mask, in[0], 2.0) + where(mask, 1.0, in[0]); })};
}

inline std::vector<Case> cases_of_fuse(Rng& rng) {
  const auto bell = [](auto x) { return sigmoid(x) * tanh(x) + exp(-x * x); };
  const auto mix = [](auto a, auto b) { return square(a) * b + 2.0 / (1 + b * b); };
  return {single(rng, {{3, 4}}, [=](const Tensors& in) { return fuse(bell, in[0]); }),
          single(rng, {{3, 4}}, [=](const Tensors& in) { return sum(fuse(bell, in[0])); }),
          single(rng, {{3, 1}, {4}}, [=](const Tensors& in) { return fuse(mix, in[0], in[1]); }),
          single(rng, {{2, 3}}, [=](const Tensors& in) { return fuse(mix, in[0], in[0]) + in[0]; })};
}

inline std::vector<Case> cases_of_custom_op(Rng& rng) {
  const auto cube = [](const Tensors& in) {
    return custom_op(
        "cube", {in[0]}, [](const auto& x) { return x[0] * x[0] * x[0]; },
        [](const auto& g, const auto& x, const auto&) { return std::vector{flow(g, 3 * square(x[0]))}; });
  };
  const auto scaled = [](const Tensors& in) {  // the rule of a broadcast product, and of its result
    return custom_op(
        "scaled", {in[0], in[1]}, [](const auto& x) { return exp(x[0] * x[1]); },
        [](const auto& g, const auto& x, const auto& y) {
          return std::vector{g * y * x[1], g * y * x[0]};
        });
  };
  return {single(rng, {{3, 4}}, cube), single(rng, {{}}, cube), single(rng, {{3, 4}, {4}}, scaled),
          single(rng, {{2, 3}, {2, 1}}, scaled)};
}

inline std::vector<Case> cases_of_checkpoint(Rng& rng) {
  const auto layer = [](const Tensors& in) { return tanh(matmul(in[0], in[1]) * in[0]); };
  return {single(rng, {{3, 3}, {3, 3}}, [=](const Tensors& in) { return checkpoint(layer, in); }),
          single(rng, {{3, 3}, {3, 3}}, [=](const Tensors& in) {
            // The second is captured.
            const auto f = [&, w = in[1]](const Tensors& x) { return layer({x[0], w}); };
            return checkpoint(f, Tensors{checkpoint(f, Tensors{square(in[0])})});
          })};
}

}  // namespace gradus::op_cases

#include "cases_order.hpp"
#include "cases_shapes.hpp"
