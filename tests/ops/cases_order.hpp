#pragma once

/// Inputs for running sums and products, for what is in order, and for the reductions beside those of
/// op_cases.hpp. Included at its end.
namespace gradus::op_cases {

/// A function of inputs no two elements of which are close.
inline Case distinct(Rng& rng, const Shape& of, std::function<Tensor<double>(const Tensors&)> f) {
  return {{draw_distinct<double>(of, rng)}, std::move(f)};
}

inline std::vector<Case> cases_of_std(Rng& rng) {
  std::vector<Case> cases;
  const auto add = [&](const Shape& shape, std::function<Tensor<double>(const Tensors&)> f) {
    cases.push_back(single(rng, {shape}, std::move(f)));
  };
  add({3}, [](const auto& in) { return gradus::std(in[0]); });
  add({4}, [](const auto& in) { return gradus::std(in[0], 0, {.ddof = 1}) * in[0]; });
  add({3, 4}, [](const auto& in) { return square(gradus::std(in[0], 0)); });
  add({3, 4}, [](const auto& in) { return in[0] / gradus::std(in[0], -1, true); });
  add({2, 3, 4}, [](const auto& in) { return square(gradus::std(in[0], {0, 2})); });
  add({2, 3, 4}, [](const auto& in) { return gradus::std(in[0], {0, 2}, {.keepdims = true, .ddof = 2}); });
  add({2, 1, 3, 1, 2}, [](const auto& in) { return stddev(in[0], {2, 4}, true) * in[0]; });
  return cases;
}
inline std::vector<Case> cases_of_cumsum(Rng& rng) {
  return {single(rng, {{}}, [](const auto& in) { return square(cumsum(in[0])); }),
          single(rng, {{4}}, [](const auto& in) { return square(cumsum(in[0], 0)) * in[0]; }),
          single(rng, {{3, 4}}, [](const auto& in) { return square(cumsum(in[0])); }),
          single(rng, {{3, 4}}, [](const auto& in) { return square(cumsum(in[0], -1)) * in[0]; }),
          single(rng, {{2, 3, 2}}, [](const auto& in) { return square(cumsum(in[0], 1)) * in[0]; }),
          single(rng, {{2, 1, 3, 2, 2}}, [](const auto& in) { return square(cumsum(in[0], 2)); })};
}
inline std::vector<Case> cases_of_cumprod(Rng& rng) {
  std::vector<Case> cases{
      single(rng, {{}}, [](const auto& in) { return square(cumprod(in[0])); }),
      single(rng, {{5}}, [](const auto& in) { return cumprod(in[0], 0) * in[0]; }),
      single(rng, {{2, 3}}, [](const auto& in) { return cumprod(in[0]); }),
      single(rng, {{3, 4}}, [](const auto& in) { return square(cumprod(in[0], -1)); }),
      single(rng, {{2, 3, 2}}, [](const auto& in) { return cumprod(in[0], 1) * in[0]; }),
      single(rng, {{2, 1, 3, 1, 2}}, [](const auto& in) { return square(cumprod(in[0], -3)); })};
  for (const Tensors& zeros :
       {Tensors{xt::xarray<double>{2, 0, 3, -1}}, Tensors{xt::xarray<double>{0, 2, 0, 3}}})
    cases.push_back({zeros, [](const auto& in) { return cumprod(in[0], 0) * in[0]; }});
  return cases;
}
inline std::vector<Case> cases_of_sort(Rng& rng) {
  return {distinct(rng, {5}, [](const auto& in) { return square(sort(in[0])); }),
          distinct(rng, {1}, [](const auto& in) { return sort(in[0], 0) * in[0]; }),
          distinct(rng, {3, 4}, [](const auto& in) { return sort(in[0]) * in[0]; }),
          distinct(rng, {3, 4}, [](const auto& in) { return square(sort(in[0], 0)); }),
          distinct(rng, {2, 3, 2}, [](const auto& in) { return sort(in[0], 1) * in[0]; }),
          distinct(rng, {2, 1, 2, 3, 2}, [](const auto& in) { return sort(in[0], -2) * square(in[0]); })};
}
inline std::vector<Case> cases_of_topk(Rng& rng) {
  return {distinct(rng, {5}, [](const auto& in) { return square(topk(in[0], 3).values); }),
          distinct(rng, {5}, [](const auto& in) { return square(topk(in[0], 2, 0, false).values); }),
          distinct(rng, {3, 4}, [](const auto& in) { return topk(in[0], 1).values * in[0]; }),
          distinct(rng, {3, 4}, [](const auto& in) { return topk(in[0], 3, 0).values * in[0]; }),
          distinct(rng, {2, 3, 2}, [](const auto& in) { return square(topk(in[0], 2, 1, false).values); }),
          distinct(rng, {2, 1, 4, 1, 2}, [](const auto& in) { return square(topk(in[0], 3, -3).values); })};
}

inline std::vector<Case> cases_of_norm(Rng& rng) {
  std::vector<Case> cases =
      reductions(rng, [](const auto& x, const Axes& axes, bool keepdims) { return norm(x, axes, keepdims); });
  constexpr double infinite = std::numeric_limits<double>::infinity(), shift = 0.15;
  for (const double p : {1.0, 1.5, 3.0, 0.5, -1.0, infinite, -infinite, 0.0}) {
    // With the shift none is 0, and no two are of one size.
    cases.push_back(
        distinct(rng, {5}, [=](const auto& in) { return norm(in[0] + shift, {}, {.p = p}) * in[0]; }));
    cases.push_back(distinct(
        rng, {3, 4}, [=](const auto& in) { return square(norm(in[0] + shift, {0}, {.p = p})) * in[0]; }));
    cases.push_back(distinct(rng, {2, 3, 2}, [=](const auto& in) {
      return norm(in[0] + shift, {0, 2}, {.keepdims = true, .p = p}) * in[0];
    }));
  }
  return cases;
}

}  // namespace gradus::op_cases
