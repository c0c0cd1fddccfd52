#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <vector>

#include <gradus/nn/data/digits.hpp>

namespace gradus::nn {
namespace {

struct Point {
  double x, y;
  bool operator==(const Point&) const = default;
};
using Stroke = std::vector<Point>;
using Glyph = std::vector<Stroke>;

constexpr int side = 28;
constexpr double height = 19.0;  // of an upright digit, in pixels

// Each digit's ways of writing it. x runs right and y down, the digit is one unit high around (0, 0). A
// smooth curve leads through the points of a stroke; it is closed when the last point is the first.
const std::array<std::vector<Glyph>, 10>& glyphs() {
  // clang-format off
  static const std::array<std::vector<Glyph>, 10> table{{
      // 0: an oval; a narrow one; one whose ends cross at the top
      {{{{0, -.5}, {-.22, -.36}, {-.3, 0}, {-.22, .36}, {0, .5}, {.22, .36}, {.3, 0}, {.22, -.36}, {0, -.5}}},
       {{{.04, -.5}, {-.16, -.3}, {-.2, .05}, {-.1, .42}, {.04, .5}, {.18, .3}, {.22, -.1}, {.04, -.5}}},
       {{{.1, -.44}, {-.14, -.4}, {-.3, 0}, {-.16, .4}, {.06, .48}, {.27, .2}, {.24, -.26}, {-.02, -.5}}}},
      // 1: a bar; with a flag; with flag and foot
      {{{{.02, -.5}, {0, 0}, {-.02, .5}}},
       {{{-.16, -.32}, {.04, -.5}}, {{.04, -.5}, {.02, 0}, {.02, .5}}},
       {{{-.16, -.34}, {.02, -.5}}, {{.02, -.5}, {.02, .48}}, {{-.2, .48}, {.22, .48}}}},
      // 2: with a straight base; with a loop at the base
      {{{{-.26, -.28}, {-.16, -.46}, {.06, -.5}, {.24, -.34}, {.18, -.08}, {-.06, .2}, {-.3, .47}},
        {{-.3, .47}, {.0, .46}, {.32, .44}}},
       {{{-.24, -.36}, {.0, -.5}, {.22, -.34}, {.14, -.02}, {-.1, .36}, {-.26, .44}, {-.26, .28}, {-.06, .34},
         {.14, .48}, {.34, .38}}}},
      // 3: two bows; a flat top and a bow
      {{{{-.26, -.38}, {-.06, -.5}, {.18, -.42}, {.18, -.16}, {-.06, -.04}},
        {{-.06, -.04}, {.2, .04}, {.26, .28}, {.08, .48}, {-.14, .48}, {-.3, .36}}},
       {{{-.26, -.47}, {.24, -.48}}, {{.24, -.48}, {-.04, -.08}},
        {{-.04, -.08}, {.2, .02}, {.26, .26}, {.06, .48}, {-.28, .38}}}},
      // 4: open; closed; with a bent first stroke
      {{{{-.22, -.46}, {-.28, -.16}, {-.28, .08}}, {{-.28, .08}, {.0, .07}, {.32, .04}},
        {{.16, -.4}, {.15, 0}, {.12, .5}}},
       {{{.12, -.5}, {-.32, .14}}, {{-.32, .14}, {.34, .14}}, {{.12, -.5}, {.12, .5}}},
       {{{-.24, -.44}, {-.28, -.12}, {-.14, .04}, {.1, .0}, {.24, -.14}}, {{.24, -.44}, {.22, 0}, {.18, .5}}}},
      // 5: with corners; in one flowing line
      {{{{.28, -.48}, {-.18, -.46}}, {{-.18, -.46}, {-.24, -.08}},
        {{-.24, -.08}, {.02, -.16}, {.24, .04}, {.22, .34}, {.0, .5}, {-.28, .4}}},
       {{{.3, -.46}, {.02, -.48}, {-.16, -.4}, {-.2, -.14}, {.06, -.04}, {.2, .16}, {.1, .42}, {-.12, .5},
         {-.3, .4}}}},
      // 6: round; with a straight stem
      {{{{.2, -.48}, {-.08, -.34}, {-.24, -.02}, {-.24, .28}, {-.06, .49}, {.16, .44}, {.26, .22}, {.12, .02},
         {-.08, .04}, {-.22, .24}}},
       {{{.06, -.5}, {-.14, -.1}, {-.22, .26}, {-.06, .48}, {.14, .4}, {.16, .16}, {-.02, .08}, {-.2, .26}}}},
      // 7: plain; with a bar; with a hook and a bent stem
      {{{{-.3, -.44}, {.3, -.46}}, {{.3, -.46}, {.06, .0}, {-.06, .5}}},
       {{{-.28, -.46}, {.28, -.46}}, {{.28, -.46}, {.08, -.02}, {-.08, .5}}, {{-.14, .02}, {.26, .0}}},
       {{{-.3, -.28}, {-.26, -.44}}, {{-.26, -.44}, {.0, -.42}, {.26, -.48}},
        {{.26, -.48}, {.16, -.14}, {.0, .1}, {-.02, .5}}}},
      // 8: one crossing line; two rings
      {{{{.22, -.38}, {.02, -.5}, {-.2, -.4}, {-.18, -.18}, {.04, -.01}, {.24, .2}, {.2, .42}, {-.02, .5},
         {-.24, .4}, {-.22, .18}, {.0, -.01}, {.2, -.18}, {.22, -.38}}},
       {{{0, -.5}, {-.2, -.38}, {-.18, -.12}, {0, -.02}, {.18, -.12}, {.2, -.38}, {0, -.5}},
        {{0, -.02}, {-.22, .1}, {-.24, .36}, {0, .5}, {.24, .36}, {.22, .1}, {0, -.02}}}},
      // 9: with a straight stem; with a curved tail
      {{{{.2, -.34}, {.02, -.5}, {-.2, -.4}, {-.26, -.2}, {-.1, -.02}, {.1, -.1}, {.2, -.34}},
        {{.2, -.34}, {.18, .06}, {.08, .5}}},
       {{{.22, -.32}, {.02, -.5}, {-.2, -.38}, {-.22, -.14}, {-.02, -.02}, {.16, -.14}, {.22, -.32}},
        {{.22, -.32}, {.26, .1}, {.1, .44}, {-.08, .5}, {-.24, .4}}}},
  }};
  // clang-format on
  return table;
}

// A curve through the points of a stroke (E. Catmull, R. Rom, "A class of local interpolating splines",
// 1974), as a polyline.
Stroke smooth(const Stroke& stroke) {
  constexpr int pieces = 5;  // between two points
  const int last = static_cast<int>(stroke.size()) - 1;
  const bool closed = stroke.front() == stroke.back();
  const auto at = [&](int i) { return stroke[closed ? (i + last) % last : std::clamp(i, 0, last)]; };
  const auto between = [](double a, double b, double c, double d, double t) {
    return b + t / 2 * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)));
  };
  Stroke curve{stroke.front()};
  for (int i = 0; i < last; ++i) {
    const Point a = at(i - 1), b = at(i), c = at(i + 1), d = at(i + 2);
    for (int piece = 1; piece <= pieces; ++piece) {
      const double t = static_cast<double>(piece) / pieces;
      curve.push_back({between(a.x, b.x, c.x, d.x, t), between(a.y, b.y, c.y, d.y, t)});
    }
  }
  return curve;
}

