#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <gradus/core/pool.hpp>
#include <gradus/core/record_books.hpp>

namespace gradus::detail {

class GraphGradients;
class GraphTangents;

/// Steps of one chunk that a sweep visits, both ends included.
struct Span {
  Step low, high;
};

/// Sweeps steps `low` to `high` of one chunk from the last to the first: adds to the adjoint of each input
/// the step's adjoint times the local partial, and leaves the step's own "unreached". Defined with the ops
/// (ops/scalar_sweep.cpp), which know the rules.
void sweep_steps(Record& record, Step low, Step high);

/// The same, recorded: the gradients are handles, and new steps are recorded behind those that are swept.
void record_steps(Record& record, Step low, Step high, GraphGradients& gradients);

/// The way forward, recorded: the tangents of steps `low` to `high`, the first of them first.
void push_steps(Record& record, Step low, Step high, GraphTangents& tangents);

/// Called by sweep_steps for a step with handles, which will show the gradient.
void keep_gradient(Record& record, Step s, double g);

/// Called by sweep_steps for a bridge: hands the adjoint to the tensor node behind it.
void deliver_to_node(Record& record, Step bridge, double adjoint);

/// One backward pass over the scalar record: collect what the starting steps can reach, then sweep it from
/// the last step to the first. Nothing but bookkeeping changes before prepare().
class ScalarSweep {
 public:
  explicit ScalarSweep(const char* caller) : caller_(caller), record_(thread_record) { record_.seal(); }
  ~ScalarSweep() {
    finish();
    forget();
    if (is_holding_) record_.let_go();
  }
  ScalarSweep(const ScalarSweep&) = delete;

  /// A step (or variable) from which gradients will flow.
  void start_from(Step s);

  /// Finds the steps to visit. `on_bridge` is told each tensor node that a reached bridge leads to, and may
  /// call start_from() for scalars recorded before it. With `exactly` only steps that can be reached count.
  /// Throws GraphError when a reached step was reclaimed or names a variable that was changed since.
  void collect(const std::function<void(Node*)>& on_bridge, bool exactly);

  bool is_empty() const { return starts_.empty() && spans_.empty() && variables_.empty(); }
  /// The variables a gradient may reach: those that can be reached, or all that have
  /// handles where that was not looked into.
  const PooledVector<Step>& variables();

  /// For sweeps that may fail, or leave nothing behind: what handles of steps show now can be brought back.
  /// With `hide` they show nothing until then.
  void remember_shown(bool hide);
  void bring_back_shown() noexcept;
  /// Call before the first add().
  void prepare();
  /// Adds to the adjoint of a starting step.
  void add(Step s, double g);
  /// What has arrived at a step or variable in this sweep, which was collected exactly and hides what was
  /// shown.
  double gradient(Step s) const;
  /// Sweeps every collected step recorded after `position`.
  void down_to(std::uint64_t position);
  void record_down_to(std::uint64_t position, GraphGradients& gradients);
  /// Hooks on variables, when all that reaches them has.
  void run_variable_hooks();
  void record_variable_hooks(GraphGradients& gradients);
  /// The way forward: every collected step recorded up to `position`.
  void push_up_to(std::uint64_t position, GraphTangents& tangents);

 private:
  template <class SweepSteps>
  void down_to(std::uint64_t position, const SweepSteps& sweep_steps);
  template <class SweepSteps, class RunHooks>
  void sweep_between_hooks(Step low, Step high, const SweepSteps& sweep_steps, const RunHooks& run_hooks);
  void run_hooks(Step s);
  void record_hooks(Step s, GraphGradients& gradients);
  void touch(Step s);
  bool collect_all();
  bool collect_closure();
  bool holds_special_leaf(const Chunk& chunk) const;
  void collect_reached(const std::function<void(Node*)>& on_bridge);
  void close_span(Chunk& chunk);
  void visit_reached(Step s, const std::function<void(Node*)>& on_bridge);
  void mark_input(Step s, Step input);
  void clear_marks();
  void interrupt();
  void finish();
  void untouch();
  void forget();

  const char* caller_;
  Record& record_;
  PooledVector<Step> starts_;
  PooledVector<Step> touched_;  ///< chunks, for forget()
  PooledVector<Span> spans_;    ///< in the order of the sweep
  PooledVector<Span> hidden_;   ///< the same, whole, while nothing else is shown
  PooledVector<Step> variables_;
  PooledVector<std::pair<Step, double>> shown_;        ///< gradients that handles of steps showed before
  PooledVector<std::pair<Step, double>> interrupted_;  ///< adjoints of the sweep around this one
  std::size_t next_span_ = 0;
  std::size_t pending_ = 0;  ///< touched chunks not yet looked through
  bool marking_ = false;
  bool is_exact_ = false;
  bool is_holding_ = false;  ///< the record, because tensor steps let go of their scalars during the sweep
};

/// Gradient that a handle of step s shows; `unreached` when no sweep has arrived.
double shown_gradient(const Record& record, Step s);
void forget_gradient(Record& record, Step s);

/// 1 + the largest stage of its inputs; 0 for a variable.
std::uint32_t stage_of(Record& record, Step s);

/// How messages speak of a scalar variable.
std::string variable_text(const Record& record, Step s);

}  // namespace gradus::detail
