#include "op_cases.hpp"

namespace gradus::op_cases {

double draw(Domain domain, const std::vector<double>& kinks, Rng& rng) {
  for (;;) {
    const double x = rng.uniform(domain.low, domain.high);
    bool is_smooth = true;
    for (double kink : kinks) is_smooth = is_smooth && std::abs(x - kink) > 0.05;
    if (is_smooth) return x;
  }
}

const std::vector<Shape>& shapes() {
  static const std::vector<Shape> list{{}, {3}, {3, 4}, {2, 3, 4}, {2, 1, 3, 2}, {1, 2, 2, 1, 3}};
  return list;
}

const std::vector<std::pair<Shape, Shape>>& broadcast_pairs() {
  static const std::vector<std::pair<Shape, Shape>> list{
      {{}, {}},         {{3}, {3}},          {{3, 4}, {3, 4}}, {{3, 4}, {4}},
      {{4}, {3, 4}},    {{3, 1}, {1, 4}},    {{}, {3, 4}},     {{3, 4}, {}},
      {{3, 4}, {3, 1}}, {{2, 1, 4}, {3, 1}}, {{1}, {2, 3}},    {{2, 3, 1, 2}, {3, 4, 1}}};
  return list;
}

}  // namespace gradus::op_cases
