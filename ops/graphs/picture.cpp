#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>
#include <sstream>

#include <gradus/core/number_text.hpp>
#include <gradus/core/shape.hpp>
#include <gradus/ops/graphs/graph.hpp>
#include <gradus/ops/graphs/text.hpp>

namespace gradus {
namespace {

using detail::ScopeRecord;

constexpr const char *value_color = "#008000", *gradient_color = "#d00000", *shape_color = "#808080",
                     *box_color = "#c0c0c0";

/// The sign on the gate of an op: "+", "*-1", "1/x", or its name.
std::string gate_text(const GraphStep& step) {
  static const std::map<std::string, std::string, std::less<>> signs{
      {"add", "+"},       {"sub", "−"},          {"mul", "*"},     {"div", "/"},
      {"neg", "*-1"},     {"reciprocal", "1/x"}, {"square", "x²"}, {"maximum", "max"},
      {"minimum", "min"}, {"matmul", "@"},       {"pow", "pow"},   {"transpose", "T"}};
  const auto sign = signs.find(step.op);
  const std::string text = sign == signs.end() ? step.op : sign->second;
  if (step.inputs.size() != 2) return text;
  const bool is_first = step.inputs[0].is_number(), is_second = step.inputs[1].is_number();
  if (!is_first && !is_second) return text;
  const std::string number = detail::number_text(step.inputs[is_first ? 0 : 1].number);
  if (step.op == "pow") return is_first ? number + "^x" : "x^" + number;
  if (step.op == "add" || step.op == "mul" || (is_second && (step.op == "sub" || step.op == "div")))
    return text + number;
  if (step.op == "sub" || step.op == "div") return number + text + "x";
  return is_first ? text + "(" + number + ", x)" : text + "(x, " + number + ")";
}

/// "q" of a step that is named "q = x + y".
std::string shown_name(const GraphStep& step) { return step.name.substr(0, step.name.find(" =")); }

std::string rounded(double x, int digits) {
  char text[64];
  const double smallest = std::pow(10, -digits);
  const bool is_plain = x == 0 || (std::abs(x) < 1e6 && std::abs(x) >= smallest / 2);
  std::snprintf(text, sizeof text, is_plain ? "%.*f" : "%.*e", digits, x == 0 ? 0 : x);  // no -0
  return text;
}

/// "[[1.00, 2.00], [3.00, 4.00]]"
std::string nested(const std::vector<double>& x, const Shape& shape, int digits) {
  if (shape.empty()) return rounded(x[0], digits);
  std::string text;
  std::size_t next = 0;
  const auto write = [&](const auto& self, std::size_t axis) -> void {
    text += "[";
    for (std::size_t i = 0; i < shape[axis]; ++i) {
      if (i > 0) text += ", ";
      if (axis + 1 == shape.size())
        text += rounded(x[next++], digits);
      else
        self(self, axis + 1);
    }
    text += "]";
  };
  write(write, 0);
  return text;
}

std::string colored(const std::string& text, const char* color) {
  return text.empty() ? " "
                      : "<font color=\"" + std::string(color) + "\">" + detail::xml_text(text) + "</font>";
}

class Picture {
 public:
  Picture(const Graph& graph, const PictureOptions& options) : graph_(graph), options_(options) {}

  std::string text() {
    out_ << "digraph gradus {\n"
            "  rankdir=LR; newrank=true; ranksep=0.22; nodesep=0.18; bgcolor=white; splines=true;\n"
            "  node [fontname=\"Helvetica\", fontsize=12];\n"
            "  edge [arrowhead=none];\n";
    put_into_scopes();
    draw_scope(nullptr, "  ");
    for (std::size_t i = 0; i < graph_.steps().size(); ++i) draw_edges(i);
    draw_stages();
    out_ << "}\n";
    return out_.str();
  }

 private:
  const GraphStep& step(std::size_t i) const { return graph_.steps()[i]; }

  /// Variables stand beside the steps that use them, where these are all in one scope.
  void put_into_scopes() {
    std::vector<const ScopeRecord*> scopes(graph_.steps().size(), nullptr);
    std::vector<bool> is_used(scopes.size(), false);
    for (std::size_t i = 0; i < scopes.size(); ++i) {
      if (step(i).is_leaf()) continue;
      scopes[i] = step(i).scope.get();
      for (const GraphInput& input : step(i).inputs) {
        if (input.is_number() || step(input.step).op != "variable") continue;
        const bool is_first = !is_used[input.step];
        is_used[input.step] = true;
        scopes[input.step] = is_first || scopes[input.step] == scopes[i] ? scopes[i] : nullptr;
      }
    }
    for (std::size_t i = 0; i < scopes.size(); ++i) {
      members_[scopes[i]].push_back(i);
      for (const ScopeRecord* scope = scopes[i]; scope; scope = scope->outer.get()) {
        std::vector<const ScopeRecord*>& inner = inner_[scope->outer.get()];
        if (std::find(inner.begin(), inner.end(), scope) == inner.end()) inner.push_back(scope);
      }
    }
  }

