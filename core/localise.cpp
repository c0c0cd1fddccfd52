#include <algorithm>
#include <cmath>
#include <numeric>
#include <sstream>

#include <gradus/core/backward.hpp>
#include <gradus/core/localise.hpp>
#include <gradus/core/rng.hpp>
#include <gradus/core/verdict.hpp>

namespace gradus::detail {
namespace {

double dot(const Elements& a, const Elements& b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

double largest(const Elements& x) {
  double result = 0;
  for (const double v : x) result = std::max(result, std::abs(v));
  return result;
}

constexpr std::size_t most_elements = ~std::size_t{0};

/// Of all steps of one element type: the gradient of the weighted sum of the roots.
template <class T>
void add_adjoints(const Trace& trace, std::vector<Elements>& adjoints) {
  std::vector<Tensor<T>> handles;
  std::vector<std::size_t> places;
  for (std::size_t k = 0; k < trace.steps().size(); ++k) {
    const TracedStep& step = trace.steps()[k];
    if (!step.node || step.is_single != std::is_same_v<T, float>) continue;
    handles.emplace_back(Ref<Value<T>>(static_cast<Value<T>*>(step.value.get())),
                         Ref<TensorNode<T>>(static_cast<TensorNode<T>*>(step.node.get())));
    places.push_back(k);
  }
  const auto add = [&](const std::vector<Tensor<T>>& gradients, double factor) {
    for (std::size_t i = 0; i < places.size(); ++i)
      for (std::size_t e = 0; e < gradients[i].size(); ++e)
        adjoints[places[i]][e] += factor * static_cast<double>(gradients[i].data()[e]);
  };
  for (const TracedRoot& root : trace.roots())
    std::visit(
        [&]<class Y>(const Y& y) {
          if (!y.requires_grad()) return;
          if constexpr (std::is_same_v<Y, Scalar>) {
            add(grad(y, handles, {.retain_graph = true}), root.weights[0]);
          } else {
            using U = typename Y::value_type;
            const Tensor<U> seed(Ref<Value<U>>(static_cast<Value<U>*>(
                                     value_from(root.weights, y.shape(), std::is_same_v<U, float>).get())),
                                 nullptr);
            add(grad(y, handles, seed, {.retain_graph = true}), 1);
          }
        },
        root.y);
}

std::vector<Elements> adjoints_of(const Trace& trace) {
  std::vector<Elements> adjoints;
  for (const TracedStep& step : trace.steps()) adjoints.emplace_back(count(step.shape));
  add_adjoints<float>(trace, adjoints);
  add_adjoints<double>(trace, adjoints);
  return adjoints;
}

/// A step, weighted with the gradient that reaches it, along a change of one of its inputs alone.
class EdgeLine final : public Line {
 public:
  EdgeLine(Trace& trace, const Elements& weights, double epsilon, double scale, std::size_t source,
           std::size_t step, Elements by)
      : Line(trace.base(trace.inputs().size() + step), weights, epsilon, scale),
        trace_(trace),
        source_(source),
        step_(step),
        by_(std::move(by)) {}

 private:
  std::vector<double> at(double t) override { return trace_.moved_alone(source_, by_, t, step_); }

  Trace& trace_;
  std::size_t source_, step_;
  Elements by_;
};

class Localiser {
 public:
  explicit Localiser(const Search& search)
      : search_(search), trace_(search.record, search.inputs), adjoints_(adjoints_of(trace_)) {}

  Localisation find() {
    if (!measure_changes()) return unrepeatable();
    const std::vector<double> parts = parts_of_error();
    const double most = largest(parts), least = std::max(most / 20, std::abs(search_.error) / 1000);
    for (std::size_t k = 0; k < parts.size(); ++k) {
      if (!(std::abs(parts[k]) > least)) continue;
      if (const auto wrong = wrong_edge(k, std::abs(parts[k]))) return {wrong, {}};
      if (!trace_.is_repeatable()) return unrepeatable();
      if (!suspect_) suspect_ = k;
    }
    if (at_kink_)  // a jump makes the part of every other step look small
      for (std::size_t k = 0, tests = 0; k < parts.size() && tests < most_tests; ++k) {
        if (parts[k] == 0 || std::abs(parts[k]) > least) continue;
        if (const auto wrong = wrong_edge(k, HUGE_VAL)) return {wrong, {}};
        ++tests;
      }
    return {std::nullopt, remark()};
  }

 private:
  bool is_rule(std::size_t k) const {
    const TracedStep& step = trace_.steps()[k];
    return step.node && !step.node->inputs().empty();
  }

  /// The derivative of every value along the direction of the inputs, by central differences.
  bool measure_changes() {
    const double h = std::cbrt(search_.epsilon) * search_.scale;
    const std::vector<Elements> up = trace_.moved(h), down = trace_.moved(-h);
    if (!trace_.is_repeatable()) return false;
    for (const TracedInput& input : trace_.inputs()) changes_.push_back(input.direction);
    for (std::size_t k = 0; k < up.size(); ++k) {
      Elements change(up[k].size());
      for (std::size_t i = 0; i < change.size(); ++i) change[i] = (up[k][i] - down[k][i]) / (2 * h);
      changes_.push_back(std::move(change));
    }
    return true;
  }

  /// a_k y'_k less what the rule of step k passes on times the changes of its inputs.
  std::vector<double> parts_of_error() const {
    std::vector<double> parts(adjoints_.size());
    for (std::size_t k = 0; k < parts.size(); ++k) {
      if (!is_rule(k) || largest(adjoints_[k]) == 0) continue;
      parts[k] = dot(adjoints_[k], changes_[trace_.inputs().size() + k]);
      const std::vector<Elements> passed_on = own_gradients(trace_.steps()[k], adjoints_[k]);
      for (std::size_t i = 0; i < passed_on.size(); ++i)
        if (const std::size_t s = trace_.steps()[k].inputs[i]; s != no_source && !passed_on[i].empty())
          parts[k] -= dot(passed_on[i], changes_[s]);
    }
    return parts;
  }

  /// The derivative along a change of one input alone: by the rule, by differences, and what to think of it.
  GradientCheck::Element compare(std::size_t step, std::size_t source, const Elements& gradient,
                                 const Elements& by, double scale, double tolerance) {
    EdgeLine line(trace_, adjoints_[step], search_.epsilon, scale, source, step, by);
    GradientCheck::Element edge;
    edge.step = std::cbrt(search_.epsilon) * scale;
    edge.analytic = dot(gradient, by);
    edge.numerical = line.derivative(edge.stencil, edge.step);
    edge.relative_error = relative_error(edge.analytic, edge.numerical);
    judge(edge, line, tolerance);
    return edge;
  }

  /// Looks for an input of step k for which the rule is wrong by about `part`.
  std::optional<GradientCheck::WrongStep> wrong_edge(std::size_t k, double part) {
    const TracedStep& step = trace_.steps()[k];
    const std::vector<Elements> passed_on = own_gradients(step, adjoints_[k]);
    for (std::size_t i = 0; i < passed_on.size(); ++i) {
      const std::size_t source = step.inputs[i];
      if (source == no_source || passed_on[i].empty()) continue;
      Elements by = changes_[source];
      const double length = largest(by);
      if (!(length > 0) || !std::isfinite(length)) continue;
      for (double& d : by) d /= length;
      const double scale = std::max(1.0, largest(trace_.base(source)));
      const double size = std::max(std::abs(dot(passed_on[i], by)), 1e-8);
      const double tolerance = std::min(search_.tolerance, 0.1 * part / (length * size));
      const Verdict verdict = compare(k, source, passed_on[i], by, scale, tolerance).verdict;
      if (verdict == Verdict::kink && !at_kink_) at_kink_ = k;
      if (verdict == Verdict::wrong)
        return describe(k, i, passed_on[i], worst_element(k, source, passed_on[i], by, scale));
    }
    return std::nullopt;
  }

  /// Halves what changes until a few elements are left, always keeping the half with the larger error.
  std::size_t worst_element(std::size_t k, std::size_t source, const Elements& gradient, const Elements& by,
                            double scale) {
    const double h = std::cbrt(search_.epsilon) * scale;
    const auto error = [&](std::span<const std::size_t> elements) {
      Elements part(by.size());
      for (const std::size_t i : elements) part[i] = by[i];
      EdgeLine line(trace_, adjoints_[k], search_.epsilon, scale, source, k, part);
      const double off = std::abs(line.slope(-h, h) - dot(gradient, part));
      return std::isnan(off) ? HUGE_VAL : off;
    };
    std::vector<std::size_t> all;
    for (std::size_t i = 0; i < by.size(); ++i)
      if (by[i] != 0) all.push_back(i);
    std::span<const std::size_t> left = all;
    while (left.size() > 8) {
      const auto first = left.first(left.size() / 2), second = left.subspan(left.size() / 2);
      left = error(first) >= error(second) ? first : second;
    }
    return *std::max_element(left.begin(), left.end(), [&](std::size_t a, std::size_t b) {
      return error({&a, 1}) < error({&b, 1});
    });
  }

  GradientCheck::WrongStep describe(std::size_t k, std::size_t place, const Elements& gradient,
                                    std::size_t element) {
    const TracedStep& step = trace_.steps()[k];
    const std::size_t source = step.inputs[place];
    const double x = trace_.base(source)[element];
    Elements unit(gradient.size());
    unit[element] = 1;
    const GradientCheck::Element edge =
        compare(k, source, gradient, unit, std::max(1.0, std::abs(x)), search_.tolerance);
    return {.op = step.node->op_name(),
            .name = step.node->name(),
            .number = k + 1,
            .of = trace_.steps().size(),
            .rule_of = step.rule_of == no_source ? "" : text_of_step(step.rule_of - trace_.inputs().size()),
            .stage = step.node->stage,
            .shape = step.shape,
            .input = place,
            .input_text = text_of(source),
            .input_shape = trace_.shape(source),
            .index = index_of(trace_.shape(source), element),
            .analytic = edge.analytic,
            .numerical = edge.numerical,
            .relative_error = edge.relative_error,
            .step = edge.step};
  }

  std::string text_of(std::size_t source) const {
    if (source < trace_.inputs().size()) {
      const std::string& name = trace_.inputs()[source].name;
      return "input " + std::to_string(source) + (name.empty() ? "" : " '" + name + "'") + " of f";
    }
    return "the result of " + text_of_step(source - trace_.inputs().size());
  }
  std::string text_of_step(std::size_t k) const {
    const Node& node = *trace_.steps()[k].node;
    return std::string(node.op_name()) + (node.name().empty() ? "" : " '" + node.name() + "'") + ", step " +
           std::to_string(k + 1);
  }

  std::string rule_text(std::size_t k) const {
    const std::size_t source = trace_.steps()[k].rule_of;
    return source == no_source
               ? ""
               : " (in the recorded rule of " + text_of_step(source - trace_.inputs().size()) + ")";
  }

  Localisation unrepeatable() const {
    return {std::nullopt,
            "the op to blame was not looked for: f records other steps, or other shapes, when it is called "
            "with slightly changed inputs"};
  }

  bool has_scalar_steps() const {
    const auto is_bridge = [](const TracedStep& s) { return s.node && s.node->inputs().empty(); };
    return std::any_of(trace_.steps().begin(), trace_.steps().end(), is_bridge) ||
           std::any_of(trace_.roots().begin(), trace_.roots().end(), [](const TracedRoot& root) {
             const auto* const y = std::get_if<Scalar>(&root.y);
             return y && y->requires_grad() && thread_record.entries[y->step()].op() != bridge_code;
           });
  }

  std::string remark() const {
    if (at_kink_)
      return text_of_step(*at_kink_) + " of " + std::to_string(trace_.steps().size()) + rule_text(*at_kink_) +
             ", is at a kink or a jump: the slope that its rule has chosen there does not fit what follows";
    constexpr const char* outside = "outside of the graph (detach(), NoGrad, an array copied from value())";
    if (suspect_)
      return "every op agrees with its own value, but " + text_of_step(*suspect_) + " of " +
             std::to_string(trace_.steps().size()) + rule_text(*suspect_) +
             ", is handed a value that depends on the inputs " + outside;
    if (has_scalar_steps())
      return "every tensor op agrees with its own value; the steps on Scalars were not checked one by one, "
             "nor was what f may use " +
             std::string(outside);
    return "every op agrees with its own value: f uses a value that depends on the inputs " +
           std::string(outside);
  }

  static constexpr std::size_t most_tests = 50;

  const Search& search_;
  Trace trace_;
  std::vector<Elements> adjoints_;  // of each step
  std::vector<Elements> changes_;   // of each source
  std::optional<std::size_t> suspect_,
      at_kink_;  // the first step with a part in the error; that is at a kink
};

bool was_released(const Node& step) {
  try {
    step.check("check_second_order");
    return false;
  } catch (const GraphError&) {
    return true;
  }
}

/// Flat, where it is no step or input of f.
Shape shape_of_input(const Trace& trace, std::size_t step, std::size_t place) {
  const std::size_t source = trace.steps()[step].inputs[place];
  return source == no_source ? Shape{most_elements} : trace.shape(source);
}

}  // namespace

Localisation localise(const Search& search) { return Localiser(search).find(); }

std::string find_unlike_rule(const Search& search) {
  const Trace trace(search.record, search.inputs);
  Rng rng{1};
  for (std::size_t k = 0; k < trace.steps().size(); ++k) {
    const TracedStep& step = trace.steps()[k];
    if (!step.node || step.node->inputs().empty() || was_released(*step.node)) continue;
    Elements incoming(count(step.shape));
    for (double& g : incoming) g = rng.uniform(0.5, 1.5);
    const std::vector<Elements> plain = own_gradients(step, incoming),
                                recorded = own_recorded_gradients(step, incoming);
    for (std::size_t i = 0; i < plain.size(); ++i)
      for (std::size_t e = 0; e < plain[i].size(); ++e) {
        if (plain[i][e] == recorded[i][e]) continue;  // infinities too
        if (relative_error(plain[i][e], recorded[i][e]) <= search.tolerance) continue;
        if (std::isnan(plain[i][e]) && std::isnan(recorded[i][e])) continue;
        std::ostringstream text;
        text << "the rule of " << step.node->op_name() << ", step " << k + 1 << " of " << trace.steps().size()
             << ", passes on another gradient when its sweep is recorded: to input " << i << " at "
             << to_string(index_of(shape_of_input(trace, k, i), e)) << " " << recorded[i][e] << " instead of "
             << plain[i][e];
        return text.str();
      }
  }
  return {};
}

}  // namespace gradus::detail
