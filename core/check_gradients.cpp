#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include <gradus/core/backward.hpp>
#include <gradus/core/check_gradients.hpp>
#include <gradus/core/localise.hpp>
#include <gradus/core/no_grad.hpp>
#include <gradus/core/rng.hpp>
#include <gradus/core/verdict.hpp>

namespace gradus::detail {
namespace {

// What a check needs of a Scalar and of a tensor, by the same names.

Shape shape_of(const Scalar&) { return {}; }
double element(const Scalar& x, std::size_t) { return x.value(); }
void set_element(const Scalar& x, std::size_t, double v) { x.set_value(v); }
Scalar copy_as_variable(const Scalar& x) { return variable(x.value()).named(x.name()); }
Elements elements(const Scalar& x) { return {x.value()}; }
Ref<Node> node_of(const Scalar&) { return nullptr; }

template <class T>
Shape shape_of(const Tensor<T>& x) {
  return x.shape();
}
template <class T>
double element(const Tensor<T>& x, std::size_t i) {
  return static_cast<double>(x.data()[i]);
}
template <class T>
void set_element(const Tensor<T>& x, std::size_t i, double v) {
  x.change("check_gradients").data()[i] = static_cast<T>(v);
}
template <class T>
Tensor<T> copy_as_variable(const Tensor<T>& x) {
  return variable(x.value()).named(x.name());
}
template <class T>
Elements elements(const Tensor<T>& x) {
  return Elements(x.data(), x.data() + x.size());
}
template <class T>
Ref<Node> node_of(const Tensor<T>& x) {
  return x.node();
}

/// Gradients of the weighted sum of y's elements, zeros where y is a constant.
template <class Input>
std::vector<Input> gradients(const Scalar& y, const std::vector<Input>& inputs, const Elements& weights,
                             bool create_graph) {
  (void)weights;  // a Scalar is not weighted
  return grad(y, inputs, {.retain_graph = true, .create_graph = create_graph});
}
template <class T, class Input>
std::vector<Input> gradients(const Tensor<T>& y, const std::vector<Input>& inputs, const Elements& weights,
                             bool create_graph) {
  Array<T> seed = empty_array<T>(y.shape());
  std::transform(weights.begin(), weights.end(), seed.data(), [](double w) { return static_cast<T>(w); });
  return grad(y, inputs, Tensor<T>(std::move(seed)), {.retain_graph = true, .create_graph = create_graph});
}

/// By which the elements of a result are summed: floats, so that both derivatives use the same ones.
Elements weights_for(std::size_t size) {
  Rng rng{size};
  Elements weights(size, 1.0);
  if (size > 1)
    for (double& w : weights) w = static_cast<float>(rng.uniform(0.5, 1.5));
  return weights;
}

std::size_t flat_index(const Shape& shape, const Shape& index) {
  std::size_t flat = 0;
  for (std::size_t axis = 0; axis < shape.size(); ++axis) flat = flat * shape[axis] + index[axis];
  return flat;
}

/// Derivatives to be compared: of the weighted sum of `values`, with respect to every element of the
/// variables.
template <class Input>
struct Problem {
  const char* caller;
  const CheckOptions& options;
  bool is_single;  ///< whether floats are computed with
  std::vector<Input> variables;
  std::function<Elements()> values;                            ///< at what the variables are now
  Elements base, weights;                                      ///< the values at first
  std::vector<Elements> analytic;                              ///< the gradient of each variable
  std::function<std::vector<TracedRoot>()> record;             ///< what the analytic gradient was found from
  std::function<std::string(const Search&)> first_guess = {};  ///< of the reason for a wrong one

  double epsilon() const {
    return is_single ? static_cast<double>(std::numeric_limits<float>::epsilon())
                     : std::numeric_limits<double>::epsilon();
  }
  double step_at(double x) const {
    return is_single ? detail::step_at(caller, options.stencil, static_cast<float>(x), options.step)
                     : detail::step_at(caller, options.stencil, x, options.step);
  }
  double tolerance() const { return options.tolerance.value_or(is_single ? 1e-2 : 1e-6); }
  Elements checked_values() const {
    Elements y = values();
    if (y.size() != base.size())
      throw ValueError(std::string("[") + caller + "] f returned " + std::to_string(base.size()) +
                       " elements at first and " + std::to_string(y.size()) +
                       " for changed inputs: it must always return as many");
    return y;
  }
};

/// Along one element of one variable, which is put back afterwards.
template <class Input>
class ElementLine final : public Line {
 public:
  ElementLine(const Problem<Input>& problem, const Input& variable, std::size_t i)
      : Line(problem.base, problem.weights, problem.epsilon(), std::max(1.0, std::abs(element(variable, i)))),
        problem_(problem),
        variable_(variable),
        i_(i),
        x_(element(variable, i)) {}

