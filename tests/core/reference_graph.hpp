#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

/// A graph of numbers as a textbook has it, for the tests to compare with: every step is remembered for ever,
/// and a sweep walks over all of them.
namespace reference {

struct Op {
  const char* name;
  double (*value)(double a, double b);
  double (*da)(double a, double b, double y);
  double (*db)(double a, double b, double y);
};

/// An input of a step: another node, or a number.
struct Input {
  int node = -1;
  double number = 0;
};

struct Node {
  const Op* op = nullptr;  // null: a variable
  Input a, b;
  double value = 0;
  double grad = 0, magnitude = 0;  // shown gradient, and the sum of the absolute values of what it was summed from
  bool has_grad = false;
  bool is_released = false;    // root of a sweep that did not retain the graph
  std::size_t changed_at = 0;  // number of nodes when the variable was last set
  int stage = 0;
};

/// Why a sweep must fail.
enum class Refusal { none, released, changed };

class Graph {
 public:
  std::vector<Node> nodes;

  int variable(double v) {
    nodes.emplace_back().value = v;
    return last();
  }

  int step(const Op& op, Input a, Input b) {
    Node node;
    node.op = &op;
    node.a = a;
    node.b = b;
    node.value = op.value(value(a), value(b));
    for (const Input& input : {a, b})
      if (input.node >= 0) node.stage = std::max(node.stage, nodes[input.node].stage + 1);
    nodes.push_back(node);
    return last();
  }

  double value(const Input& input) const { return input.node < 0 ? input.number : nodes[input.node].value; }

  void set_value(int variable, double v) {
    nodes[variable].value = v;
    nodes[variable].changed_at = nodes.size();
  }

  /// Which nodes the root was made from, itself among them.
  std::vector<bool> reached_from(int root) const {
    std::vector<bool> reached(root + 1);
    reached[root] = true;
    for (int n = root; n >= 0; --n)
      if (reached[n])
        for (const Input& input : {nodes[n].a, nodes[n].b})
          if (input.node >= 0) reached[input.node] = true;
    return reached;
  }

  Refusal check(int root) const {
    if (nodes[root].is_released) return Refusal::released;
    const std::vector<bool> reached = reached_from(root);
    for (int n = root; n >= 0; --n)
      if (reached[n] && nodes[n].op)
        for (const Input& input : {nodes[n].a, nodes[n].b})
          if (input.node >= 0 && nodes[input.node].changed_at > static_cast<std::size_t>(n)) return Refusal::changed;
    return Refusal::none;
  }

  /// Whether the sweep meets a root that was swept and released before: what stood below it may be gone.
  bool meets_released(int root) const {
    const std::vector<bool> reached = reached_from(root);
    for (int n = 0; n < root; ++n)
      if (reached[n] && nodes[n].is_released) return true;
    return false;
  }

  struct Gradient {
    double value = 0, magnitude = 0;
  };

  std::vector<Gradient> sweep(int root) const {
    std::vector<Gradient> g(root + 1);
    const std::vector<bool> reached = reached_from(root);
    g[root] = {1, 1};
    for (int n = root; n >= 0; --n) {
      const Node& node = nodes[n];
      if (!reached[n] || !node.op || g[n].value == 0) continue;  // zero absorbs
      const double a = value(node.a), b = value(node.b);
      add(g, node.a, g[n], node.op->da(a, b, node.value));
      if (node.b.node >= 0) add(g, node.b, g[n], node.op->db(a, b, node.value));
    }
    return g;
  }

  void backward(int root, bool retain_graph) {
    const std::vector<bool> reached = reached_from(root);
    const std::vector<Gradient> g = sweep(root);
    for (int n = 0; n <= root; ++n) {
      if (!reached[n]) continue;
      const bool accumulates = !nodes[n].op;
      nodes[n].grad = g[n].value + (accumulates ? nodes[n].grad : 0);
      nodes[n].magnitude = g[n].magnitude + (accumulates ? nodes[n].magnitude : 0);
      nodes[n].has_grad = true;
    }
    if (!retain_graph && nodes[root].op) nodes[root].is_released = true;
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
    g[to.node].magnitude += from.magnitude * std::abs(partial);
  }
};

}  // namespace reference
