#include "op_cases.hpp"

// Cases of products of matrices, and of what a user composes.
namespace gradus::op_cases {

std::vector<Case> cases_of_matmul(Rng& rng) {
  const auto product = [](const auto& in) { return matmul(in[0], in[1]); };
  std::vector<Case> cases;
  for (const auto& [a, b] : std::vector<std::pair<Shape, Shape>>{{{3, 4}, {4, 2}},
                                                                 {{4}, {4, 2}},
                                                                 {{3, 4}, {4}},
                                                                 {{4}, {4}},
                                                                 {{1, 1}, {1, 1}},
                                                                 {{2, 3, 4}, {2, 4, 2}},
                                                                 {{2, 3, 4}, {4, 2}},
                                                                 {{3, 4}, {2, 4, 2}},
                                                                 {{4}, {2, 4, 3}},
                                                                 {{2, 3, 4}, {4}},
                                                                 {{2, 1, 2, 3}, {3, 3, 2}},
                                                                 {{1, 2, 1, 2, 3}, {2, 1, 3, 3, 2}}})
    cases.push_back(single(rng, {a, b}, product));
  for (const Shape& shape : {Shape{3, 3}, Shape{2, 3, 3}})
    cases.push_back(single(rng, {shape}, [](const auto& in) { return matmul(in[0], in[0]); }));
  return cases;
}

std::vector<Case> cases_of_dot(Rng& rng) {
  const auto product = [](const auto& in) { return dot(in[0], in[1]); };
  return {single(rng, {{4}, {4}}, product), single(rng, {{3, 4}, {4, 2}}, product),
          single(rng, {{2, 3, 4}, {4}}, product), single(rng, {{2, 3}, {2, 2, 3, 2}}, product),
          single(rng, {{3, 3}}, [](const auto& in) { return dot(in[0], in[0]); })};
}

std::vector<Case> cases_of_outer(Rng& rng) {
  const auto product = [](const auto& in) { return outer(in[0], in[1]); };
  return {single(rng, {{3}, {4}}, product),
          single(rng, {{2, 3}, {2, 1, 2}}, product),
          single(rng, {{}, {3}}, product),
          single(rng, {{2, 1, 2}, {1, 1, 2, 1, 1}}, product),
          single(rng, {{3, 2}, {2, 2}}, product),
          single(rng, {{2, 2}}, [](const auto& in) { return outer(in[0], in[0]); })};
}

std::vector<Case> cases_of_tensordot(Rng& rng) {
  const auto over = [](const TensordotAxes& axes) {
    return [axes](const auto& in) { return tensordot(in[0], in[1], axes); };
  };
  return {single(rng, {{2, 3, 4}, {3, 4, 2}}, [](const auto& in) { return tensordot(in[0], in[1]); }),
          single(rng, {{2, 3}, {2}}, [](const auto& in) { return tensordot(in[0], in[1], 0); }),
          single(rng, {{2, 3, 4}, {4, 2, 3}}, over({{0, 2}, {1, 0}})),
          single(rng, {{3, 2, 2}, {2, 3}}, over({{0}, {-1}})),
          single(rng, {{2, 2, 1, 3, 2}, {3, 2}}, over({{-2, 1}, {0, 1}})),
          single(rng, {{2, 3}}, [](const auto& in) { return tensordot(in[0], in[0]); })};
}

std::vector<Case> cases_of_einsum(Rng& rng) {
  const auto by = [](const char* subscripts) {
    return [=](const auto& in) { return square(einsum(subscripts, in)); };
  };
  return {single(rng, {{3, 4}, {4, 2}}, by("ij,jk")),
          single(rng, {{3, 4}, {2, 4}}, by("ij,kj->ki")),
          single(rng, {{2, 3}, {3, 2}, {2, 3}}, by("ij,jk,kl->il")),
          single(rng, {{3, 3}}, by("ii")),
          single(rng, {{3, 2, 3}}, by("iji->ij")),
          single(rng, {{2, 3, 4}}, by("ijk->ki")),
          single(rng, {{2, 3}, {2, 3}}, by("bi,bi->b")),
          single(rng, {{2, 3, 2}, {1, 2, 4}}, by("...ij,...jk->...ik")),
          single(rng, {{2, 1, 2, 1, 3}, {3, 1, 3, 2}}, by("...ij,...jk")),
          single(rng, {{2, 1}, {3}, {2, 3}}, by("ij,j,ij->i")),
          single(rng, {{3, 3}}, [](const auto& in) { return einsum("ij,jk,kk->ki", in[0], in[0], in[0]); })};
}

std::vector<Case> cases_of_linear(Rng& rng) {
  const auto layer = [](const auto& in) { return linear(in[0], in[1], in[2]); };
  return {single(rng, {{5, 4}, {4, 3}, {3}}, layer), single(rng, {{1, 4}, {4, 1}, {1}}, layer),
          single(rng, {{2, 1}, {1, 3}, {3}}, layer),
          single(rng, {{5, 4}, {4, 3}}, [](const auto& in) { return linear(in[0], in[1]); }),
          single(rng, {{3, 3}, {3}}, [](const auto& in) { return linear(in[0], in[0], in[1]); })};
}

std::vector<Case> cases_of_custom_op(Rng& rng) {
  const auto cube = [](const auto& in) {
    return custom_op(
        "cube", {in[0]}, [](const auto& x) { return x[0] * x[0] * x[0]; },
        [](const auto& g, const auto& x, const auto&) { return std::vector{flow(g, 3 * square(x[0]))}; });
  };
  const auto scaled = [](const auto& in) {  // the rule of a broadcast product, and of its result
    return custom_op(
        "scaled", {in[0], in[1]}, [](const auto& x) { return exp(x[0] * x[1]); },
        [](const auto& g, const auto& x, const auto& y) {
          return std::vector{g * y * x[1], g * y * x[0]};
        });
  };
  return {single(rng, {{3, 4}}, cube), single(rng, {{}}, cube), single(rng, {{2, 1, 2, 1, 3}}, cube),
          single(rng, {{3, 4}, {4}}, scaled), single(rng, {{2, 3}, {2, 1}}, scaled)};
}

std::vector<Case> cases_of_checkpoint(Rng& rng) {
  const auto layer = [](const auto& in) { return tanh(matmul(in[0], in[1]) * in[0]); };
  const auto product = [](const auto& in) { return matmul(in[0], in[1]); };
  const auto exponential = [](const auto& in) {
    return checkpoint([](const auto& x) { return exp(x[0]); }, in);
  };
  return {single(rng, {{3, 3}, {3, 3}}, [=](const auto& in) { return checkpoint(layer, in); }),
          single(rng, {{3, 3}, {3, 3}},
                 [=](const Tensors& in) {
                   // The second is captured.
                   const auto f = [&, w = in[1]](const Tensors& x) { return layer(Tensors{x[0], w}); };
                   return checkpoint(f, Tensors{checkpoint(f, Tensors{square(in[0])})});
                 }),
          single(rng, {{3, 1}, {1, 3}}, [=](const auto& in) { return checkpoint(product, in); }),
          single(rng, {{}}, exponential),
          single(rng, {{3}}, exponential),
          single(rng, {{1, 2, 2, 1, 3}}, exponential)};
}

}  // namespace gradus::op_cases