// How one hand writes one digit: from glyph coordinates to pixels.
class Hand {
 public:
  explicit Hand(Rng& rng) {
    for (Wave& wave : waves_) {
      wave = {rng.normal(0, 0.03), rng.uniform(-6, 6), rng.uniform(-6, 6),
              rng.uniform(0, 2 * std::numbers::pi)};
    }
    const double angle = rng.normal(0, 0.12);
    const double slant = rng.normal(0.1, 0.16);
    const double wide = height * rng.uniform(0.75, 1.3), high = height * rng.uniform(0.85, 1.1);
    xx_ = wide * std::cos(angle);
    xy_ = wide * -slant * std::cos(angle) - high * std::sin(angle);
    yx_ = wide * std::sin(angle);
    yy_ = high * std::cos(angle) - wide * slant * std::sin(angle);
    x0_ = side / 2.0 + rng.uniform(-1.5, 1.5);
    y0_ = side / 2.0 + rng.uniform(-1.5, 1.5);
  }

  // The waves depend on the place alone, so that strokes that meet still do.
  Point operator()(Point p) const {
    const double x = p.x + waves_[0](p) + waves_[1](p);
    const double y = p.y + waves_[2](p) + waves_[3](p);
    return {x0_ + xx_ * x + xy_ * y, y0_ + yx_ * x + yy_ * y};
  }

