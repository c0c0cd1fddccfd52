#include "cases_elementwise.hpp"

namespace gradus::op_cases {
namespace {

/// Of every rank up to 5, and empty.

const std::vector<Shape>& all_shapes() {
  static const std::vector<Shape> list = [] {
    std::vector<Shape> result = shapes();
    result.insert(result.end(), {{0}, {2, 0}});
    return result;
  }();
  return list;
}

}  // namespace

std::vector<Case> cases_of(const testing::UnaryOp& op, Rng& rng) {
  std::vector<Case> cases;
  for (const Shape& shape : all_shapes())
    cases.push_back({{draw_tensor<double>(shape, op.domain, rng, op.kinks)},
                     [&op](const auto& in) { return op(in[0]); }});
  return cases;
}

std::vector<Case> cases_of(const testing::BinaryOp& op, Rng& rng) {
  const auto first = [&](const Shape& shape) { return draw_tensor<double>(shape, op.domain, rng, op.kinks); };
  const double apart = op.kink_at_equal ? 7.03 : 0;  // the second larger throughout; the other order too
  const auto second = [&](const Shape& shape) {
    return draw_tensor<double>(shape, {op.second_domain.low + apart, op.second_domain.high + apart}, rng);
  };
  std::vector<Case> cases;
  for (const auto& [a, b] : broadcast_pairs()) {
    cases.push_back({{first(a), second(b)}, [&op](const auto& in) { return op(in[0], in[1]); }});
    if (op.kink_at_equal)
      cases.push_back({{first(a), second(b)}, [&op](const auto& in) { return op(in[1], in[0]); }});
  }
  for (const Shape& shape : all_shapes()) {
    const Tensor<double> x = draw_tensor<double>(shape, Domain{1.25, 1.55}, rng);
    const Case same({x}, [&op](const auto& in) { return op(in[0], in[0] * in[0]); });
    const Case numbers({x}, [&op](const auto& in) { return op(in[0], 0.4) * 3.0 + op(2.3, in[0]); });
    cases.insert(cases.end(), {same.unscaled(), numbers.unscaled()});
  }
  return cases;
}

std::vector<Case> cases_of_clip(Rng& rng) {
  std::vector<Case> cases;
  for (const Shape& shape : all_shapes())
    cases.push_back({{draw_tensor<double>(shape, Domain{-2, 2}, rng, {-1, 1.5})},
                     [](const auto& in) { return clip(in[0], -1, 1.5); }});
  return cases;
}

std::vector<Case> cases_of_where(Rng& rng) {
  const xt::xarray<bool> mask{{true, false, true, true}, {false, false, true, false}};
  const auto chosen = [mask](const auto& in) { return where(mask, in[0], in[1]); };
  return {
      single(rng, {{2, 4}, {2, 4}}, chosen),
      single(rng, {{4}, {2, 1}}, chosen),
      single(rng, {{}, {3, 2, 4}}, chosen),
      single(rng, {{3, 1, 2, 4}, {1, 3, 1, 2, 1}}, chosen),
      single(rng, {{2, 4}}, [=](const auto& in) { return square(where(mask, in[0], in[0] * in[0])); }),
      single(rng, {{4}}, [=](const auto& in) { return where(mask, in[0], 2.0) + where(mask, 1.0, in[0]); })};
}

std::vector<Case> cases_of_fuse(Rng& rng) {
  const auto bell = [](auto x) { return sigmoid(x) * tanh(x) + exp(-x * x); };
  const auto mix = [](auto a, auto b) { return square(a) * b + 2.0 / (1 + b * b); };
  return {single(rng, {{3, 4}}, [=](const auto& in) { return fuse(bell, in[0]); }),
          single(rng, {{1, 2, 2, 1, 3}}, [=](const auto& in) { return sum(fuse(bell, in[0])); }),
          single(rng, {{}, {2, 1, 3}}, [=](const auto& in) { return fuse(mix, in[0], in[1]); }),
          single(rng, {{3, 1}, {4}}, [=](const auto& in) { return fuse(mix, in[0], in[1]); }),
          single(rng, {{2, 3}}, [=](const auto& in) { return fuse(mix, in[0], in[0]) + in[0]; })};
}

}  // namespace gradus::op_cases
