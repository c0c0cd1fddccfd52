#pragma once

/// Cases of the ops in ops/product.hpp, ops/tensordot.hpp and ops/einsum.hpp; included by op_cases.hpp.
namespace gradus::op_cases {

inline std::vector<Case> cases_of_matmul(Rng& rng) {
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

inline std::vector<Case> cases_of_dot(Rng& rng) {
  const auto product = [](const auto& in) { return dot(in[0], in[1]); };
  return {single(rng, {{4}, {4}}, product), single(rng, {{3, 4}, {4, 2}}, product),
          single(rng, {{2, 3, 4}, {4}}, product), single(rng, {{2, 3}, {2, 2, 3, 2}}, product),
          single(rng, {{3, 3}}, [](const auto& in) { return dot(in[0], in[0]); })};
}

inline std::vector<Case> cases_of_outer(Rng& rng) {
  const auto product = [](const auto& in) { return outer(in[0], in[1]); };
  return {single(rng, {{3}, {4}}, product), single(rng, {{2, 3}, {2, 1, 2}}, product),
          single(rng, {{}, {3}}, product),
          single(rng, {{3}}, [](const auto& in) { return outer(in[0], in[0]); })};
}

inline std::vector<Case> cases_of_tensordot(Rng& rng) {
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

inline std::vector<Case> cases_of_einsum(Rng& rng) {
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

}  // namespace gradus::op_cases
