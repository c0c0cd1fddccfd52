#include <map>

#include <gradus/ops/graphs/step_names.hpp>

namespace gradus::detail {
namespace {

constexpr std::size_t longest = 8;

/// "sigx" for the sigmoid of x; empty where no short name comes to mind.
std::string short_name(const GraphStep& step, const std::vector<std::string>& names) {
  static const std::map<std::string, std::string> prefixes{
      {"sigmoid", "sig"}, {"exp", "exp"}, {"log", "log"},        {"tanh", "tanh"}, {"relu", "relu"},
      {"sqrt", "sqrt"},   {"neg", "neg"}, {"reciprocal", "inv"}, {"sin", "sin"},   {"cos", "cos"}};
  const auto operand = [&](std::size_t i) {
    return step.inputs[i].is_number() ? std::string() : names[step.inputs[i].step];
  };
  if (step.inputs.empty()) return "";
  const std::string first = operand(0);
  if (first.empty()) return "";
  if (const auto prefix = prefixes.find(step.op); prefix != prefixes.end()) return prefix->second + first;
  if (step.op == "square") return first + "sqr";
  if (step.op != "add" || operand(1).empty() || operand(1) == first) return "";
  return first + "p" + operand(1);
}

/// What a step would like to be called.
std::string wanted_name(const Graph& graph, std::size_t i, std::size_t number,
                        const std::vector<std::string>& names) {
  const GraphStep& step = graph.steps()[i];
  if (!step.name.empty()) return step.name;
  if (step.op == "variable") return "x" + std::to_string(number);
  if (step.op == "constant") return "c" + std::to_string(number);
  if (i + 1 == graph.steps().size()) return "f";
  const std::string name = short_name(step, names);
  return name.empty() || name.size() > longest ? step.op + std::to_string(number) : name;
}

}  // namespace

std::vector<std::string> step_names(const Graph& graph, Identifiers& identifiers) {
  std::map<bool, std::size_t> numbers;  // of steps, and of leaves without a name
  std::vector<std::string> names;
  for (std::size_t i = 0; i < graph.steps().size(); ++i) {
    const GraphStep& step = graph.steps()[i];
    const std::size_t number = step.is_leaf() && !step.name.empty() ? 0 : ++numbers[step.is_leaf()];
    names.push_back(identifiers.make(wanted_name(graph, i, number, names)));
  }
  return names;
}

}  // namespace gradus::detail