 private:
  struct Wave {
    double amplitude, x, y, phase;
    double operator()(Point p) const { return amplitude * std::sin(x * p.x + y * p.y + phase); }
  };

  std::array<Wave, 4> waves_;
  double xx_, xy_, yx_, yy_, x0_, y0_;
};

struct Pen {
  double radius;  // in pixels
  double ink;     // of a pixel that is wholly under the pen
};

double distance_to_segment(Point p, Point a, Point b) {
  const double dx = b.x - a.x, dy = b.y - a.y;
  const double length2 = dx * dx + dy * dy;
  const double t = length2 > 0 ? std::clamp(((p.x - a.x) * dx + (p.y - a.y) * dy) / length2, 0.0, 1.0) : 0.0;
  const double ex = p.x - a.x - t * dx, ey = p.y - a.y - t * dy;
  return std::sqrt(ex * ex + ey * ey);
}

void draw_segment(Point a, Point b, const Pen& pen, float* image) {
  const double reach = pen.radius + 0.5;
  const auto first = [&](double lo) { return std::clamp(static_cast<int>(std::floor(lo - reach)), 0, side); };
  const auto end = [&](double hi) { return std::clamp(static_cast<int>(std::ceil(hi + reach)), 0, side); };
  const auto [left, right] = std::minmax(a.x, b.x);
  const auto [top, bottom] = std::minmax(a.y, b.y);
  for (int y = first(top); y < end(bottom); ++y) {
    for (int x = first(left); x < end(right); ++x) {
      const double covered = reach - distance_to_segment({x + 0.5, y + 0.5}, a, b);
      float& pixel = image[y * side + x];
      pixel = std::max(pixel, static_cast<float>(pen.ink * std::clamp(covered, 0.0, 1.0)));
    }
  }
}

void draw_digit(const Glyph& glyph, Rng& rng, float* image) {
  const Hand hand(rng);
  const Pen pen{rng.uniform(0.7, 1.6), rng.uniform(0.75, 1.0)};
  for (const Stroke& stroke : glyph) {
    Stroke curve = smooth(stroke);
    std::transform(curve.begin(), curve.end(), curve.begin(), hand);
    for (std::size_t i = 1; i < curve.size(); ++i) draw_segment(curve[i - 1], curve[i], pen, image);
  }
}

void add_noise(Rng& rng, float* image) {
  const double most = rng.uniform(0, 0.2);
  for (int i = 0; i < side * side; ++i) {
    image[i] = std::clamp(image[i] + static_cast<float>(rng.uniform(-most, most)), 0.0f, 1.0f);
  }
}

}  // namespace

Dataset<> generate_digits(std::size_t count, Rng& rng) {
  constexpr std::size_t pixels = side * side;
  Dataset<> set{xt::xarray<float>::from_shape({count, pixels}),
                xt::xarray<std::int64_t>::from_shape({count})};
  std::fill_n(set.inputs.data(), count * pixels, 0.0f);
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint64_t digit = rng.below(10);
    const std::vector<Glyph>& ways = glyphs()[digit];
    float* image = set.inputs.data() + i * pixels;
    set.targets.data()[i] = static_cast<std::int64_t>(digit);
    draw_digit(ways[rng.below(ways.size())], rng, image);
    add_noise(rng, image);
  }
  return set;
}

}  // namespace gradus::nn
