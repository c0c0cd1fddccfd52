#include "op_cases.hpp"

// Cases of the ops that cut, move, repeat and pick elements.
namespace gradus::op_cases {

std::vector<Case> cases_of_ravel(Rng& rng) {
  const auto f = [](const auto& in) { return square(ravel(in[0])); };
  return {single(rng, {{}}, f), single(rng, {{3}}, f), single(rng, {{3, 4}}, f),
          single(rng, {{2, 1, 3, 2}}, f),
          single(rng, {{2, 3}, {6}}, [](const auto& in) { return ravel(in[0]) * in[1] * ravel(in[0]); })};
}
std::vector<Case> cases_of_swapaxes(Rng& rng) {
  return {single(rng, {{3}}, [](const auto& in) { return square(swapaxes(in[0], 0, 0)); }),
          single(rng, {{3, 4}}, [](const auto& in) { return square(swapaxes(in[0], 0, 1)); }),
          single(rng, {{2, 3, 4}}, [](const auto& in) { return square(swapaxes(in[0], 0, -1)); }),
          single(rng, {{3, 2, 3}}, [](const auto& in) { return swapaxes(in[0], 2, 0) * in[0]; }),
          single(rng, {{2, 1, 3, 2, 2}}, [](const auto& in) { return square(swapaxes(in[0], 1, 3)); })};
}
std::vector<Case> cases_of_moveaxis(Rng& rng) {
  return {single(rng, {{3, 4}}, [](const auto& in) { return square(moveaxis(in[0], 0, 1)); }),
          single(rng, {{2, 3, 4}}, [](const auto& in) { return square(moveaxis(in[0], 0, -1)); }),
          single(rng, {{2, 3, 4}},
                 [](const auto& in) {
                   return square(moveaxis(in[0], {2, 0}, {0, 1}));
                 }),
          single(rng, {{2, 2, 3, 2}},
                 [](const auto& in) {
                   return square(moveaxis(in[0], {0, -1}, {-1, 0})) * in[0];
                 }),
          single(rng, {{1, 2, 3, 2, 1}}, [](const auto& in) {
            return square(moveaxis(in[0], {4, 1, 2}, {0, 3, 2}));
          })};
}
std::vector<Case> cases_of_slice(Rng& rng) {
  return {single(rng, {{5}}, [](const auto& in) { return square(slice(in[0], {range(1, 4)})); }),
          single(rng, {{5}}, [](const auto& in) { return square(slice(in[0], {2})); }),
          single(rng, {{6}},
                 [](const auto& in) {
                   return slice(in[0], {range({}, {}, -2)}) * slice(in[0], {range(1, {}, 2)});
                 }),
          single(rng, {{3, 4}},
                 [](const auto& in) {
                   return square(slice(in[0], {-1, range({}, -1)}));
                 }),
          single(rng, {{3, 4}},
                 [](const auto& in) {
                   return square(slice(in[0], {all(), newaxis(), range(3, 0, -1)}));
                 }),
          single(rng, {{2, 3, 4}},
                 [](const auto& in) {
                   return square(slice(in[0], {ellipsis(), 1}));
                 }),
          single(rng, {{2, 3, 2, 3}},
                 [](const auto& in) {
                   return square(slice(in[0], {1, ellipsis(), newaxis(), range(-2, {})}));
                 }),
          single(rng, {{2, 2, 2, 2, 3}}, [](const auto& in) {
            return square(slice(in[0], {range(1, {}), 0, all(), ellipsis(), range({}, {}, 2)}));
          })};
}
std::vector<Case> cases_of_split(Rng& rng) {
  return {single(rng, {{6}},
                 [](const auto& in) {
                   const auto parts = split(in[0], 3);
                   return parts[0] * parts[1] * parts[2];
                 }),
          single(rng, {{4, 3}},
                 [](const auto& in) {
                   const auto parts = split(in[0], 2, 0);
                   return parts[0] * square(parts[1]);
                 }),
          single(rng, {{3, 5}},
                 [](const auto& in) {
                   const auto parts = split(in[0], {2, -1}, 1);
                   return parts[0] * parts[2] + sum(square(parts[1]), 1, true);
                 }),
          single(rng, {{2, 4, 3}},
                 [](const auto& in) {
                   const auto parts = split(in[0], {1, 3}, -2);
                   return square(parts[0] + parts[2]);  // the middle part gets no gradient
                 }),
          single(rng, {{2, 1, 2, 4}}, [](const auto& in) {
            const auto parts = split(in[0], 4, -1);
            return parts[3] * parts[0] * parts[0];
          })};
}
std::vector<Case> cases_of_chunk(Rng& rng) {
  return {single(rng, {{7}},
                 [](const auto& in) {
                   const auto parts = chunk(in[0], 3);
                   return parts[0] * parts[1] * parts[2];
                 }),
          single(rng, {{4, 2}},
                 [](const auto& in) {
                   const auto parts = chunk(in[0], 3, 0);
                   return parts[0] * square(parts[1]);
                 }),
          single(rng, {{2, 5}},
                 [](const auto& in) {
                   const auto parts = chunk(in[0], 2, 1);
                   return square(parts[1]) * slice(parts[0], {all(), range(0, 2)});
                 }),
          single(rng, {{2, 3, 2, 1}}, [](const auto& in) {
            const auto parts = chunk(in[0], 9, 1);
            return parts[2] * parts[0];
          })};
}
std::vector<Case> cases_of_flip(Rng& rng) {
  return {single(rng, {{}}, [](const auto& in) { return square(flip(in[0])); }),
          single(rng, {{4}}, [](const auto& in) { return square(flip(in[0])) * in[0]; }),
          single(rng, {{3, 4}}, [](const auto& in) { return square(flip(in[0], 0)) * in[0]; }),
          single(rng, {{3, 4}}, [](const auto& in) { return flip(in[0]) * square(in[0]); }),
          single(rng, {{2, 3, 4}},
                 [](const auto& in) {
                   return square(flip(in[0], {0, -1})) * in[0];
                 }),
          single(rng, {{2, 1, 3, 2, 2}}, [](const auto& in) {
            return square(flip(in[0], {1, 2})) * in[0];
          })};
}
std::vector<Case> cases_of_roll(Rng& rng) {
  return {single(rng, {{5}}, [](const auto& in) { return roll(in[0], 2) * square(in[0]); }),
          single(rng, {{3, 4}}, [](const auto& in) { return roll(in[0], -5) * square(in[0]); }),
          single(rng, {{3, 4}}, [](const auto& in) { return roll(in[0], 1, 0) * square(in[0]); }),
          single(rng, {{3, 4}},
                 [](const auto& in) {
                   return roll(in[0], {1, 2}, {0, 1}) * square(in[0]);
                 }),
          single(rng, {{2, 3, 4}},
                 [](const auto& in) {
                   return roll(in[0], 1, {-1, 0}) * square(in[0]);
                 }),
          single(rng, {{2, 2, 1, 3, 2}}, [](const auto& in) {
            return roll(in[0], {-7, 1, 3}, {3, 0, 4}) * square(in[0]);
          })};
}
std::vector<Case> cases_of_pad(Rng& rng) {
  return {single(rng, {{}}, [](const auto& in) { return square(pad(in[0], 1)); }),
          single(rng, {{3}}, [](const auto& in) { return square(pad(in[0], 2, 0.5)); }),
          single(rng, {{3}},
                 [](const auto& in) {
                   return square(pad(in[0], {0, 1}, {1, 2}));
                 }),
          single(rng, {{2, 3}},
                 [](const auto& in) {
                   return square(pad(in[0], {{1, 0}, {0, 2}}, -1));
                 }),
          single(rng, {{2, 1, 2}},
                 [](const auto& in) {
                   return square(pad(in[0], {{1, 2}}));
                 }),
          single(rng, {{1, 2, 1, 2}}, [](const auto& in) {
            return square(pad(in[0], {{0, 1}, {0, 0}, {2, 0}, {1, 1}}, {{1, 2}, {3, 4}, {5, 6}, {7, 8}}));
          })};
}
std::vector<Case> cases_of_tile(Rng& rng) {
  return {single(rng, {{}}, [](const auto& in) { return square(tile(in[0], 3)); }),
          single(rng, {{3}},
                 [](const auto& in) {
                   return square(tile(in[0], 2)) * tile(in[0], {2, 2});
                 }),
          single(rng, {{2, 3}},
                 [](const auto& in) {
                   return square(tile(in[0], {2, 1}));
                 }),
          single(rng, {{2, 1, 2}},
                 [](const auto& in) {
                   return square(tile(in[0], {3, 2}));
                 }),
          single(rng, {{2, 3}, {4, 9}},
                 [](const auto& in) {
                   return square(tile(in[0], {2, 3})) * in[1];
                 }),
          single(rng, {{1, 2, 1, 2, 1}}, [](const auto& in) {
            return square(tile(in[0], {2, 1, 1, 2, 2}));
          })};
}
std::vector<Case> cases_of_repeat(Rng& rng) {
  return {single(rng, {{}}, [](const auto& in) { return square(repeat(in[0], 3)); }),
          single(rng, {{3}}, [](const auto& in) { return square(repeat(in[0], 2, 0)); }),
          single(rng, {{2, 3}}, [](const auto& in) { return square(repeat(in[0], 2)); }),
          single(rng, {{2, 3}},
                 [](const auto& in) {
                   return square(repeat(in[0], {1, 0, 3}, 1));
                 }),
          single(rng, {{2, 2}},
                 [](const auto& in) {
                   return square(repeat(in[0], {0, 2, 1, 2}));
                 }),
          single(rng, {{2, 3, 2}}, [](const auto& in) { return square(repeat(in[0], 3, -2)); }),
          single(rng, {{2, 1, 2, 2}}, [](const auto& in) {
            return square(repeat(in[0], {2, 1}, 0));
          })};
}
std::vector<Case> cases_of_unfold(Rng& rng) {
  const auto stretched = [](HeightWidth kernel, WindowOptions options) {
    return [=](const auto& in) { return square(unfold(in[0], kernel, options)); };
  };
  return {
      single(rng, {{1, 1, 3, 3}}, stretched(2, {})),
      single(rng, {{2, 2, 3, 2}}, stretched({1, 2}, {})),
      single(rng, {{1, 2, 2, 3}}, stretched(3, {.padding = 1})),
      single(rng, {{1, 1, 4, 5}}, stretched({2, 3}, {.stride = 2})),
      single(rng, {{1, 1, 2, 2}}, stretched(2, {.stride = {2, 1}, .padding = {2, 1}})),
      single(rng, {{1, 2, 2, 2}, {3, 8}}, [](const auto& in) { return matmul(in[1], unfold(in[0], 2)); })};
}
std::vector<Case> cases_of_diag(Rng& rng) {
  return {single(rng, {{3}}, [](const auto& in) { return square(diag(in[0])); }),
          single(rng, {{3}}, [](const auto& in) { return square(diag(in[0], -2)); }),
          single(rng, {{3, 3}}, [](const auto& in) { return square(diag(in[0])); }),
          single(rng, {{3, 4}}, [](const auto& in) { return square(diag(in[0], 1)); }),
          single(rng, {{4, 2}}, [](const auto& in) { return square(diag(in[0], -1)); }),
          single(rng, {{2, 2}}, [](const auto& in) { return matmul(diag(diag(in[0])), in[0]); })};
}
std::vector<Case> cases_of_diagonal(Rng& rng) {
  return {single(rng, {{3, 3}}, [](const auto& in) { return square(diagonal(in[0])); }),
          single(rng, {{2, 4}}, [](const auto& in) { return square(diagonal(in[0], 2)); }),
          single(rng, {{2, 3, 4}}, [](const auto& in) { return square(diagonal(in[0])); }),
          single(rng, {{2, 3, 4}}, [](const auto& in) { return square(diagonal(in[0], -1, -2, -1)); }),
          single(rng, {{2, 1, 3, 2}}, [](const auto& in) { return square(diagonal(in[0], 0, 2, 0)); })};
}
std::vector<Case> cases_of_trace(Rng& rng) {
  return {single(rng, {{3, 3}}, [](const auto& in) { return square(trace(in[0])); }),
          single(rng, {{2, 4}}, [](const auto& in) { return square(trace(in[0], 1)); }),
          single(rng, {{3, 3}}, [](const auto& in) { return trace(matmul(in[0], in[0])); }),
          single(rng, {{2, 3, 4}}, [](const auto& in) { return square(trace(in[0], 0, -2, -1)); }),
          single(rng, {{2, 1, 3, 2}}, [](const auto& in) { return square(trace(in[0], -1, 2, 0)); })};
}
std::vector<Case> cases_of_tril(Rng& rng) {
  return {single(rng, {{3, 3}}, [](const auto& in) { return square(tril(in[0])); }),
          single(rng, {{2, 4}}, [](const auto& in) { return square(tril(in[0], 1)); }),
          single(rng, {{4, 2}}, [](const auto& in) { return tril(in[0], -1) * in[0]; }),
          single(rng, {{2, 3, 3}}, [](const auto& in) { return square(tril(in[0])) * in[0]; })};
}
std::vector<Case> cases_of_triu(Rng& rng) {
  return {single(rng, {{3, 3}}, [](const auto& in) { return square(triu(in[0])); }),
          single(rng, {{2, 4}}, [](const auto& in) { return square(triu(in[0], 1)); }),
          single(rng, {{4, 2}}, [](const auto& in) { return triu(in[0], -1) * in[0]; }),
          single(rng, {{2, 2, 3, 3}}, [](const auto& in) { return square(triu(in[0], 2)) * in[0]; })};
}

std::vector<Case> cases_of_take_along_axis(Rng& rng) {
  const xt::xarray<int> line{2, 0, 2, -1}, matrix{{0, 2}, {1, -1}, {0, 0}};
  xt::xarray<int> cube = matrix, column{1, 0, -1};
  column.reshape({3, 1});
  cube.reshape({1, 3, 2});
  return {single(rng, {{3}}, [=](const auto& in) { return square(take_along_axis(in[0], line, 0)); }),
          single(rng, {{3, 4}}, [=](const auto& in) { return square(take_along_axis(in[0], column, 1)); }),
          single(rng, {{3, 4}}, [=](const auto& in) { return square(take_along_axis(in[0], matrix, -1)); }),
          single(rng, {{4, 2}}, [=](const auto& in) { return square(take_along_axis(in[0], matrix, 0)); }),
          single(rng, {{4, 1}}, [=](const auto& in) { return square(take_along_axis(in[0], matrix, 0)); }),
          single(rng, {{2, 3, 1}}, [=](const auto& in) { return square(take_along_axis(in[0], cube, 1)); })};
}
std::vector<Case> cases_of_gather(Rng& rng) {
  const xt::xarray<int> line{2, 0, 2, -1}, matrix{{0, 2}, {1, -1}, {0, 0}};
  xt::xarray<int> cube = matrix;
  cube.reshape({1, 3, 2});
  return {single(rng, {{3}}, [=](const auto& in) { return square(gather(in[0], line, 0)); }),
          single(rng, {{4, 2}}, [=](const auto& in) { return square(gather(in[0], matrix, 0)); }),
          single(rng, {{4, 3}}, [=](const auto& in) { return square(gather(in[0], matrix, 1)); }),
          single(rng, {{3, 5}}, [=](const auto& in) { return square(gather(in[0], matrix, 0)); }),
          single(rng, {{2, 4, 3}}, [=](const auto& in) { return square(gather(in[0], cube, 1)); })};
}
std::vector<Case> cases_of_scatter_add(Rng& rng) {
  const xt::xarray<int> line{2, 0, 2, -1}, matrix{{0, 2}, {1, -1}, {0, 0}};
  xt::xarray<int> cube = matrix;
  cube.reshape({1, 3, 2});
  const auto add_to = [](const auto& indices, int axis) {
    return [=](const auto& in) { return square(scatter_add(in[0], indices, in[1], axis)); };
  };
  return {single(rng, {{3}, {4}}, add_to(line, 0)),
          single(rng, {{4}, {4}},
                 [=](const auto& in) { return square(scatter_add(in[0], line, in[0] * in[1], 0)); }),
          single(rng, {{3, 2}, {3, 2}}, add_to(matrix, 0)),
          single(rng, {{3, 4}, {2}}, add_to(matrix, 1)),
          single(rng, {{3, 3}}, [=](const auto& in) { return square(scatter_add(in[0], matrix, 1, 0)); }),
          single(rng, {{4}}, [=](const auto& in) { return square(scatter_add(0 * in[0], line, in[0], 0)); }),
          single(rng, {{2, 3, 2}, {1, 3, 2}}, add_to(cube, 1))};
}
std::vector<Case> cases_of_mask_select(Rng& rng) {
  const xt::xarray<bool> line{true, false, true}, matrix{{true, false, true}, {false, false, true}};
  return {single(rng, {{3}}, [=](const auto& in) { return square(mask_select(in[0], line)); }),
          single(rng, {{2, 3}}, [=](const auto& in) { return square(mask_select(in[0], matrix)); }),
          single(rng, {{4, 3}}, [=](const auto& in) { return square(mask_select(in[0], line)); }),
          single(rng, {{2, 3}}, [=](const auto& in) { return square(mask_select(in[0], in[0] > 0)); }),
          single(rng, {{2, 2, 3}}, [=](const auto& in) { return square(mask_select(in[0], matrix)); })};
}

}  // namespace gradus::op_cases
