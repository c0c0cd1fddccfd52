#include <algorithm>
#include <map>

#include <gradus/core/graph_gradients.hpp>
#include <gradus/core/no_grad.hpp>
#include <gradus/ops/graphs/tensor_formulas.hpp>

namespace gradus::detail {
namespace {

/// Writes what a rule has recorded.
template <class T>
class Reader {
 public:
  Reader(const Graph& graph, const std::vector<std::string>& names, std::size_t step)
      : graph_(graph), names_(names), step_(step) {
    for (std::size_t i = 0; i < names.size(); ++i)
      if (const auto* const x = std::get_if<Tensor<T>>(&graph.steps()[i].handle); x && x->node())
        known_.emplace(x->node().get(), Formula::name(names[i]));
  }
  void name_incoming(const Tensor<T>& g, const Formula& formula) {
    known_.insert_or_assign(g.node().get(), formula);
  }

  /// A mask may be a number: it is stretched.
  Formula read(const Tensor<T>& x, bool is_mask = false) {
    if (!x.node()) return constant(x, is_mask);
    if (const auto found = known_.find(x.node().get()); found != known_.end()) return found->second;
    const auto* const note = dynamic_cast<const CallNote<T>*>(x.node()->note.get());
    if (!note || note->inputs.empty()) fail();
    TensorCall call{.op = x.node()->op_name(),
                    .attributes = note->attributes,
                    .inputs = {},
                    .shapes = {},
                    .result = x.node()->shape()};
    for (const Tensor<T>& input : note->inputs) {
      const bool is_condition = call.op == "where" && &input == &note->inputs.front();
      call.inputs.push_back(read(input, is_condition));
      call.shapes.push_back(input.node() ? input.node()->shape() : input.shape());
    }
    const Formula formula = call.op == "flow"
                                ? product_with(call.inputs[1], call.shapes[1], call.inputs[0], call.shapes[0])
                                : tensor_formula(call);
    known_.emplace(x.node().get(), formula);
    kept_.push_back(x);
    return formula;
  }

 private:
  [[noreturn]] void fail() const {
    throw GraphError("[staged_code] the gradient of the op " + graph_.steps()[step_].op +
                     " cannot be written in NumPy");
  }

  Formula constant(const Tensor<T>& x, bool is_mask) const {
    if (x.ndim() == 0) return Formula(static_cast<double>(x.item()));
    for (std::size_t i = 0; i < names_.size(); ++i) {
      const GraphStep& step = graph_.steps()[i];
      const auto* const other = std::get_if<Tensor<T>>(&step.handle);
      if (step.has_value && other && step.shape == x.shape() &&
          std::equal(x.data(), x.data() + x.size(), other->data()))
        return Formula::name(names_[i]);
    }
    const auto is_first = [&](T element) { return element == x.data()[0]; };
    if (is_mask && std::all_of(x.data(), x.data() + x.size(), is_first))
      return Formula(static_cast<double>(x.data()[0]));
    fail();
  }

  const Graph& graph_;
  const std::vector<std::string>& names_;
  std::size_t step_;
  std::map<const Node*, Formula> known_;
  std::vector<Tensor<T>> kept_;
};

}  // namespace

template <class T>
std::vector<Contribution> RuleNames::contributions_of(std::size_t step, const Formula& incoming) const {
  const auto& handle = std::get<Tensor<T>>(graph_.steps()[step].handle);
  TensorNode<T>& node = *handle.node();
  const Annotate notes;
  const RecordingScope on(true);
  const Tensor<T> g = variable(full_array<T>(node.shape(), T(1)));
  GraphGradients gradients;
  gradients.set(node, g);
  node.differentiate(gradients);
  Reader<T> reader(graph_, names_, step);
  reader.name_incoming(g, incoming);
  std::vector<Contribution> result;
  std::vector<std::size_t> seen;
  for (const GraphInput& input : graph_.steps()[step].inputs) {
    if (input.is_number() || std::find(seen.begin(), seen.end(), input.step) != seen.end()) continue;
    seen.push_back(input.step);
    const auto* const x = std::get_if<Tensor<T>>(&graph_.steps()[input.step].handle);
    if (!x || !x->node()) continue;
    if (const Tensor<T>* const found = gradients.find(*x->node()))
      result.push_back({input.step, reader.read(*found)});
  }
  return result;
}

std::vector<Contribution> RuleNames::contributions(std::size_t step, const Formula& incoming) const {
  return std::holds_alternative<Tensor<float>>(graph_.steps()[step].handle)
             ? contributions_of<float>(step, incoming)
             : contributions_of<double>(step, incoming);
}

}  // namespace gradus::detail
