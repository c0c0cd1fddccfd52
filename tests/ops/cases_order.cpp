#include "op_cases.hpp"

// Cases of running sums and products, and of ops that put in order.
namespace gradus::op_cases {
std::vector<Case> cases_of_std(Rng& rng) {
  std::vector<Case> cases;
  const auto add = [&](const Shape& shape, auto f) { cases.push_back(single(rng, {shape}, std::move(f))); };
  add({3}, [](const auto& in) { return gradus::std(in[0]); });
  add({4}, [](const auto& in) { return gradus::std(in[0], 0, {.ddof = 1}) * in[0]; });
  add({3, 4}, [](const auto& in) { return square(gradus::std(in[0], 0)); });
  add({3, 4}, [](const auto& in) { return in[0] / gradus::std(in[0], -1, true); });
  add({2, 3, 4}, [](const auto& in) { return square(gradus::std(in[0], {0, 2})); });
  add({2, 3, 4}, [](const auto& in) { return gradus::std(in[0], {0, 2}, {.keepdims = true, .ddof = 2}); });
  add({2, 1, 3, 1, 2}, [](const auto& in) { return stddev(in[0], {2, 4}, true) * in[0]; });
  return cases;
}
std::vector<Case> cases_of_cumsum(Rng& rng) {
  return {single(rng, {{}}, [](const auto& in) { return square(cumsum(in[0])); }),
          single(rng, {{4}}, [](const auto& in) { return square(cumsum(in[0], 0)) * in[0]; }),
          single(rng, {{3, 4}}, [](const auto& in) { return square(cumsum(in[0])); }),
          single(rng, {{3, 4}}, [](const auto& in) { return square(cumsum(in[0], -1)) * in[0]; }),
          single(rng, {{2, 3, 2}}, [](const auto& in) { return square(cumsum(in[0], 1)) * in[0]; }),
          single(rng, {{2, 1, 3, 2, 2}}, [](const auto& in) { return square(cumsum(in[0], 2)); })};
}
std::vector<Case> cases_of_cumprod(Rng& rng) {
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
std::vector<Case> cases_of_sort(Rng& rng) {
  return {on_distinct(rng, {5}, [](const auto& in) { return square(sort(in[0])); }),
          on_distinct(rng, {1}, [](const auto& in) { return sort(in[0], 0) * in[0]; }),
          on_distinct(rng, {3, 4}, [](const auto& in) { return sort(in[0]) * in[0]; }),
          on_distinct(rng, {3, 4}, [](const auto& in) { return square(sort(in[0], 0)); }),
          on_distinct(rng, {2, 3, 2}, [](const auto& in) { return sort(in[0], 1) * in[0]; }),
          on_distinct(rng, {2, 1, 2, 3, 2}, [](const auto& in) { return sort(in[0], -2) * square(in[0]); })};
}
std::vector<Case> cases_of_topk(Rng& rng) {
  return {
      on_distinct(rng, {5}, [](const auto& in) { return square(topk(in[0], 3).values); }),
      on_distinct(rng, {5}, [](const auto& in) { return square(topk(in[0], 2, 0, false).values); }),
      on_distinct(rng, {3, 4}, [](const auto& in) { return topk(in[0], 1).values * in[0]; }),
      on_distinct(rng, {3, 4}, [](const auto& in) { return topk(in[0], 3, 0).values * in[0]; }),
      on_distinct(rng, {2, 3, 2}, [](const auto& in) { return square(topk(in[0], 2, 1, false).values); }),
      on_distinct(rng, {2, 1, 4, 1, 2}, [](const auto& in) { return square(topk(in[0], 3, -3).values); })};
}

}  // namespace gradus::op_cases
