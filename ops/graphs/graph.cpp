#include <algorithm>
#include <map>
#include <unordered_map>

#include <gradus/core/backward.hpp>
#include <gradus/core/graph_errors.hpp>
#include <gradus/core/record_books.hpp>
#include <gradus/core/scalar_sweep.hpp>
#include <gradus/ops/graphs/elementwise_ops.hpp>
#include <gradus/ops/graphs/graph.hpp>

namespace gradus {
namespace detail {
namespace {

constexpr const char* caller = "graph";

/// What an input may be: a scalar step or variable, a node, a constant tensor, a number.
using Source = std::variant<Step, const Node*, Tensor<float>, Tensor<double>, double>;

/// Two sources are one step where their keys are the same.
using Key = std::pair<const void*, Step>;
Key key_of(const Source& source) {
  if (const Step* const s = std::get_if<Step>(&source)) return {nullptr, *s};
  if (const Node* const* const node = std::get_if<const Node*>(&source)) return {*node, 0};
  if (const auto* const x = std::get_if<Tensor<float>>(&source)) return {&x->value(), 0};
  return {&std::get<Tensor<double>>(source).value(), 0};
}

/// A step whose inputs are still being looked at.
struct Open {
  Source source;
  GraphStep step;
  std::vector<Source> inputs;
  bool is_sum_of_gate = false;  // the last input is added to the result of a gate on the others
  std::size_t next = 0;
};

/// A number, or a tensor of a single one, is written into the gate that it enters.
std::optional<double> number_in(const Source& source) {
  if (const double* const number = std::get_if<double>(&source)) return *number;
  const auto single = [](const auto& x) -> std::optional<double> {
    if (x.ndim() > 0) return {};
    return static_cast<double>(x.item());
  };
  if (const auto* const x = std::get_if<Tensor<float>>(&source)) return single(*x);
  if (const auto* const x = std::get_if<Tensor<double>>(&source)) return single(*x);
  return {};
}

Open open_scalar(Step s) {
  Record& record = thread_record;
  Open open{.source = s, .step = {}, .inputs = {}};
  open.step.handle = Scalar::from_step(record.hold_step(s), record.value[s]);
  const Scalar& handle = std::get<Scalar>(open.step.handle);
  open.step.name = handle.name();
  open.step.stage = handle.stage();
  if (is_variable(s)) {
    open.step.op = "variable";
    return open;
  }
  const Entry& entry = record.entries[s];
  if (entry.op() == reclaimed_code) fail_released(caller, "a step on the way");
  if (entry.op() == bridge_code) {
    const Node* node = __builtin_bit_cast(Node*, record.extra[s]);
    node->check(caller);
    const bool is_watch = std::string_view(node->op_name()) == "to_scalar";
    open.step.op = "to_scalar";
    open.inputs.push_back(is_watch ? node->inputs()[0].get() : node);
    return open;
  }
  for_each_input(record, s, [&](Step input) {
    if (is_variable(input) && record.books->variable(input).changed_at > position_of(record, s))
      fail_changed(caller, variable_text(record, input), "a step that uses it was recorded");
  });
  const ScalarCode code =
      scalar_code(static_cast<std::uint8_t>(entry.op() - (entry.is_fused() ? first_fused_code : 0)));
  open.step.op = code.op->name;
  if (code.has_first_constant) open.inputs.push_back(record.extra[s]);
  open.inputs.push_back(entry.a);
  if (code.has_second_constant) open.inputs.push_back(record.extra[s]);
  if (open.inputs.size() == 1 && code.op->is_binary) open.inputs.push_back(entry.b);
  if (entry.is_fused()) open.inputs.push_back(entry.c);
  open.is_sum_of_gate = entry.is_fused();
  return open;
}

template <class T>
bool open_node_as(const Node& any, Open& open) {
  const auto* const node = dynamic_cast<const TensorNode<T>*>(&any);
  if (!node) return false;
  const auto* const note = dynamic_cast<const CallNote<T>*>(node->note.get());
  Ref<TensorNode<T>> held(const_cast<TensorNode<T>*>(node));
  open.step.shape = node->shape();
  open.step.has_value = node->is_variable() || (note && note->value);
  open.step.handle = Tensor<T>(note ? note->value : Ref<Value<T>>(), std::move(held));
  any.for_each_scalar([&](const Scalar& s) {
    if (s.requires_grad())
      open.inputs.push_back(s.step());
    else
      open.inputs.push_back(s.value());
  });
  if (node->is_variable() || !open.inputs.empty()) return true;
  if (note && !note->inputs.empty()) {
    open.step.attributes = note->attributes;
    for (const Tensor<T>& input : note->inputs) {
      if (input.node())
        open.inputs.push_back(static_cast<const Node*>(input.node().get()));
      else
        open.inputs.push_back(input);
    }
    return true;
  }
  open.step.is_explained = false;
  for (const Ref<Node>& input : any.inputs())
    if (input) open.inputs.push_back(static_cast<const Node*>(input.get()));
  return true;
}

Open open_node(const Node* node) {
  node->check(caller);
  Open open{.source = node, .step = {}, .inputs = {}};
  open.step.op = node->op_name();
  open.step.name = node->name();
  open.step.stage = node->stage;
  open.step.scope = node->scope;
  if (!open_node_as<float>(*node, open)) open_node_as<double>(*node, open);
  return open;
}

template <class T>
Open open_constant(const Tensor<T>& x) {
  Open open{.source = x, .step = {}, .inputs = {}};
  open.step.op = "constant";
  open.step.shape = x.shape();
  open.step.handle = x;
  return open;
}

Open open_source(const Source& source) {
  if (const Step* const s = std::get_if<Step>(&source)) return open_scalar(*s);
  if (const Node* const* const node = std::get_if<const Node*>(&source)) return open_node(*node);
  if (const auto* const x = std::get_if<Tensor<float>>(&source)) return open_constant(*x);
  return open_constant(std::get<Tensor<double>>(source));
}

/// Lists what the root can reach, inputs first; without recursion, because graphs are deep.
class Walk {
 public:
  explicit Walk(std::size_t most_steps) : most_steps_(most_steps) {}

