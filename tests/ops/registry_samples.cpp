#include "registry_samples.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

#include <gtest/gtest.h>

namespace gradus::op_cases {
namespace {

using Array = gradus::Array<double>;

std::string shapes_of(const Tensors& inputs) {
  std::string text;
  for (const Tensor<double>& x : inputs) text += ' ' + to_string(x.shape());
  return text;
}

Tensor<double> from_transposed(const Tensor<double>& x) {
  const Array stored = xt::transpose(x.value());
  return Tensor<double>(xt::transpose(stored));
}

/// From every second element along every axis of a larger array.
Tensor<double> from_strided(const Tensor<double>& x) {
  constexpr std::ptrdiff_t begin = 0, step = 2;
  Shape larger;
  xt::xstrided_slice_vector slices;
  for (const std::size_t extent : x.shape()) {
    larger.push_back(2 * extent);
    slices.push_back(xt::range(begin, static_cast<std::ptrdiff_t>(2 * extent), step));
  }
  Array stored = full_array<double>(larger, std::nan(""));
  auto view = xt::strided_view(stored, slices);
  std::copy(x.data(), x.data() + x.size(), view.begin());  // xtensor 0.24 assigns wrongly here
  return Tensor<double>(view);
}

/// The case with its inputs made anew, when that changes the way of one of at least `rank`.
template <class Make>
std::optional<Case> with_inputs_from(const Case& c, std::size_t rank, const Make& make) {
  Case result = c;
  bool is_new = false;
  for (Tensor<double>& x : result.inputs) {
    if (x.ndim() < rank) continue;
    const Tensor<double> same = make(x);
    EXPECT_EQ(same.value(), x.value());
    x = same;
    is_new = true;
  }
  if (!is_new) return {};
  return result;
}

std::optional<Case> used_twice(const Case& c) {
  return c.wrapped(c.inputs,
                   [](const Case& of, const auto& in) { return of(in) * sum(in[0]) + of(in) * 0.5; });
}

double largest(const Tensor<double>& x) {
  double result = 0;
  for (const double v : x.value()) result = std::isnan(v) ? v : std::max(result, std::abs(v));
  return result;
}

/// f(scale x), divided by its largest element: what is compared stays near 1, whatever the op sees.
std::optional<Case> scaled(const Case& c, double scale) {
  const auto times = [](const auto& in, double factor) {
    auto result = in;
    for (auto& x : result) x = x * factor;
    return result;
  };
  const auto is_right = [](const Case& of) {
    return is_well_conditioned([&](const Tensors& in) { return of(in); }, of.inputs);
  };
  if (!c.can_be_scaled() || !is_right(c)) return {};  // stairs seem to have a slope from afar
  const double size = largest(c(times(c.inputs, scale)));
  if (!std::isnormal(size) || !std::isnormal(1 / size)) return {};
  const Case result =
      c.wrapped(c.inputs, [=](const Case& of, const auto& in) { return of(times(in, scale)) * (1 / size); });
  if (!is_right(result)) return {};
  const auto is_float = [](double x) { return 1e-30 < x && x < 1e30; };
  return is_float(scale) && is_float(size) && is_float(size / scale) ? result : result.of_doubles_alone();
}

struct Variant {
  const char* name;
  std::optional<Case> (*make)(const Case&);
  bool is_scaled = false;
};
constexpr Variant variants[] = {
    {"", [](const Case& c) { return std::optional<Case>(c); }},
    {" from transposed", [](const Case& c) { return with_inputs_from(c, 2, from_transposed); }},
    {" from strided", [](const Case& c) { return with_inputs_from(c, 1, from_strided); }},
    {" used twice", used_twice},
    {" times 1e10", [](const Case& c) { return scaled(c, 1e10); }, true},
    {" times 1e-10", [](const Case& c) { return scaled(c, 1e-10); }, true},
    {" times 1e100", [](const Case& c) { return scaled(c, 1e100); }, true},
    {" times 1e-100", [](const Case& c) { return scaled(c, 1e-100); }, true},
};

}  // namespace

bool is_well_conditioned(const std::function<Tensor<double>(const Tensors&)>& f, const Tensors& inputs) {
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const auto along = [&](double t) {
      Tensors moved = inputs;
      moved[i] = moved[i] + t * weights(moved[i].shape());
      const Tensor<double> y = f(moved);
      return sum(y * weights(y.shape())).item();
    };
    const double coarse = numerical_derivative(along, 0.0, Stencil::central),
                 fine = numerical_derivative(along, 0.0, Stencil::seven_point);
    if (!(std::abs(fine) > 1e-3 && std::abs(fine - coarse) < 1e-7 * std::abs(fine))) return false;
  }
  return true;
}

Tensor<double> weights(const Shape& shape) {
  Rng rng{count(shape)};
  Array w = empty_array<double>(shape);
  for (double& v : w) v = 0.5 + static_cast<double>(rng.below(1025)) / 1024;
  return Tensor<double>(std::move(w));
}

std::vector<Sample> samples_of(const Op& op) {
  std::vector<Sample> samples;
  Rng rng(7);
  for (const Variant& variant : variants) {  // of numbers of its own
    int number = 0;
    for (const Case& c : op.cases(rng)) {
      std::optional<Case> made = variant.make(c);
      if (made)
        samples.push_back({"case " + std::to_string(number) + variant.name + " on" + shapes_of(c.inputs),
                           std::move(*made), &variant != variants, variant.is_scaled});
      ++number;
    }
  }
  return samples;
}

}  // namespace gradus::op_cases
