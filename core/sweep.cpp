#include <algorithm>
#include <atomic>
#include <limits>
#include <unordered_set>

#include <gradus/core/graph_errors.hpp>
#include <gradus/core/graph_gradients.hpp>
#include <gradus/core/scalar_hooks.hpp>
#include <gradus/core/step_observer.hpp>
#include <gradus/core/sweep.hpp>

namespace gradus::detail {
namespace {

std::uint64_t next_sweep_number() {
  static std::atomic<std::uint64_t> last{0};
  return ++last;
}

/// How many sweeps of this thread have released their steps: when it grows during a sweep, a hook or a rule
/// has run another, maybe over steps that the outer one has still to do.
thread_local std::uint64_t releases = 0;

bool is_swept_before(const Ref<Node>& a, const Ref<Node>& b) {
  return a->position != b->position ? a->position > b->position : a->stage > b->stage;
}

}  // namespace

Sweep::Sweep(const char* caller, const Scalar& root, bool exactly)
    : caller_(caller), number_(next_sweep_number()), scalars_(caller) {
  root.check_thread(caller);
  if (!root.requires_grad()) fail_constant_root(caller);
  const Step step = root.step();
  if (!is_variable(step) && (thread_record.flags[step] & released_flag))
    fail_released(caller, "the graph of this root");
  scalars_.start_from(step);
  scalars_.collect([this](Node* node) { reach(*node); }, exactly || has_scalar_hooks());
  order_nodes();
}

Sweep::Sweep(const char* caller, Node& root, bool exactly, std::span<Node* const> stops)
    : caller_(caller), number_(next_sweep_number()), scalars_(caller), stops_(stops) {
  reach(root);
  scalars_.collect([this](Node* node) { reach(*node); }, exactly || has_scalar_hooks());
  order_nodes();
}

/// Everything a node was made from, without recursion: graphs are deeper than the stack.
void Sweep::reach(Node& start) {
  PooledVector<Node*> waiting{&start};
  while (!waiting.empty()) {
    Node* const node = waiting.back();
    waiting.pop_back();
    if (node->visited_in == number_) continue;
    if (!is_stop(*node)) node->check(caller_);
    node->visited_in = number_;
    nodes_.push_back(Ref<Node>(node));
    if (is_stop(*node)) continue;
    node->start_scalars(scalars_);
    for (const Ref<Node>& input : node->inputs())
      if (input && input->visited_in != number_) waiting.push_back(input.get());
  }
}

bool Sweep::is_stop(const Node& node) const {
  return std::find(stops_.begin(), stops_.end(), &node) != stops_.end();
}

void Sweep::order_nodes() { std::sort(nodes_.begin(), nodes_.end(), is_swept_before); }

bool Sweep::sweeps(const Node& node) const {
  const Ref<Node> wanted(const_cast<Node*>(&node));
  const auto [first, last] = std::equal_range(nodes_.begin(), nodes_.end(), wanted, is_swept_before);
  return std::any_of(first, last, [&](const Ref<Node>& candidate) { return candidate.get() == &node; });
}

void Sweep::run(bool keep_grads) {
  const std::uint64_t releases_before = releases;
  for (std::span<const Ref<Node>> left = nodes_; !left.empty();) {
    Node& next = *left.front();
    scalars_.down_to(next.position);  // scalar steps that were recorded later come first
    if (next.hooks && !next.is_variable()) next.hooks->run(next);
    const bool checks_again = releases != releases_before;
    if (checks_again) next.check(caller_);
    const std::size_t swept = next.sweep_from(checks_again ? left.first(1) : left, scalars_, keep_grads);
    for (const Ref<Node>& node : left.first(swept))
      if (!keep_grads && !node->retain_grad && !node->is_variable()) node->clear_gradient();
    left = left.subspan(swept);
  }
  scalars_.down_to(0);
}

void Sweep::record(GraphGradients& gradients) {
  const std::uint64_t releases_before = releases;
  for (const Ref<Node>& node : nodes_) {
    scalars_.record_down_to(node->position, gradients);
    if (is_stop(*node)) continue;
    if (node->hooks && !node->is_variable()) node->hooks->record(*node, gradients);
    if (releases != releases_before) node->check(caller_);
    const Node* const outer = step_observer ? step_observer->differentiates(node.get()) : nullptr;
    node->differentiate(gradients);
    if (step_observer) step_observer->differentiates(outer);
  }
  scalars_.record_down_to(0, gradients);
}

void Sweep::run_variable_hooks() {
  for (const Ref<Node>& node : nodes_)
    if (node->hooks && node->is_variable()) node->hooks->run(*node);
  scalars_.run_variable_hooks();
}

void Sweep::record_variable_hooks(GraphGradients& gradients) {
  for (const Ref<Node>& node : nodes_)
    if (node->hooks && node->is_variable()) node->hooks->record(*node, gradients);
  scalars_.record_variable_hooks(gradients);
}

void Sweep::push_forward(GraphTangents& tangents) {
  for (std::size_t i = nodes_.size(); i-- > 0;) {
    Node& node = *nodes_[i];
    scalars_.push_up_to(node.position, tangents);
    if (!is_stop(node) && !tangents.has(node)) node.push_forward(tangents);
  }
  scalars_.push_up_to(std::numeric_limits<std::uint64_t>::max(), tangents);
}

void Sweep::keep_ways_to(const Node& end) {
  if (!scalars_.is_empty()) return;  // a way may lead over scalars
  std::unordered_set<const Node*> leading{&end};
  const auto leads = [&](const Ref<Node>& node) { return node && leading.contains(node.get()); };
  for (std::size_t i = nodes_.size(); i-- > 0;)
    if (!is_stop(*nodes_[i]) && std::ranges::any_of(nodes_[i]->inputs(), leads))
      leading.insert(nodes_[i].get());
  std::erase_if(nodes_, [&](const Ref<Node>& node) { return !leads(node); });
}

void Sweep::release() noexcept {
  ++releases;
  for (const Ref<Node>& node : nodes_) node->release();
}

/// Hooks that were removed do not count; the first that was not ends the search.
bool Sweep::has_scalar_hooks() {
  if (!thread_record.books) return false;
  auto& hooks = thread_record.books->hooks;
  while (!hooks.empty() && hooks.begin()->second->is_empty()) hooks.erase(hooks.begin());
  return !hooks.empty();
}

void deliver_to_node(Record& record, Step bridge, double adjoint) {
  __builtin_bit_cast(Node*, record.extra[bridge])->receive(adjoint);
}

}  // namespace gradus::detail