  std::vector<GraphStep> from(const Source& root) {
    open_.push_back(open_source(root));
    while (!open_.empty()) {
      Open& now = open_.back();
      if (now.next == now.inputs.size()) {
        close();
        continue;
      }
      const Source input = now.inputs[now.next++];
      if (const auto number = number_in(input)) {
        now.step.inputs.push_back({.number = *number});
      } else if (const auto known = known_.find(key_of(input)); known != known_.end()) {
        now.step.inputs.push_back({.step = known->second});
      } else {
        --now.next;
        open_.push_back(open_source(input));
        check_count(steps_.size() + open_.size());
      }
    }
    return std::move(steps_);
  }

 private:
  void check_count(std::size_t count) const {
    if (count > most_steps_)
      throw ValueError("[graph] more than " + std::to_string(most_steps_) +
                       " steps: take the graph of a part, or raise most_steps");
  }

  void close() {
    Open done = std::move(open_.back());
    open_.pop_back();
    if (done.is_sum_of_gate) add_gate_of_sum(done.step);
    known_[key_of(done.source)] = steps_.size();
    steps_.push_back(std::move(done.step));
    check_count(steps_.size());
  }

  /// Makes two steps of a sum that was recorded as one with one of its terms: adds that and leaves the sum.
  void add_gate_of_sum(GraphStep& sum) {
    GraphStep gate;
    gate.op = std::exchange(sum.op, "add");
    gate.inputs = std::move(sum.inputs);
    sum.inputs = {{.step = steps_.size()}, gate.inputs.back()};
    gate.inputs.pop_back();
    double numbers[2] = {0, 0};
    for (std::size_t i = 0; i < gate.inputs.size(); ++i) {
      const GraphInput& input = gate.inputs[i];
      numbers[i] = input.is_number() ? input.number : number_of(steps_[input.step]);
      if (!input.is_number()) gate.stage = std::max(gate.stage, steps_[input.step].stage + 1);
    }
    gate.own_value = elementwise_op(gate.op)->value(numbers[0], numbers[1]);
    gate.same_gradient = steps_.size() + 1;
    steps_.push_back(std::move(gate));
  }
  static double number_of(const GraphStep& step) {
    const Scalar* const handle = std::get_if<Scalar>(&step.handle);
    return handle ? handle->value() : step.own_value;
  }