  double exact(double step) const override {
    if (problem_.is_single) return static_cast<float>(x_ + step) - x_;
    return (x_ + step) - x_;
  }

 private:
  Elements at(double t) override {
    set_element(variable_, i_, x_ + t);
    Elements y = problem_.checked_values();
    set_element(variable_, i_, x_);
    return y;
  }

  const Problem<Input>& problem_;
  const Input& variable_;
  std::size_t i_;
  double x_;
};

template <class Input>
void assign(const Input& variable, const Elements& x) {
  for (std::size_t i = 0; i < x.size(); ++i) set_element(variable, i, x[i]);
}

/// Along a direction of all variables.
template <class Input>
class DirectionLine final : public Line {
 public:
  DirectionLine(const Problem<Input>& problem, const std::vector<Elements>& direction)
      : Line(problem.base, problem.weights, problem.epsilon(), 1), problem_(problem), direction_(direction) {
    for (const Input& variable : problem.variables) start_.push_back(elements(variable));
  }

 private:
  Elements at(double t) override {
    for (std::size_t n = 0; n < start_.size(); ++n) {
      Elements x = start_[n];
      for (std::size_t i = 0; i < x.size(); ++i) x[i] += t * direction_[n][i];
      assign(problem_.variables[n], x);
    }
    Elements y = problem_.checked_values();
    for (std::size_t n = 0; n < start_.size(); ++n) assign(problem_.variables[n], start_[n]);
    return y;
  }

