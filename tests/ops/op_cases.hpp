#pragma once

#include <array>
#include <functional>
#include <type_traits>
#include <utility>
#include <vector>

#include <gradus/core/rng.hpp>
#include <gradus/gradus.hpp>

/// Sampled inputs of an op, on which registry_test.cpp tries everything that is true of all ops. Those of
/// each op are made by a function `std::vector<Case> cases_of_<op>(Rng&)` in a file cases_<family>.cpp; those
/// of elementwise ops are made from their rules.
namespace gradus::op_cases {

using rules::Domain;
using Tensors = std::vector<Tensor<double>>;
using FloatTensors = std::vector<Tensor<float>>;

/// One set of inputs for an op, and a function of them that applies it. A generic lambda,
/// `[](const auto& in) { return f(in[0], in[1]); }`, is tried on floats too, one of `const Tensors&` is not.
class Case {
 public:
  template <class F>
  Case(Tensors of, F f) : inputs(std::move(of)), on_doubles_(f) {
    if constexpr (std::is_invocable_v<const F&, const FloatTensors&>) on_floats_ = f;
  }

  Tensor<double> operator()(const Tensors& in) const { return on_doubles_(in); }
  Tensor<float> operator()(const FloatTensors& in) const { return on_floats_(in); }
  bool takes_floats() const { return on_floats_ != nullptr; }
  bool can_be_scaled() const { return can_be_scaled_; }

  /// The same for other inputs, and a function of this one: a generic lambda `f(*this, inputs)`.
  template <class F>
  Case wrapped(Tensors other_inputs, F f) const {
    Case result(std::move(other_inputs), [f, of = *this](const auto& in) { return f(of, in); });
    return takes_floats() ? result : result.of_doubles_alone();
  }
  /// Not with numbers of another magnitude.
  Case unscaled() const {
    Case result = *this;
    result.can_be_scaled_ = false;
    return result;
  }
  Case of_doubles_alone() const {
    Case result = *this;
    result.on_floats_ = nullptr;
    return result;
  }

  Tensors inputs;

 private:
  std::function<Tensor<double>(const Tensors&)> on_doubles_;
  std::function<Tensor<float>(const FloatTensors&)> on_floats_;
  bool can_be_scaled_ = true;
};

/// Numbers from the domain, away from kinks.
double draw(Domain domain, const std::vector<double>& kinks, Rng& rng);

template <class T>
Tensor<T> draw_tensor(const Shape& shape, Domain domain, Rng& rng, const std::vector<double>& kinks = {}) {
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

/// Of every rank up to 5.
const std::vector<Shape>& shapes();
const std::vector<std::pair<Shape, Shape>>& broadcast_pairs();

/// A case on numbers between -2 and 2.
template <class F>
Case single(Rng& rng, const std::vector<Shape>& of, F f) {
  Tensors inputs;
  for (const Shape& shape : of) inputs.push_back(draw_tensor<double>(shape, Domain{-2, 2}, rng));
  return Case(std::move(inputs), std::move(f));
}

/// A case on numbers no two of which are close.
template <class F>
Case on_distinct(Rng& rng, const Shape& of, F f) {
  return {{draw_distinct<double>(of, rng)}, std::move(f)};
}

}  // namespace gradus::op_cases
