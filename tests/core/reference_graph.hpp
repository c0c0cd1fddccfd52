#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <utility>
#include <vector>

/// A graph of numbers as a textbook has it, for tests to compare with: every step is remembered for ever, and
/// a sweep walks over all of them. A tensor is a group of numbers.
namespace reference {

struct Op {
  const char* name;
  double (*value)(double a, double b);
  double (*da)(double a, double b, double y);
  double (*db)(double a, double b, double y);  // null: one operand
};

/// An operand: a node, or a number.
struct Input {
  int node = -1;
  double number = 0;
};

struct Node {
  const Op* op = nullptr;  // null: a variable
  Input a, b;
  double value = 0;
  double grad = 0, magnitude = 0;  // shown gradient, and the sum of the absolute values of its contributions
  bool has_grad = false;
  bool is_released = false;  // root of a sweep that did not retain the graph
  int group = -1;            // tensor step it is an element of
  int stage = 0;
  std::size_t changed_at = 0;  // number of nodes when the variable was last set
};

/// Where a sweep starts, with which gradient; the last node comes last.
using Seeds = std::vector<std::pair<int, double>>;

/// Why a sweep must fail.
enum class Refusal { none, released, changed };

struct Gradient {
  double value = 0, magnitude = 0;
};

class Graph {
 public:
  std::vector<Node> nodes;
  std::vector<bool> released_groups, lasting_groups;  // lasting: they save nothing that could be released

  int variable(double v) {
    nodes.emplace_back().value = v;
    return last();
  }

  int step(const Op& op, Input a, Input b = {}, int group = -1) {
    Node node;
    node.op = &op;
    node.a = a;
    node.b = b;
    node.value = op.value(value(a), value(b));
    node.group = group;
    for (const Input& input : {a, b})
      if (input.node >= 0) node.stage = std::max(node.stage, nodes[input.node].stage + 1);
    nodes.push_back(node);
    return last();
  }

  int new_group(bool lasts = false) {
    released_groups.push_back(false);
    lasting_groups.push_back(lasts);
    return static_cast<int>(released_groups.size()) - 1;
  }

  double value(const Input& input) const { return input.node < 0 ? input.number : nodes[input.node].value; }

  void set_value(int variable, double v) {
    nodes[variable].value = v;
    nodes[variable].changed_at = nodes.size();
  }

  /// Which nodes the roots were made from, they among them.
  std::vector<bool> reached_from(const Seeds& seeds) const {
    std::vector<bool> reached(seeds.back().first + 1);
    for (const auto& seed : seeds) reached[seed.first] = true;
    for (int n = seeds.back().first; n >= 0; --n)
      if (reached[n])
        for (const Input& input : {nodes[n].a, nodes[n].b})
          if (input.node >= 0) reached[input.node] = true;
    return reached;
  }

  Refusal check(const Seeds& seeds) const {
    const std::vector<bool> reached = reached_from(seeds);
    bool is_changed = false, is_released = nodes[seeds.back().first].is_released;
    for (std::size_t n = 0; n < reached.size(); ++n) {
      if (!reached[n]) continue;
      is_released |= nodes[n].group >= 0 && released_groups[nodes[n].group];
      for (const Input& input : {nodes[n].a, nodes[n].b})
        is_changed |= input.node >= 0 && nodes[input.node].changed_at > n;
    }
    return is_released ? Refusal::released : is_changed ? Refusal::changed : Refusal::none;
  }

  /// Whether the sweep meets a scalar root that was swept and released: what stood below it may be gone.
  bool meets_released(const Seeds& seeds) const {
    const std::vector<bool> reached = reached_from(seeds);
    for (std::size_t n = 0; n < reached.size(); ++n)
      if (reached[n] && nodes[n].is_released) return true;
    return false;
  }

  std::vector<Gradient> sweep(const Seeds& seeds) const {
    std::vector<Gradient> g(seeds.back().first + 1);
    for (const auto& [n, seed] : seeds) g[n] = {seed, std::abs(seed)};
    for (int n = seeds.back().first; n >= 0; --n) {
      const Node& node = nodes[n];
      if (!node.op || g[n].value == 0) continue;  // zero absorbs
      const double a = value(node.a), b = value(node.b);
      add(g, node.a, g[n], node.op->da(a, b, node.value));
      if (node.op->db) add(g, node.b, g[n], node.op->db(a, b, node.value));
    }
    return g;
  }

  /// Whether the gradients are of a size at which doubles can be compared.
  bool is_comparable(const Seeds& seeds) const {
    const std::vector<Gradient> g = sweep(seeds);
    return std::all_of(g.begin(), g.end(), [](const Gradient& one) {
      return one.magnitude == 0 || (one.magnitude > 1e-250 && one.magnitude < 1e150);
    });
  }

  void backward(const Seeds& seeds, bool retain_graph) {
    const std::vector<bool> reached = reached_from(seeds);
    const std::vector<Gradient> g = sweep(seeds);
    for (std::size_t n = 0; n < reached.size(); ++n) {
      if (!reached[n]) continue;
      Node& node = nodes[n];
      const bool accumulates = !node.op;
      node.grad = g[n].value + (accumulates ? node.grad : 0);
      node.magnitude = g[n].magnitude + (accumulates ? node.magnitude : 0);
      node.has_grad = true;
    }
    if (!retain_graph) release(seeds);
  }

  /// What a sweep that does not retain the graph leaves behind.
  void release(const Seeds& seeds) {
    const std::vector<bool> reached = reached_from(seeds);
    for (std::size_t n = 0; n < reached.size(); ++n)
      if (reached[n] && nodes[n].group >= 0 && !lasting_groups[nodes[n].group])
        released_groups[nodes[n].group] = true;
    Node& root = nodes[seeds.back().first];
    root.is_released |= root.op && root.group < 0;
  }

  void zero_grad(int n) {
    nodes[n].grad = nodes[n].magnitude = 0;
    nodes[n].has_grad = false;
  }

 private:
  int last() const { return static_cast<int>(nodes.size()) - 1; }

  static void add(std::vector<Gradient>& g, const Input& to, const Gradient& from, double partial) {
    if (to.node < 0) return;
    g[to.node].value += from.value * partial;
    const double more = from.magnitude * std::abs(partial);
    const bool underflows = more == 0 && from.magnitude != 0 && partial != 0;
    g[to.node].magnitude += underflows ? std::numeric_limits<double>::min() : more;
  }
};

}  // namespace reference
