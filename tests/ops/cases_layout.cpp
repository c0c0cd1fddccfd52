#include "op_cases.hpp"

// Cases of ops that move elements.
namespace gradus::op_cases {

std::vector<Case> cases_of_transpose(Rng& rng) {
  return {single(rng, {{3, 4}}, [](const auto& in) { return matmul(transpose(in[0]), in[0]); }),
          single(rng, {{2, 3, 4}},
                 [](const auto& in) {
                   return square(transpose(in[0], {1, 0, 2}));
                 }),
          single(rng, {{2, 3, 4}}, [](const auto& in) { return square(transpose(in[0])); }),
          single(rng, {{3}}, [](const auto& in) { return square(transpose(in[0])); }),
          single(rng, {{2, 1, 3, 1, 2}}, [](const auto& in) {
            return square(transpose(in[0], {4, 0, 2, 1, 3}));
          })};
}

std::vector<Case> cases_of_reshape(Rng& rng) {
  const auto flat = [](const auto& in) { return square(reshape(in[0], {-1})); };
  return {single(rng, {{3, 4}},
                 [](const auto& in) {
                   return square(reshape(in[0], {2, -1}));
                 }),
          single(rng, {{1}},
                 [](const auto& in) {
                   return square(reshape(in[0], {1, 1}));
                 }),
          single(rng, {{}}, flat), single(rng, {{2, 1, 3, 2}}, flat), single(rng, {{1, 2, 2, 1, 3}}, flat)};
}

std::vector<Case> cases_of_broadcast_to(Rng& rng) {
  return {single(rng, {{4}},
                 [](const auto& in) {
                   return square(broadcast_to(in[0], {3, 4}));
                 }),
          single(rng, {{2, 1}},
                 [](const auto& in) {
                   return square(broadcast_to(in[0], {3, 2, 4}));
                 }),
          single(rng, {{}},
                 [](const auto& in) {
                   return square(broadcast_to(in[0], {2, 3}));
                 }),
          single(rng, {{2, 3}},
                 [](const auto& in) {
                   return square(broadcast_to(in[0], {2, 3}));
                 }),
          single(rng, {{3, 1, 2, 1}}, [](const auto& in) {
            return square(broadcast_to(in[0], {2, 3, 2, 2, 2}));
          })};
}

std::vector<Case> cases_of_squeeze(Rng& rng) {
  const auto all = [](const auto& in) { return square(squeeze(in[0])); };
  return {single(rng, {{1, 3, 1}}, all), single(rng, {{1, 1}}, all), single(rng, {{1, 2, 2, 1, 3}}, all),
          single(rng, {{1, 3, 1}}, [](const auto& in) { return square(squeeze(in[0], 0)); }),
          single(rng, {{2, 1, 3, 1}}, [](const auto& in) {
            return square(squeeze(in[0], {1, -1}));
          })};
}

std::vector<Case> cases_of_expand_dims(Rng& rng) {
  const auto both = [](const auto& in) { return square(expand_dims(in[0], 0)) * expand_dims(in[0], -1); };
  return {single(rng, {{3}}, both), single(rng, {{}}, both), single(rng, {{3, 3}}, both),
          single(rng, {{2, 3}},
                 [](const auto& in) {
                   return square(expand_dims(in[0], {0, -1}));
                 }),
          single(rng, {{2, 1, 2, 3}}, [](const auto& in) { return square(expand_dims(in[0], 2)); })};
}

std::vector<Case> cases_of_concatenate(Rng& rng) {
  const auto repeated = [](std::ptrdiff_t axis) {
    return [axis](const auto& in) { return square(concatenate({in[0], in[1], in[0]}, axis)); };
  };
  return {single(rng, {{2, 3}, {2, 2}}, repeated(1)), single(rng, {{2, 3}, {1, 3}}, repeated(0)),
          single(rng, {{3}, {2}}, repeated(0)), single(rng, {{2, 2, 3}, {2, 1, 3}}, repeated(-2)),
          single(rng, {{1, 2, 2, 1, 2}, {1, 2, 2, 1, 1}}, repeated(4))};
}

std::vector<Case> cases_of_stack(Rng& rng) {
  const auto repeated = [](std::ptrdiff_t axis) {
    return [axis](const auto& in) { return square(stack({in[0], in[1], in[0]}, axis)); };
  };
  return {single(rng, {{2, 3}, {2, 3}}, repeated(0)), single(rng, {{2, 3}, {2, 3}}, repeated(-1)),
          single(rng, {{}, {}}, repeated(0)), single(rng, {{3}, {3}}, repeated(1)),
          single(rng, {{2, 1, 2, 2}, {2, 1, 2, 2}}, repeated(2))};
}

std::vector<Case> cases_of_take(Rng& rng) {
  const auto some = [](std::ptrdiff_t axis) {
    return [axis](const auto& in) { return square(take(in[0], xt::xarray<int>{2, 0, 2, -1}, axis)); };
  };
  return {single(rng, {{3, 4}}, some(0)), single(rng, {{3, 4}}, some(1)), single(rng, {{3}}, some(0)),
          single(rng, {{2, 3, 2}}, some(-2)), single(rng, {{1, 2, 3, 1, 2}}, some(2))};
}

}  // namespace gradus::op_cases
