#pragma once

#include <functional>
#include <vector>

#include <gradus/core/scalar.hpp>
#include <gradus/core/tensor.hpp>
#include <gradus/ops/rule.hpp>

/// The elementwise ops of ops/op_list.hpp on every kind of operand, and what their rules say of themselves: a
/// table, so that a test of all of them compiles once and not for each.
namespace gradus::testing {

template <class T>
using OfOne = T (*)(const T&);

struct UnaryOp {
  const char* name;
  OfOne<Tensor<double>> on_doubles;
  OfOne<Tensor<float>> on_floats;
  OfOne<Scalar> on_scalars;
  rules::Domain domain;
  std::vector<double> kinks;

  Tensor<double> operator()(const Tensor<double>& x) const { return on_doubles(x); }
  Tensor<float> operator()(const Tensor<float>& x) const { return on_floats(x); }
  Scalar operator()(const Scalar& x) const { return on_scalars(x); }
};

template <class T>
struct BinaryForms {
  T (*both)(const T&, const T&);
  T (*with_second)(const T&, const double&);
  T (*with_first)(const double&, const T&);

  T operator()(const T& a, const T& b) const { return both(a, b); }
  T operator()(const T& a, double b) const { return with_second(a, b); }
  T operator()(double a, const T& b) const { return with_first(a, b); }
};

struct BinaryOp : BinaryForms<Tensor<double>>, BinaryForms<Tensor<float>>, BinaryForms<Scalar> {
  using BinaryForms<Tensor<double>>::operator(), BinaryForms<Tensor<float>>::operator(),
      BinaryForms<Scalar>::operator();
  const char* name;
  rules::Domain domain, second_domain;
  std::vector<double> kinks;  // of the first operand
  bool kink_at_equal;
};

const std::vector<UnaryOp>& unary_ops();
const std::vector<BinaryOp>& binary_ops();

}  // namespace gradus::testing