  const Problem<Input>& problem_;
  const std::vector<Elements>& direction_;
  std::vector<Elements> start_;
};

/// Looks for the reason of the worst wrong element, which was seen along a direction of the variables.
template <class Input>
void localise_in(GradientCheck& check, const Problem<Input>& problem,
                 const std::vector<Elements>& direction) {
  if (check.count(Verdict::wrong) == 0 || !problem.options.localise) return;
  const GradientCheck::Element& worst = *check.worst(Verdict::wrong);
  Search search{.record = problem.record,
                .inputs = {},
                .error = worst.numerical - worst.analytic,
                .tolerance = problem.tolerance(),
                .epsilon = problem.epsilon(),
                .scale = 1};
  for (std::size_t n = 0; n < problem.variables.size(); ++n) {
    const Input& variable = problem.variables[n];
    TracedInput input{.node = node_of(variable),
                      .name = variable.name(),
                      .shape = shape_of(variable),
                      .base = elements(variable),
                      .direction = {},
                      .assign = [&variable](const Elements& x) { assign(variable, x); }};
    if (worst.is_direction) {
      input.direction = direction[n];
    } else {
      input.direction.assign(input.base.size(), 0.0);
      if (n == worst.input) {
        const std::size_t i = flat_index(input.shape, worst.index);
        input.direction[i] = 1;
        search.scale = std::max(1.0, std::abs(input.base[i]));
      }
    }
    search.inputs.push_back(std::move(input));
  }
  try {
    std::string reason = problem.first_guess ? problem.first_guess(search) : std::string();
    Localisation found;
    if (reason.empty()) found = localise(search);
    check.blame(std::move(found.step), reason.empty() ? std::move(found.remark) : std::move(reason));
  } catch (const std::exception& error) {  // f's own too: it runs on frozen values
    check.blame({}, std::string("the op to blame was not found: ") + error.what());
  }
}

/// What differs from one call to the next is compared with nothing: looked into where not all agree.
template <class Input>
void check_repeats(const GradientCheck& check, const Problem<Input>& problem) {
  if (check.count(Verdict::agrees) == check.size()) return;
  const auto is_same = [](double x, double y) { return x == y || (std::isnan(x) && std::isnan(y)); };
  const Elements again = problem.checked_values();
  if (!std::equal(again.begin(), again.end(), problem.base.begin(), is_same))
    throw ValueError(std::string("[") + problem.caller +
                     "] f gave other values for the same inputs when it was called again: it must not depend "
                     "on random numbers or on what it did before");
}

template <class Input>
GradientCheck compare_elements(const Problem<Input>& problem) {
  GradientCheck check(problem.tolerance());
  for (std::size_t n = 0; n < problem.variables.size(); ++n) {
    const Input& variable = problem.variables[n];
    const Shape shape = shape_of(variable);
    for (std::size_t i = 0; i < count(shape); ++i) {
      GradientCheck::Element result{.input = n, .name = variable.name(), .index = index_of(shape, i)};
      result.stencil = problem.options.stencil;
      result.step = problem.step_at(element(variable, i));
      ElementLine<Input> line(problem, variable, i);
      result.analytic = problem.analytic[n][i];
      result.numerical = line.derivative(result.stencil, result.step);
      result.relative_error = relative_error(result.analytic, result.numerical);
      judge(result, line, problem.tolerance());
      check.add(result);
    }
  }
  check_repeats(check, problem);
  localise_in(check, problem, {});
  return check;
}

template <class Input>
GradientCheck compare_direction(const Problem<Input>& problem) {
  Rng rng{problem.options.seed};
  std::vector<Elements> direction;
  GradientCheck::Element result;
  for (std::size_t n = 0; n < problem.variables.size(); ++n) {
    Elements v = elements(problem.variables[n]);
    for (double& x : v) x = std::max(std::abs(x), 1.0) * rng.uniform(0.5, 1.5) * (rng.below(2) == 0 ? -1 : 1);
    result.analytic += std::inner_product(v.begin(), v.end(), problem.analytic[n].begin(), 0.0);
    direction.push_back(std::move(v));
  }
  result.is_direction = true;
  result.stencil = problem.options.stencil;
  result.step = problem.step_at(1);
  DirectionLine<Input> line(problem, direction);
  result.numerical = line.derivative(result.stencil, result.step);
  result.relative_error = relative_error(result.analytic, result.numerical);
  judge(result, line, problem.tolerance());
  GradientCheck check(problem.tolerance());
  check.add(result);
  check_repeats(check, problem);
  localise_in(check, problem, direction);
  return check;
}

/// Nothing compared would be nothing wrong.
template <class Input>
void check_not_empty(const char* caller, const std::vector<Input>& inputs) {
  const std::string tag = std::string("[") + caller + "] ";
  if (inputs.empty()) throw ValueError(tag + "no inputs: at least one is needed");
  std::string shapes;
  for (const Input& input : inputs) {
    if (count(shape_of(input)) > 0) return;
    shapes += ' ';
    shapes += to_string(shape_of(input));
  }
  throw ValueError(tag + "inputs of shape" + shapes + " have no elements: there is nothing to compare");
}

template <class Input, class Output>
Problem<Input> make_problem(const char* caller, const std::vector<Input>& inputs,
                            const CheckOptions& options) {
  check_not_empty(caller, inputs);
  if (!is_recording())
    throw GraphError(std::string("[") + caller + "] inside NoGrad nothing is recorded: call it outside");
  Problem<Input> problem{
      .caller = caller,
      .options = options,
      .is_single = std::is_same_v<Input, Tensor<float>> || std::is_same_v<Output, Tensor<float>>,
      .variables = {},
      .values = {},
      .base = {},
      .weights = {},
      .analytic = {},
      .record = {}};
  for (const Input& input : inputs) {
    problem.variables.push_back(copy_as_variable(input));
    problem.analytic.emplace_back(count(shape_of(input)));
  }
  return problem;
}

template <class Input>
void add_gradients(Problem<Input>& problem, const std::vector<Input>& gradients, double factor) {
  for (std::size_t n = 0; n < gradients.size(); ++n) {
    const Elements g = elements(gradients[n]);
    for (std::size_t i = 0; i < g.size(); ++i) problem.analytic[n][i] += factor * g[i];
  }
}

template <class Input, class Output>
using Function = typename Checks<Input, Output>::F;

/// What f has captured does not change when its arguments do: both derivatives would be 0, and agree.
template <class Input, class Output>
void check_uses_arguments(const Problem<Input>& problem, const Output& y, const std::vector<Input>& inputs) {
  const auto all_zero = [](const Elements& g) {
    return std::all_of(g.begin(), g.end(), [](double each) { return each == 0; });
  };
  for (std::size_t n = 0; n < inputs.size(); ++n) {
    const bool is_variable = inputs[n].requires_grad() && inputs[n].stage() == 0;
    if (!is_variable || !all_zero(problem.analytic[n])) continue;
    if (all_zero(elements(gradients(y, std::vector<Input>{inputs[n]}, problem.weights, false)[0]))) continue;
    const std::string name = inputs[n].name();
    throw ValueError(
        std::string("[") + problem.caller + "] f uses input " + std::to_string(n) +
        (name.empty() ? "" : " '" + name + "'") +
        " itself and not the argument in its place: expected f to depend on its arguments, which "
        "are varied");
  }
}

/// The comparison of f's gradients. The problem refers to itself: it must stay where it is.
template <class Input, class Output>
void pose_first_order(Problem<Input>& problem, const Function<Input, Output>& f,
                      const std::vector<Input>& inputs) {
  problem.values = [&] { return elements(f(problem.variables)); };
  problem.record = [&] { return std::vector{TracedRoot{f(problem.variables), problem.weights}}; };
  const Output y = f(problem.variables);
  problem.base = elements(y);
  problem.weights = weights_for(problem.base.size());
  if (!y.requires_grad()) return;
  add_gradients(problem, gradients(y, problem.variables, problem.weights, false), 1);
  check_uses_arguments(problem, y, inputs);
}

Elements slice(const Elements& all, std::size_t begin, std::size_t size) {
  const auto from = all.begin() + static_cast<std::ptrdiff_t>(begin);
  return Elements(from, from + static_cast<std::ptrdiff_t>(size));
}

/// The gradients of f as a graph, each with its part of the weights.
template <class Input, class Output>
std::vector<TracedRoot> recorded_gradients(const Problem<Input>& problem, const Function<Input, Output>& f) {
  std::vector<TracedRoot> roots;
  const Output y = f(problem.variables);
  if (!y.requires_grad()) return roots;
  std::size_t begin = 0;
  for (const Input& g : gradients(y, problem.variables, weights_for(elements(y).size()), true)) {
    const std::size_t size = elements(g).size();
    roots.push_back({g, slice(problem.weights, begin, size)});
    begin += size;
  }
  return roots;
}

/// The comparison of the gradients of f's gradients.
template <class Input, class Output>
void pose_second_order(Problem<Input>& problem, const Function<Input, Output>& f) {
  problem.values = [&] {
    Elements all;
    const Output y = f(problem.variables);
    const std::vector<Input> found =
        y.requires_grad() ? gradients(y, problem.variables, weights_for(elements(y).size()), false)
                          : std::vector<Input>();
    for (std::size_t n = 0; n < problem.variables.size(); ++n) {
      const Elements g = found.empty() ? Elements(problem.analytic[n].size()) : elements(found[n]);
      all.insert(all.end(), g.begin(), g.end());
    }
    return all;
  };
  problem.record = [&] { return recorded_gradients<Input, Output>(problem, f); };
  problem.first_guess = [&](const Search& search) {
    Search of_f = search;
    of_f.record = [&] { return std::vector{TracedRoot{f(problem.variables), {}}}; };
    return find_unlike_rule(of_f);
  };
  problem.base = problem.values();
  problem.weights = weights_for(problem.base.size());
  for (const TracedRoot& root : problem.record()) {
    const Input& g = std::get<Input>(root.y);
    if (!g.requires_grad()) continue;
    const bool is_scalar = std::is_same_v<Input, Scalar>;  // which a seed cannot weigh
    add_gradients(problem, gradients(g, problem.variables, root.weights, false),
                  is_scalar ? root.weights[0] : 1.0);
  }
}

}  // namespace

template <class Input, class Output>
GradientCheck Checks<Input, Output>::check_gradients(const F& f, const std::vector<Input>& inputs,
                                                     const CheckOptions& options) {
  auto problem = make_problem<Input, Output>("check_gradients", inputs, options);
  pose_first_order<Input, Output>(problem, f, inputs);
  return compare_elements(problem);
}

template <class Input, class Output>
GradientCheck Checks<Input, Output>::check_directional(const F& f, const std::vector<Input>& inputs,
                                                       const CheckOptions& options) {
  auto problem = make_problem<Input, Output>("check_directional", inputs, options);
  pose_first_order<Input, Output>(problem, f, inputs);
  return compare_direction(problem);
}

template <class Input, class Output>
SecondOrderCheck Checks<Input, Output>::check_second_order(const F& f, const std::vector<Input>& inputs,
                                                           const CheckOptions& options) {
  auto first = make_problem<Input, Output>("check_second_order", inputs, options);
  pose_first_order<Input, Output>(first, f, inputs);
  auto second = make_problem<Input, Output>("check_second_order", inputs, options);
  pose_second_order<Input, Output>(second, f);
  return {compare_elements(first), compare_elements(second)};
}

template struct Checks<Scalar, Scalar>;
template struct Checks<Scalar, Tensor<float>>;
template struct Checks<Scalar, Tensor<double>>;
template struct Checks<Tensor<float>, Scalar>;
template struct Checks<Tensor<float>, Tensor<float>>;
template struct Checks<Tensor<double>, Scalar>;
template struct Checks<Tensor<double>, Tensor<double>>;

}  // namespace gradus::detail