  void draw_scope(const ScopeRecord* scope, const std::string& indent) {
    for (const std::size_t i : members_[scope]) {
      if (!step(i).is_leaf()) draw_gate(i, indent);
      draw_wire(i, indent);
    }
    for (const ScopeRecord* const inner : inner_[scope]) {
      out_ << indent << "subgraph cluster" << ++clusters_ << " {\n"
           << indent << "  label=\"" << detail::dot_text(inner->name)
           << "\"; labeljust=l; fontname=\"Helvetica\"; fontsize=12; style=rounded; color=\"" << box_color
           << "\"; fontcolor=\"" << shape_color << "\";\n";
      draw_scope(inner, indent + "  ");
      out_ << indent << "}\n";
    }
  }

  void draw_edges(std::size_t i) {
    if (step(i).is_leaf()) return;
    for (const GraphInput& input : step(i).inputs)
      if (!input.is_number()) out_ << "  wire" << input.step << ":line:e -> gate" << i << ";\n";
    out_ << "  gate" << i << ":e -> wire" << i << ":line:w [weight=8];\n";
  }

  void draw_gate(std::size_t i, const std::string& indent) {
    const std::string text = gate_text(step(i));
    const bool is_sign = detail::text_width(text) <= 4;
    out_ << indent << "gate" << i << " [label=\"" << detail::dot_text(text) << "\", "
         << (is_sign ? "shape=circle, fixedsize=true, width=0.5" : "shape=box, style=rounded, height=0.4")
         << "];\n";
  }

  /// A wire is a table of which the middle row is a line, in which its edges begin and end.
  void draw_wire(std::size_t i, const std::string& indent) {
    const GraphStep& now = step(i);
    std::string above, below;
    if (!now.is_leaf() && !now.name.empty()) above = detail::xml_text(shown_name(now)) + " ";
    if (!now.shape.empty()) above += colored(to_string(now.shape), shape_color) + " ";
    above += colored(numbers(graph_.value(i), now.shape), value_color);
    below = colored(now.op == "constant" ? "" : numbers(graph_.gradient(i), now.shape), gradient_color);
    const std::string name = now.name.empty() && now.op == "constant" ? "const" : shown_name(now);
    out_ << indent << "wire" << i
         << " [shape=plain, label=<<table border=\"0\" cellborder=\"0\" cellspacing=\"0\" "
         << "cellpadding=\"2\"><tr>";
    if (now.is_leaf() && !name.empty()) out_ << "<td rowspan=\"3\">" << detail::xml_text(name) << " </td>";
    out_ << "<td>" << above << "</td></tr><tr><td port=\"line\" bgcolor=\"black\" height=\"1\" "
         << "cellpadding=\"0\"></td></tr><tr><td>" << below << "</td></tr></table>>];\n";
  }

  std::string numbers(const std::optional<std::vector<double>>& x, const Shape& shape) const {
    if (!x || x->size() > options_.most_elements || x->empty()) return "";
    return nested(*x, shape, options_.digits);
  }

  /// Gates of one stage stand below one another, under its number.
  void draw_stages() {
    std::map<std::uint32_t, std::vector<std::size_t>> stages;
    for (std::size_t i = 0; i < graph_.steps().size(); ++i)
      if (!step(i).is_leaf()) stages[step(i).stage].push_back(i);
    std::string chain;
    for (const auto& [stage, gates] : stages) {
      const std::string label = "stage" + std::to_string(stage);
      out_ << "  " << label << " [shape=plain, fontcolor=\"" << shape_color << "\", label=\"(" << stage
           << ")\"];\n  { rank=same; " << label << ";";
      for (const std::size_t gate : gates) out_ << " gate" << gate << ";";
      out_ << " }\n";
      chain += (chain.empty() ? "  " : " -> ") + label;
    }
    if (stages.size() > 1) out_ << chain << " [style=invis];\n";
  }

  const Graph& graph_;
  PictureOptions options_;
  std::map<const ScopeRecord*, std::vector<std::size_t>> members_;  // by scope; null: in none
  std::map<const ScopeRecord*, std::vector<const ScopeRecord*>> inner_;
  int clusters_ = 0;
  std::ostringstream out_;
};

}  // namespace

std::string Graph::dot(const PictureOptions& options) const { return Picture(*this, options).text(); }

}  // namespace gradus
