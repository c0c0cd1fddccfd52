#include "op_cases.hpp"

// Cases of ops along axes: reductions, softmax and the loss made of it.
namespace gradus::op_cases {
namespace {

/// An op reduced over no, one, two and all axes, with and without keepdims.
template <class Op>
std::vector<Case> reductions(Rng& rng, Op op, bool distinct = false) {
  std::vector<Case> cases;
  const auto add = [&](const Shape& shape, const Axes& axes, bool keepdims) {
    const Tensor<double> x =
        distinct ? draw_distinct<double>(shape, rng) : draw_tensor<double>(shape, Domain{0.3, 2}, rng);
    cases.push_back({{x}, [=](const auto& in) { return op(in[0], axes, keepdims); }});
  };
  for (const Shape& shape : shapes()) add(shape, {}, false);
  for (const Shape& shape : shapes())
    for (const bool keepdims : {false, true}) {
      if (shape.empty()) continue;
      add(shape, {0}, keepdims);
      add(shape, {-1}, keepdims);
    }
  add({2, 3, 4}, {0, 2}, true);
  add({2, 3, 4}, {1, -1}, false);
  add({2, 1, 3, 2, 2}, {-1, 0, 2}, false);
  return cases;
}

template <class Op>
std::vector<Case> over_axes(Rng& rng, Op op) {
  std::vector<Case> cases;
  for (const auto& [shape, axis] : {std::pair{Shape{3}, 0},
                                    {Shape{3, 4}, -1},
                                    {Shape{3, 4}, 0},
                                    {Shape{2, 3, 4}, 1},
                                    {Shape{2, 3, 1, 2}, -3},
                                    {Shape{1, 2, 2, 1, 3}, 4},
                                    {Shape{2, 0}, 0}})
    cases.push_back({{draw_tensor<double>(shape, Domain{-2, 2}, rng)},
                     [op, a = axis](const auto& in) { return op(in[0], a); }});
  return cases;
}

}  // namespace

#define GRADUS_REDUCTION(function, distinct)                                                                \
  std::vector<Case> cases_of_##function(Rng& rng) {                                                         \
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

std::vector<Case> cases_of_var(Rng& rng) {
  std::vector<Case> cases =
      reductions(rng, [](const auto& x, const Axes& a, bool keep) { return var(x, a, keep); });
  cases.push_back(single(rng, {{3, 4}}, [](const auto& in) { return var(in[0], {0}, {.ddof = 1}); }));
  return cases;
}

std::vector<Case> cases_of_norm(Rng& rng) {
  std::vector<Case> cases =
      reductions(rng, [](const auto& x, const Axes& axes, bool keepdims) { return norm(x, axes, keepdims); });
  constexpr double infinite = std::numeric_limits<double>::infinity(), shift = 0.15;
  for (const double p : {1.0, 1.5, 3.0, 0.5, -1.0, infinite, -infinite, 0.0}) {
    // With the shift none is 0, and no two are of one size.
    cases.push_back(
        on_distinct(rng, {5}, [=](const auto& in) { return norm(in[0] + shift, {}, {.p = p}) * in[0]; }));
    cases.push_back(on_distinct(
        rng, {3, 4}, [=](const auto& in) { return square(norm(in[0] + shift, {0}, {.p = p})) * in[0]; }));
    cases.push_back(on_distinct(rng, {2, 3, 2}, [=](const auto& in) {
      return norm(in[0] + shift, {0, 2}, {.keepdims = true, .p = p}) * in[0];
    }));
  }
  return cases;
}

std::vector<Case> cases_of_softmax(Rng& rng) {
  return over_axes(rng, [](const auto& x, int axis) { return softmax(x, axis); });
}
std::vector<Case> cases_of_log_softmax(Rng& rng) {
  return over_axes(rng, [](const auto& x, int axis) { return log_softmax(x, axis); });
}

std::vector<Case> cases_of_cross_entropy(Rng& rng) {
  const xt::xarray<int> labels{2, 0, 1};
  const xt::xarray<double> rows{{0.5, 0.25, 0.25, 0}, {1, 0, 0, 0}, {0.1, 0.2, 0.3, 0.4}};
  return {single(rng, {{3, 4}}, [=](const auto& in) { return cross_entropy(in[0], labels); }),
          single(rng, {{3, 4}}, [=](const Tensors& in) { return cross_entropy(in[0], rows); }),
          single(rng, {{3, 4}, {3, 4}}, [](const auto& in) { return cross_entropy(in[0], in[1]); }),
          single(rng, {{1, 3}, {1, 3}}, [](const auto& in) { return cross_entropy(in[0], in[1]); }),
          single(rng, {{5, 2}}, [](const auto& in) {
            return cross_entropy(in[0], xt::xarray<int>{1, 1, 0, 1, 0});
          })};
}

}  // namespace gradus::op_cases
