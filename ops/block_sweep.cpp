#include <algorithm>

#include <gradus/ops/block_sweep.hpp>

namespace gradus::detail {
namespace {

/// Longer runs are cut: what their steps saved is kept until the whole run is swept.
constexpr std::size_t longest_run = 64;

/// The steps at the beginning of `nodes` that can be swept together.
template <class T>
std::size_t run_length(std::span<const Ref<Node>> nodes) {
  const auto& first = static_cast<const BlockStep<T>&>(*nodes.front());
  const auto joins = [&](const Ref<Node>& node) {
    const auto* const step = dynamic_cast<const BlockStep<T>*>(node.get());
    return step && step->runs_in_blocks() && step->position == first.position &&
           step->shape() == first.shape() && !step->hooks;  // which want a whole gradient
  };
  const auto most = nodes.first(std::min(nodes.size(), longest_run));
  return static_cast<std::size_t>(std::find_if_not(most.begin() + 1, most.end(), joins) - most.begin());
}

/// Turns a run of steps into a program: what Slot does for a whole gradient is decided here, once for all
/// blocks.
template <class T>
class RunSweep {
 public:
  RunSweep(std::span<const Ref<Node>> run, bool keep_all)
      : run_(run), shape_(node(run.front()).shape()), program_(count(shape_)) {
    gradients_.reserve(3 * run.size());
    for (const Ref<Node>& step : run) load(node(step), keep_all || step->retain_grad);
  }

  void sweep() {
    for (std::size_t i = 0; i < run_.size(); ++i) flow(static_cast<const BlockStep<T>&>(*run_[i]), i);
    program_.run();
    for (const Gradient& gradient : gradients_)
      if (gradient.stays && gradient.place != none) gradient.node->grad = places_[gradient.place].array;
  }

 private:
  static constexpr std::size_t none = static_cast<std::size_t>(-1);

  /// Where a gradient is, or several gradients that are the same.
  struct Place {
    typename BlockProgram<T>::Place in_program;
    Ref<Value<T>> array;  // null: it exists for one block at a time
    std::size_t users;
    bool is_fixed;  // somebody else holds it too, or it is one number
  };
  struct Gradient {
    TensorNode<T>* node;
    bool stays;         // after the sweep
    std::size_t place;  // none: nothing has arrived
  };

  static TensorNode<T>& node(const Ref<Node>& node) { return static_cast<TensorNode<T>&>(*node); }

  /// Takes up the gradient that has arrived at a node before.
  Gradient& load(TensorNode<T>& node, bool stays) {
    std::size_t place = none;
    if (const Ref<Value<T>>& arrived = node.grad) {
      const bool is_number = arrived->array.dimension() < shape_.size();
      T* const data = arrived->array.data();
      const bool is_shared = arrived->is_shared();
      place = add_place(is_number ? program_.number(*data) : program_.array(data), arrived,
                        is_number || is_shared);
    }
    gradients_.push_back({&node, stays, place});
    return gradients_.back();
  }

  Gradient& gradient_of(TensorNode<T>& node) {
    const auto found = std::find_if(gradients_.begin(), gradients_.end(),
                                    [&](const Gradient& gradient) { return gradient.node == &node; });
    if (found != gradients_.end()) return *found;
    return load(node, true);
  }

  std::size_t add_place(typename BlockProgram<T>::Place in_program, Ref<Value<T>> array, bool is_fixed) {
    places_.push_back({in_program, std::move(array), 1, is_fixed});
    return places_.size() - 1;
  }

  std::size_t fresh_place(bool stays) {
    if (!stays) return add_place(program_.temporary(), nullptr, false);
    const Ref<Value<T>> array = empty_value<T>(shape_);
    return add_place(program_.array(array->array.data()), array, false);
  }

  void leave(std::size_t place) {
    if (--places_[place].users == 0) program_.release(places_[place].in_program);
  }

  bool is_own(std::size_t place) const { return places_[place].users == 1 && !places_[place].is_fixed; }

  /// What a step adds to the gradients of its inputs. The last contribution may be written over the incoming
  /// gradient.
  void flow(const BlockStep<T>& step, std::size_t number) {
    const std::size_t g = gradients_[number].place;
    if (g == none) return;
    const std::span<const Ref<Node>> inputs = step.inputs();
    std::size_t last = inputs.size();
    while (last > 0 && !inputs[last - 1]) --last;
    for (std::size_t i = 0; i < last; ++i) {
      if (!inputs[i]) continue;
      const bool is_last_use = i + 1 == last && !gradients_[number].stays;
      Gradient& target = gradient_of(node(inputs[i]));
      step.passes_on(i) ? pass_on(g, target) : contribute(step, i, g, target, is_last_use);
    }
    if (!gradients_[number].stays) leave(g);
  }

  void contribute(const BlockStep<T>& step, std::size_t i, std::size_t g, Gradient& target,
                  bool is_last_use) {
    const bool accumulate = target.place != none;
    if (accumulate) {
      make_own(target);
    } else if (is_last_use && is_own(g) && (places_[g].array || !target.stays)) {
      share(g, target);
    } else {
      target.place = fresh_place(target.stays);
    }
    program_.work(step, i, places_[g].in_program, places_[target.place].in_program, accumulate);
  }

  /// The gradient is passed on unchanged: it stays where it is while nobody changes it.
  void pass_on(std::size_t g, Gradient& target) {
    const bool accumulate = target.place != none;
    if (!accumulate && can_share(g, target)) return share(g, target);
    if (accumulate)
      make_own(target);
    else
      target.place = fresh_place(target.stays);
    program_.copy(places_[g].in_program, places_[target.place].in_program, accumulate);
  }

  bool can_share(std::size_t g, const Gradient& target) const {
    if (!target.stays) return true;
    const Ref<Value<T>>& array = places_[g].array;
    return array && (array->array.dimension() == shape_.size() || target.node->takes_one_number());
  }

  void share(std::size_t g, Gradient& target) {
    target.place = g;
    ++places_[g].users;
  }

  /// Before something is added: what others use too is copied.
  void make_own(Gradient& target) {
    if (is_own(target.place)) return;
    const std::size_t old = target.place;
    target.place = fresh_place(target.stays);
    program_.copy(places_[old].in_program, places_[target.place].in_program, false);
    leave(old);
  }

  std::span<const Ref<Node>> run_;
  const Shape& shape_;
  BlockProgram<T> program_;
  PooledVector<Place> places_;
  PooledVector<Gradient> gradients_;  // first those of the run, in its order
};

}  // namespace

template <class T>
std::size_t BlockStep<T>::sweep_from(std::span<const Ref<Node>> nodes, ScalarSweep& scalars, bool keep_all) {
  const std::size_t length = runs_in_blocks() ? run_length<T>(nodes) : 1;
  if (length == 1) return Node::sweep_from(nodes, scalars, keep_all);
  RunSweep<T>(nodes.first(length), keep_all).sweep();
  return length;
}

template class BlockStep<float>;
template class BlockStep<double>;

}  // namespace gradus::detail