  std::size_t most_steps_;
  std::vector<Open> open_;
  std::map<Key, std::size_t> known_;
  std::vector<GraphStep> steps_;
};

/// After a sweep: the gradients of Scalars that nobody held, so that nobody shows them.
template <class Root>
void find_gradients(const Root& root, std::vector<GraphStep>& steps) {
  std::vector<Scalar> scalars;
  std::vector<GraphStep*> owners;
  for (GraphStep& step : steps) {
    const Scalar* const s = std::get_if<Scalar>(&step.handle);
    if (!s || step.is_leaf() || s->has_grad()) continue;
    scalars.push_back(*s);
    owners.push_back(&step);
  }
  if (scalars.empty()) return;
  const std::vector<Scalar> found = grad(root, scalars, {.retain_graph = true});
  for (std::size_t i = 0; i < found.size(); ++i) owners[i]->own_gradient = found[i].value();
}

template <class T>
std::vector<double> numbers(const Array<T>& array) {
  return {array.data(), array.data() + array.size()};
}

}  // namespace
}  // namespace detail

std::optional<std::vector<double>> Graph::value(std::size_t i) const {
  const GraphStep& step = steps_.at(i);
  if (!step.has_value) return {};
  if (const Scalar* const s = std::get_if<Scalar>(&step.handle)) return std::vector<double>{s->value()};
  if (const auto* const x = std::get_if<Tensor<float>>(&step.handle)) return detail::numbers(x->value());
  if (const auto* const x = std::get_if<Tensor<double>>(&step.handle)) return detail::numbers(x->value());
  return std::vector<double>{step.own_value};
}

std::optional<std::vector<double>> Graph::gradient(std::size_t i) const {
  const GraphStep& step = steps_.at(i);
  const auto of = [](const auto& x) -> std::optional<std::vector<double>> {
    if (!x.has_grad()) return {};
    return detail::numbers(x.grad());
  };
  if (const auto* const x = std::get_if<Tensor<float>>(&step.handle)) return of(*x);
  if (const auto* const x = std::get_if<Tensor<double>>(&step.handle)) return of(*x);
  const Scalar* const s = std::get_if<Scalar>(&step.handle);
  if (!s) return gradient(step.same_gradient);
  if (s->has_grad()) return std::vector<double>{s->grad()};
  if (step.own_gradient) return std::vector<double>{*step.own_gradient};
  return {};
}

Graph graph(const Scalar& root, const GraphOptions& options) {
  root.check_thread(detail::caller);
  if (!root.requires_grad()) detail::fail_constant_root(detail::caller);
  detail::thread_record.seal();
  if (!detail::is_variable(root.step()) &&
      (detail::thread_record.flags[root.step()] & detail::released_flag) != 0)
    detail::fail_released(detail::caller, "the root");
  std::vector<GraphStep> steps = detail::Walk(options.most_steps).from(root.step());
  if (root.has_grad() && root.grad() == 1) detail::find_gradients(root, steps);
  return Graph(std::move(steps));
}

template <class T>
Graph graph(const Tensor<T>& root, const GraphOptions& options) {
  if (!root.requires_grad()) detail::fail_constant_root(detail::caller);
  detail::thread_record.seal();
  std::vector<GraphStep> steps =
      detail::Walk(options.most_steps).from(static_cast<const detail::Node*>(root.node().get()));
  if (root.size() == 1 && root.has_grad() && root.grad().data()[0] == 1) detail::find_gradients(root, steps);
  return Graph(std::move(steps));
}
template Graph graph(const Tensor<float>&, const GraphOptions&);
template Graph graph(const Tensor<double>&, const GraphOptions&);

}  // namespace gradus
