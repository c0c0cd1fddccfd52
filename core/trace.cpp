#include <algorithm>
#include <cstring>
#include <list>

#include <gradus/core/graph_gradients.hpp>
#include <gradus/core/scalar_sweep.hpp>
#include <gradus/core/trace.hpp>

namespace gradus::detail {
namespace {

template <class T>
Elements copied(const Array<T>& array) {
  return Elements(array.data(), array.data() + array.size());
}

template <class T>
Ref<Value<T>> typed(const Ref<AnyValue>& value) {
  return Ref<Value<T>>(static_cast<Value<T>*>(value.get()));
}

template <class T>
Ref<Value<T>> make_from(const Elements& elements, const Shape& shape) {
  Ref<Value<T>> value = empty_value<T>(shape);
  std::transform(elements.begin(), elements.end(), value->array.data(),
                 [](double x) { return static_cast<T>(x); });
  return value;
}

/// The places among a node's inputs at which each needs a gradient for the first time.
std::vector<std::size_t> first_places(std::span<const Ref<Node>> inputs) {
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const auto is_same = [&](std::size_t earlier) { return inputs[earlier].get() == inputs[i].get(); };
    if (inputs[i] && std::none_of(places.begin(), places.end(), is_same)) places.push_back(i);
  }
  return places;
}

/// Takes the gradient out that has arrived at a node, zeros when none has.
template <class T>
Elements take_gradient(TensorNode<T>& node) {
  Elements result(count(node.shape()));
  if (const double* const total = node.total_in_double())
    result[0] = *total;
  else if (node.whole_gradient())
    result = copied(node.grad->array);
  node.clear_gradient();
  return result;
}

/// Puts another gradient at a node, and back what it had when it ends.
class InPlace {
 public:
  InPlace(Node& node, Ref<AnyValue> gradient)
      : node_(node), before_(node.exchange_gradient(std::move(gradient))) {}
  InPlace(const InPlace&) = delete;
  InPlace& operator=(const InPlace&) = delete;
  ~InPlace() { node_.exchange_gradient(std::move(before_)); }

 private:
  Node& node_;
  Ref<AnyValue> before_;
};

template <class T>
std::vector<Elements> swept(const TracedStep& step, const Elements& incoming) {
  auto& node = static_cast<TensorNode<T>&>(*step.node);
  const std::span<const Ref<Node>> inputs = node.inputs();
  const std::vector<std::size_t> places = first_places(inputs);
  std::list<InPlace> aside;
  for (const std::size_t i : places) aside.emplace_back(*inputs[i], nullptr);
  {
    const InPlace own(node, make_from<T>(incoming, step.shape));
    ScalarSweep scalars("check_gradients");
    node.sweep(scalars, true);
  }
  std::vector<Elements> result(inputs.size());
  for (const std::size_t i : places) result[i] = take_gradient(static_cast<TensorNode<T>&>(*inputs[i]));
  return result;
}

template <class T>
std::vector<Elements> recorded_sweep(const TracedStep& step, const Elements& incoming) {
  auto& node = static_cast<TensorNode<T>&>(*step.node);
  GraphGradients gradients;
  gradients.set(node, Tensor<T>(make_from<T>(incoming, step.shape), nullptr));
  node.differentiate(gradients);
  std::vector<Elements> result(node.inputs().size());
  for (const std::size_t i : first_places(node.inputs())) {
    const auto& input = static_cast<const TensorNode<T>&>(*node.inputs()[i]);
    const Tensor<T>* const gradient = gradients.find(input);
    result[i] = gradient ? copied(gradient->value()) : Elements(count(input.shape()));
  }
  return result;
}

}  // namespace

Shape index_of(const Shape& shape, std::size_t flat) {
  Shape index = shape;
  for (std::size_t axis = shape.size(); axis-- > 0; flat /= shape[axis]) index[axis] = flat % shape[axis];
  return index;
}

Elements elements_of(const AnyValue& value, bool is_single) {
  return is_single ? copied(static_cast<const Value<float>&>(value).array)
                   : copied(static_cast<const Value<double>&>(value).array);
}

Ref<AnyValue> value_from(const Elements& elements, const Shape& shape, bool is_single) {
  if (is_single) return make_from<float>(elements, shape);
  return make_from<double>(elements, shape);
}

std::vector<Elements> own_gradients(const TracedStep& step, const Elements& incoming) {
  return step.is_single ? swept<float>(step, incoming) : swept<double>(step, incoming);
}

std::vector<Elements> own_recorded_gradients(const TracedStep& step, const Elements& incoming) {
  return step.is_single ? recorded_sweep<float>(step, incoming) : recorded_sweep<double>(step, incoming);
}

Trace::Trace(std::function<std::vector<TracedRoot>()> record, const std::vector<TracedInput>& inputs)
    : record_(std::move(record)), inputs_(inputs) {
  run(Mode::first);
  for (const TracedStep& step : steps_) bases_.push_back(elements_of(*step.value, step.is_single));
}

