#include <charconv>
#include <cmath>
#include <iterator>
#include <map>

#include <gradus/core/shape.hpp>
#include <gradus/ops/graphs/elementwise_ops.hpp>
#include <gradus/ops/graphs/staged_code.hpp>
#include <gradus/ops/graphs/step_names.hpp>
#include <gradus/ops/graphs/tensor_formulas.hpp>
#include <gradus/ops/rules.hpp>

namespace gradus {
namespace detail {
namespace {

class StagedCode {
 public:
  StagedCode(const Graph& graph, Language language, const StagedCodeOptions& options)
      : graph_(graph), language_(language), options_(options), names_(step_names(graph, identifiers_)) {
    for (std::size_t i = 0; i < steps().size(); ++i) {
      if (!step(i).is_leaf()) order_.push_back(i);
      if (language == Language::cpp && !step(i).is_scalar())
        throw GraphError("[staged_code] C++ is written for graphs of Scalars alone, and there is a tensor, " +
                         names_[i] + " " + to_string(step(i).shape) + ": take Language::numpy");
    }
  }

  std::string text() {
    std::string code = values() + "\n";
    code += forward() + "\n";  // in this order: names are given as lines are written
    code += backward() + "\n" + results();
    const std::string functions = missing_functions(language_, code);
    if (language_ == Language::cpp)
      return "#include <cmath>\n#include <cstdio>\n\n" + functions + "int main() {\n" + code + "}\n";
    const bool needs_math = functions.find("math.") != std::string::npos;
    return std::string(needs_math ? "import math\n" : "") + "import numpy as np\n\n" + functions + code;
  }

 private:
  const std::vector<GraphStep>& steps() const { return graph_.steps(); }
  const GraphStep& step(std::size_t i) const { return graph_.steps()[i]; }
  std::string indent() const { return language_ == Language::cpp ? "  " : ""; }
  std::string comment(const std::string& text) const {
    return (language_ == Language::cpp ? "// " : "# ") + text;
  }

  // Leaves.

  std::string values() {
    CodeWriter writer(language_, identifiers_);
    for (std::size_t i = 0; i < steps().size(); ++i) {
      if (!step(i).is_leaf()) continue;
      if (language_ == Language::cpp)
        writer.write("double " + names_[i] + " = " + writer.number((*graph_.value(i))[0]) + ";");
      else
        writer.write(names_[i] + " = " +
                     (step(i).is_scalar() ? as_float(writer, (*graph_.value(i))[0]) : array(writer, i)));
    }
    return writer.text(indent());
  }

  static std::string as_float(const CodeWriter& writer, double value) {
    const std::string text = writer.number(value);
    return text.find_first_not_of("-0123456789") == std::string::npos ? text + ".0" : text;
  }

  /// The shortest text that reads back as the same float.
  static std::string single(const CodeWriter& writer, double value) {
    if (!std::isfinite(value)) return writer.number(value);
    char digits[32];
    return {digits, std::to_chars(digits, std::end(digits), static_cast<float>(value)).ptr};
  }

  std::string array(const CodeWriter& writer, std::size_t i) const {
    const std::vector<double> values = *graph_.value(i);
    const bool is_single = std::holds_alternative<Tensor<float>>(step(i).handle);
    if (values.size() > options_.most_elements)
      return "np.load(\"" + names_[i] + ".npy\")  # " + to_string(step(i).shape);
    std::string text = "np.array([";
    for (std::size_t k = 0; k < values.size(); ++k)
      text += (k > 0 ? ", " : "") + (is_single ? single(writer, values[k]) : writer.number(values[k]));
    text += std::string("], dtype=") + (is_single ? "np.float32" : "float") + ")";
    return step(i).shape.size() == 1 ? text : text + ".reshape(" + numpy_shape(step(i).shape) + ")";
  }

  // Forward.

  Formula operand(std::size_t i, std::size_t side) const {
    const auto& inputs = step(i).inputs;
    const GraphInput& input = inputs[std::min(side, inputs.size() - 1)];
    return input.is_number() ? Formula(input.number) : Formula::name(names_[input.step]);
  }

  /// clip of a Scalar is recorded as a product with its local derivative, which says what flows back alone.
  bool is_clipped(std::size_t i) const {
    if (step(i).op != "mul" || !step(i).is_scalar() || !step(i).inputs[1].is_number()) return false;
    const double x = (*graph_.value(step(i).inputs[0].step))[0], y = (*graph_.value(i))[0];
    return step(i).inputs[1].number == 0 && std::isfinite(x) && y != 0;
  }

  Formula forward(std::size_t i) const {
    const GraphStep& now = step(i);
    if (is_clipped(i)) return Formula((*graph_.value(i))[0]);
    if (now.is_scalar() && now.op != "to_scalar")
      return elementwise_op(now.op)->forward(operand(i, 0), operand(i, 1));
    if (!now.is_explained)
      throw GraphError("[staged_code] the " + now.op +
                       " step does not tell what it was called with: record it while an Annotate lives, and "
                       "see staged_code() for the ops it is written for");
    TensorCall call{
        .op = now.op, .attributes = now.attributes, .inputs = {}, .shapes = {}, .result = now.shape};
    for (std::size_t k = 0; k < now.inputs.size(); ++k) {
      call.inputs.push_back(operand(i, k));
      call.shapes.push_back(now.inputs[k].is_number() ? Shape() : step(now.inputs[k].step).shape);
    }
    return tensor_formula(call);
  }

  std::string forward() {
    CodeWriter writer(language_, identifiers_);
    writer.write(comment("forward"));
    for (std::size_t k = 0; k < order_.size(); ++k)
      writer.write({{names_[order_[k]], false, forward(order_[k])}}, k + 1);
    return writer.text(indent());
  }

