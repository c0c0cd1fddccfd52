#pragma once

#include <type_traits>

#include <gradus/ops/math.hpp>

/// How gradients flow back through reductions and through what is normalised along an axis. Each rule is
/// written once, over a group of slices: in memory (ops/kernels/slices.hpp), or as handles of the graph
/// (ops/graph_slices.hpp), where the sweep itself is recorded. A group offers
///   load(v)               numbers, one for each slice, from v of the reduced shape
///   map(f, v...)          f applied to such numbers
///   sum_over(group, f)    what f(lanes, spread) returns for all elements, summed over each slice
///   for_each(f)           f(lanes, spread) for all elements: lanes.load(x) takes elements of the full shape,
///                         spread(v) the numbers that belong to them
/// and add_to(dx, lanes, contribution) takes a contribution in.
namespace gradus::rules {

// y = ln sum_i e^(x_i), dx_i = g e^(x_i - y). Divided by the sum of these powers, which is 1 but for the
// rounding of y: that is large where y is.
template <class Group, class G, class X, class Y, class Dx>
void logsumexp_flow(const Group& group, const G& g, const X& x, const Y& y, const Dx& dx) {
  const auto incoming = group.load(g), log_total = group.load(y);
  const auto power = [&](const auto& lanes, const auto& spread) {
    return math::exp(lanes.load(x) - spread(log_total));
  };
  const auto total = sum_over(group, power);
  group.for_each([&](const auto& lanes, const auto& spread) {
    add_to(dx, lanes, math::flow(spread(incoming), power(lanes, spread) / spread(total)));
  });
}

// y = factor/2 sum_i (x_i - mean)^2, dx_i = g factor (x_i - mean)
template <class Group, class T, class G, class X, class Mean, class Dx>
void deviation_flow(const Group& group, T factor, const G& g, const X& x, const Mean& mean, const Dx& dx) {
  const auto incoming = group.load(g), center = group.load(mean);
  group.for_each([&](const auto& lanes, const auto& spread) {
    const auto deviation = lanes.load(x) - spread(center);
    using N = std::decay_t<decltype(deviation)>;
    add_to(dx, lanes, math::flow(spread(incoming), N(factor) * deviation));
  });
}

// y = sqrt(sum_i x_i^2), dx_i = g x_i / y; kink: 0 where y = 0
template <class Group, class G, class X, class Y, class Dx>
void norm2_flow(const Group& group, const G& g, const X& x, const Y& y, const Dx& dx) {
  const auto incoming = group.load(g), norm = group.load(y);
  group.for_each([&](const auto& lanes, const auto& spread) {
    const auto length = spread(norm);
    using N = std::decay_t<decltype(length)>;
    add_to(dx, lanes,
           math::flow(spread(incoming), math::select(length == N(0), N(0), lanes.load(x) / length)));
  });
}

// y_i = e^(x_i) / sum_j e^(x_j), dx = y (g - sum_j g_j y_j). Factors that are exactly 0 absorb.
template <class Group, class G, class Y, class Dx>
void softmax_flow(const Group& group, const G& g, const Y& y, const Dx& dx) {
  const auto mean = sum_over(
      group, [&](const auto& lanes, const auto&) { return math::flow(lanes.load(g), lanes.load(y)); });
  group.for_each([&](const auto& lanes, const auto& spread) {
    const auto difference = lanes.load(g) - spread(mean);
    add_to(dx, lanes, math::flow(difference, lanes.load(y)));
  });
}

// y_i = x_i - ln sum_j e^(x_j), dx = g - e^y sum_j g_j. Where that sum is exactly 0 it absorbs.
template <class Group, class G, class Y, class Dx>
void log_softmax_flow(const Group& group, const G& g, const Y& y, const Dx& dx) {
  const auto total = sum_over(group, [&](const auto& lanes, const auto&) { return lanes.load(g); });
  group.for_each([&](const auto& lanes, const auto& spread) {
    add_to(dx, lanes, lanes.load(g) - math::flow(spread(total), math::exp(lanes.load(y))));
  });
}

}  // namespace gradus::rules