const Elements& Trace::base(std::size_t source) const {
  return source < inputs_.size() ? inputs_[source].base : bases_[source - inputs_.size()];
}

const Shape& Trace::shape(std::size_t source) const {
  return source < inputs_.size() ? inputs_[source].shape : steps_[source - inputs_.size()].shape;
}

void Trace::run(Mode mode) {
  mode_ = mode;
  next_ = 0;
  differentiated_ = nullptr;
  sources_.clear();
  kept_.clear();
  seen_.assign(steps_.size(), {});
  for (std::size_t n = 0; n < inputs_.size(); ++n)
    if (inputs_[n].node) sources_[inputs_[n].node.get()] = n;
  const ObserverScope scope(this);
  std::vector<TracedRoot> roots = record_();
  if (mode == Mode::first) roots_ = std::move(roots);
  if (next_ != steps_.size()) is_repeatable_ = false;
}

void Trace::restore() {
  for (const TracedInput& input : inputs_) input.assign(input.base);
}

std::vector<Elements> Trace::moved(double t) {
  for (const TracedInput& input : inputs_) {
    Elements x = input.base;
    for (std::size_t i = 0; i < x.size(); ++i) x[i] += t * input.direction[i];
    input.assign(x);
  }
  run(Mode::following);
  restore();
  return std::move(seen_);
}

Elements Trace::moved_alone(std::size_t source, const Elements& by, double t, std::size_t step) {
  Elements x = base(source);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] += t * by[i];
  moved_ = source;
  wanted_ = step;
  if (source < inputs_.size()) {
    inputs_[source].assign(x);
  } else {
    const TracedStep& moved_step = steps_[source - inputs_.size()];
    moved_value_ = value_from(x, moved_step.shape, moved_step.is_single);
  }
  run(Mode::freezing);
  restore();
  if (seen_[step].empty()) seen_[step] = bases_[step];  // the run did not come so far
  return std::move(seen_[step]);
}

bool Trace::is_same(const TracedStep& now) const {
  if (next_ >= steps_.size()) return false;
  const TracedStep& first = steps_[next_];
  if (bool(first.node) != bool(now.node) || first.is_single != now.is_single || first.shape != now.shape)
    return false;
  return !now.node ||
         (std::strcmp(first.node->op_name(), now.node->op_name()) == 0 && first.inputs == now.inputs);
}

std::size_t Trace::source_of(const Node* node) const {
  const auto found = sources_.find(node);
  return found == sources_.end() ? no_source : found->second;
}

template <class T>
Ref<Value<T>> Trace::see(TensorNode<T>* step, Ref<Value<T>> value) {
  TracedStep now{.node = Ref<Node>(step),
                 .is_single = std::is_same_v<T, float>,
                 .shape = shape_of(value->array),
                 .value = value,
                 .inputs = {},
                 .rule_of = source_of(differentiated_)};
  if (step) {
    for (const Ref<Node>& input : step->inputs()) now.inputs.push_back(source_of(input.get()));
    sources_[step] = inputs_.size() + next_;
    kept_.push_back(now.node);
  }
  if (mode_ == Mode::first) {
    steps_.push_back(std::move(now));
    ++next_;
    return value;  // which is shared from now on: nothing overwrites it
  }
  is_repeatable_ = is_repeatable_ && is_same(now);
  const std::size_t position = next_++;
  if (!is_repeatable_) return value;
  if (mode_ == Mode::following || position == wanted_) seen_[position] = copied(value->array);
  if (mode_ == Mode::following) return value;
  return typed<T>(moved_ == inputs_.size() + position ? moved_value_ : steps_[position].value);
}

template <class T>
Ref<Value<T>> Trace::frozen(const TensorNode<T>& node, Ref<Value<T>> value, bool is_outside) const {
  const std::size_t source = source_of(&node);
  if (mode_ != Mode::freezing || source == no_source || !is_repeatable_) return value;
  if (source < inputs_.size()) return make_from<T>(inputs_[source].base, inputs_[source].shape);
  return typed<T>(moved_ == source && !is_outside ? moved_value_ : steps_[source - inputs_.size()].value);
}

Ref<Value<float>> Trace::recorded(TensorNode<float>* step, Ref<Value<float>> value) {
  return see(step, std::move(value));
}
Ref<Value<double>> Trace::recorded(TensorNode<double>* step, Ref<Value<double>> value) {
  return see(step, std::move(value));
}
Ref<Value<float>> Trace::detached(const TensorNode<float>& node, Ref<Value<float>> value) {
  return frozen(node, std::move(value), true);
}
Ref<Value<double>> Trace::detached(const TensorNode<double>& node, Ref<Value<double>> value) {
  return frozen(node, std::move(value), true);
}
Ref<Value<float>> Trace::shown(const TensorNode<float>& step, Ref<Value<float>> value) {
  return frozen(step, std::move(value), false);
}
Ref<Value<double>> Trace::shown(const TensorNode<double>& step, Ref<Value<double>> value) {
  return frozen(step, std::move(value), false);
}

}  // namespace gradus::detail