  // Backward.

  /// The local derivatives of an elementwise step times what arrives.
  std::vector<Contribution> by_element(std::size_t i, const Formula& dy) const {
    const ElementwiseOp* const op = elementwise_op(step(i).op);
    const Formula a = operand(i, 0), b = operand(i, 1), y = Formula::name(names_[i]);
    std::vector<Contribution> result;
    for (std::size_t side = 0; side < step(i).inputs.size(); ++side) {
      const GraphInput& input = step(i).inputs[side];
      if (input.is_number() || step(input.step).op == "constant") continue;
      const Formula local = op ? op->derivative[side](a, b, y)
                               : rules::Clip(std::get<double>(step(i).attributes.at("lo")),
                                             std::get<double>(step(i).attributes.at("hi")))
                                     .dx(a, y);
      result.push_back({input.step, sum_of_copies(local * dy, step(i).shape, step(input.step).shape)});
    }
    return result;
  }

  /// The gradient of a step. That of the root is 1: it is left out where it can be.
  bool has_seed() const { return !steps().back().shape.empty() || order_.empty(); }
  Formula incoming(std::size_t i) const {
    const bool is_one = i + 1 == steps().size() && !has_seed();
    return is_one ? Formula(1) : Formula::name("d" + names_[i]);
  }

  std::vector<Contribution> contributions(std::size_t i) const {
    const GraphStep& now = step(i);
    const Formula dy = incoming(i);
    if (elementwise_op(now.op) || now.op == "clip") return by_element(i, dy);
    if (now.op == "to_scalar") {
      const Shape& shape = step(now.inputs[0].step).shape;
      const Formula all =
          shape.empty() ? dy : Formula::pattern("np.full(" + numpy_shape(shape) + ", $0)", {dy});
      return {{now.inputs[0].step, all}};
    }
    if (now.attributes.empty() && (now.op == "to_tensor" || now.op == "stack")) return of_scalars(i, dy);
    return RuleNames(graph_, names_).contributions(i, dy);
  }

  /// What goes back to the Scalars that a tensor was made of.
  std::vector<Contribution> of_scalars(std::size_t i, const Formula& dy) const {
    std::vector<Contribution> result;
    for (std::size_t k = 0; k < step(i).inputs.size(); ++k)
      if (const GraphInput& input = step(i).inputs[k]; !input.is_number())
        result.push_back({input.step, step(i).shape.empty()
                                          ? dy
                                          : Formula::pattern("%0[" + std::to_string(k) + "]", {dy})});
    return result;
  }

  std::string backward() {
    std::vector<std::vector<Contribution>> stages;
    std::map<std::size_t, std::size_t> counts;  // of what arrives at each step
    for (std::size_t k = order_.size(); k-- > 0;) {
      stages.push_back(contributions(order_[k]));
      for (const Contribution& part : stages.back()) ++counts[part.input];
    }
    CodeWriter writer(language_, identifiers_);
    writer.write(comment("backward"));
    if (has_seed()) writer.write({{"d" + names_.back(), false, seed()}}, 0);
    std::map<std::size_t, bool> has_gradient;
    for (std::size_t k = order_.size(); k > 0; --k) {
      std::vector<CodeLine> lines;
      for (const Contribution& part : stages[order_.size() - k]) {
        const bool adds = std::exchange(has_gradient[part.input], true);
        const bool is_summed_into = !adds && counts[part.input] > 1 && !step(part.input).is_scalar();
        lines.push_back(
            {"d" + names_[part.input], adds, is_summed_into ? own_array(part.formula) : part.formula});
      }
      writer.write(lines, k);
    }
    return writer.text(indent());
  }

  /// A copy of what may be another array, or a view of one.
  static Formula own_array(const Formula& x) {
    const Term::Kind kind = x.term().kind;
    return kind == Term::Kind::name || kind == Term::Kind::pattern ? Formula::pattern("np.array($0)", {x})
                                                                   : x;
  }

  Formula seed() const {
    const Shape& shape = steps().back().shape;
    return shape.empty() ? Formula(1) : Formula::pattern("np.ones(" + numpy_shape(shape) + ")", {});
  }

  std::string results() {
    CodeWriter writer(language_, identifiers_);
    const auto show = [&](const std::string& name) {
      writer.write(language_ == Language::cpp ? "std::printf(\"" + name + " = %.17g\\n\", " + name + ");"
                                              : "print(\"" + name + " =\", " + name + ")");
    };
    show(names_.back());
    for (std::size_t i = 0; i < steps().size(); ++i)
      if (step(i).op == "variable") show("d" + names_[i]);
    return writer.text(indent());
  }

  const Graph& graph_;
  Language language_;
  StagedCodeOptions options_;
  Identifiers identifiers_;
  std::vector<std::string> names_;
  std::vector<std::size_t> order_;  // the steps without the leaves
};

}  // namespace
}  // namespace detail

std::string staged_code(const Scalar& root, Language language, const StagedCodeOptions& options) {
  const Graph whole = graph(root, {.most_steps = options.most_steps});
  return detail::StagedCode(whole, language, options).text();
}

template <class T>
std::string staged_code(const Tensor<T>& root, Language language, const StagedCodeOptions& options) {
  const Graph whole = graph(root, {.most_steps = options.most_steps});
  const Shape& shape = whole.steps().back().shape;
  if (count(shape) != 1)
    throw ShapeError("[staged_code] a root of shape " + to_string(shape) + ": expected one element");
  return detail::StagedCode(whole, language, options).text();
}
template std::string staged_code(const Tensor<float>&, Language, const StagedCodeOptions&);
template std::string staged_code(const Tensor<double>&, Language, const StagedCodeOptions&);

}  // namespace gradus
