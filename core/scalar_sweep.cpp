#include <algorithm>

#include <gradus/core/graph_errors.hpp>
#include <gradus/core/graph_gradients.hpp>
#include <gradus/core/kernels/input_range.hpp>
#include <gradus/core/no_grad.hpp>
#include <gradus/core/node.hpp>
#include <gradus/core/scalar_hooks.hpp>
#include <gradus/core/scalar_sweep.hpp>

namespace gradus::detail {

void ScalarSweep::start_from(Step s) {
  if (is_variable(s)) {
    if (marking_) mark_input(s, s);
    starts_.push_back(s);
    return;
  }
  starts_.push_back(s);
  touch(s);
  if (marking_) mark_input(s, s);
}

void ScalarSweep::touch(Step s) {
  Chunk& chunk = record_.books->chunk(s);
  if (!chunk.touched) {
    touched_.reserve(touched_.size() + 1);
    chunk.touched = true;
    chunk.low = chunk.high = s;
    touched_.push_back(chunk_of(s));
    ++pending_;
    return;
  }
  chunk.low = std::min(chunk.low, s);
  chunk.high = std::max(chunk.high, s);
}

void ScalarSweep::collect(const std::function<void(Node*)>& on_bridge, bool exactly) {
  is_exact_ = exactly;
  if (!exactly && (collect_all() || collect_closure())) return untouch();
  is_exact_ = true;
  forget();
  const PooledVector<Step> starts = std::move(starts_);
  starts_.clear();
  marking_ = true;
  for (const Step s : starts) start_from(s);
  try {
    collect_reached(on_bridge);
  } catch (...) {
    clear_marks();
    throw;
  }
  clear_marks();
  untouch();
  std::sort(variables_.begin(), variables_.end());
}

/// The quickest way: all that was recorded before the starting steps, where much of it is new and nothing in
/// it can be in error. Steps that are not reached cost a look at their adjoint, hence "much": what is swept
/// is paid for by what was recorded since.
bool ScalarSweep::collect_all() {
  RecordBooks* const books = record_.books;
  if (!books || pending_ == 0 || books->bridges != 0 || books->has_reclaimed) return false;
  const std::uint64_t first = position_of(record_, books->order.front() * chunk_size);
  const std::uint64_t end = next_position(record_);
  if (books->last_change > first || end - first > 2 * (end - std::max(first, books->last_swept)))
    return false;
  for (std::size_t i = books->order.size(); i-- > 0;) {
    const Step place = books->order[i];
    if (!spans_.empty() || books->chunk(place * chunk_size).touched)
      spans_.push_back({place * chunk_size, spans_.empty() ? books->chunk(place * chunk_size).high
                                                           : place * chunk_size + used(record_, place) - 1});
  }
  books->last_swept = end;
  return true;
}

/// The quick way: the smallest run of steps in each chunk that takes no input from below it. It may hold
/// steps that are not reached; their adjoints stay "unreached", so they add nothing. False when exactness is
/// needed: a tensor bridge, a reclaimed step or a variable changed since may lie in it.
bool ScalarSweep::collect_closure() {
  RecordBooks* const books = record_.books;
  if (!books) return true;
  for (std::size_t i = books->order.size(); i-- > 0 && pending_ > 0;) {
    const Step base = books->order[i] * chunk_size;
    Chunk& chunk = books->chunk(base);
    if (!chunk.touched) continue;
    kernels::InputRange range;
    Step block = 32;  // grows: a small graph at the end of a full chunk is found soon, a large one quickly
    for (Step last = chunk.high; last >= chunk.low;) {
      // A block may reach below the graph, but not into the graph of a root that was swept before.
      const Step first = std::max(chunk.has_released_root ? chunk.low : base, last - block + 1);
      block = std::min(2 * block, chunk_size);
      kernels::merge_inputs(range, record_, first, last, base);
      chunk.low = std::min(chunk.low, base + range.lowest_inside);
      last = first - 1;
    }
    if (position_of(record_, chunk.low) < books->last_change || holds_special_leaf(chunk)) return false;
    const auto touch_older = [&](Step s) {
      if (s < 0 || chunk_of(s) == chunk_of(base)) return;
      const Chunk& other = books->chunk(s);
      if (other.in_use && other.sequence < chunk.sequence) touch(s);
    };
    if (range.highest_outside >= 0) {
      if (chunk_of(range.lowest_outside) == chunk_of(range.highest_outside)) {
        touch_older(range.lowest_outside);
        touch_older(range.highest_outside);
      } else {
        for (Step s = chunk.low; s <= chunk.high; ++s) for_each_input(record_, s, touch_older);
      }
    }
    close_span(chunk);
  }
  return true;
}

/// Whether the touched steps of a chunk include a bridge or a reclaimed step.
bool ScalarSweep::holds_special_leaf(const Chunk& chunk) const {
  if (!chunk.has_bridges && !chunk.has_reclaimed) return false;
  return std::any_of(record_.entries + chunk.low, record_.entries + chunk.high + 1,
                     [](const Entry& e) { return e.op() == bridge_code || e.op() == reclaimed_code; });
}

/// The exact way: marks inputs of marked steps, from the last step to the first.
void ScalarSweep::collect_reached(const std::function<void(Node*)>& on_bridge) {
  RecordBooks* const books = record_.books;
  if (!books) return;
  for (std::size_t i = books->order.size(); i-- > 0 && pending_ > 0;) {
    const Step base = books->order[i] * chunk_size;
    Chunk& chunk = books->chunk(base);
    if (!chunk.touched) continue;
    for (Step s = chunk.high; s >= chunk.low; --s)  // chunk.low falls as marks are set
      if (record_.flags[s] & marked_flag) visit_reached(s, on_bridge);
    close_span(chunk);
  }
}

void ScalarSweep::visit_reached(Step s, const std::function<void(Node*)>& on_bridge) {
  switch (record_.entries[s].op()) {
    case reclaimed_code:
      fail_released(caller_, "a step on the way");
    case bridge_code:
      return on_bridge(__builtin_bit_cast(Node*, record_.extra[s]));
    default:
      for_each_input(record_, s, [&](Step input) { mark_input(s, input); });
  }
}

void ScalarSweep::mark_input(Step s, Step input) {
  if (!is_variable(input)) {
    touch(input);
    record_.flags[input] |= marked_flag;
    record_.books->chunk(input).has_flags = true;
    return;
  }
  VariableBook& variable = record_.books->variable(input);
  if (s != input && variable.changed_at > position_of(record_, s))
    fail_changed(caller_, variable_text(record_, input), "a step that uses it was recorded");
  if (variable.marked) return;
  variables_.push_back(input);
  variable.marked = true;
}

void ScalarSweep::clear_marks() {
  marking_ = false;
  for (const Step place : touched_) {
    const Chunk& chunk = record_.books->chunks[static_cast<std::size_t>(place)];
    for (Step s = chunk.low; s <= chunk.high; ++s)
      record_.flags[s] = static_cast<std::uint8_t>(record_.flags[s] & ~marked_flag);
  }
  for (const Step v : variables_) record_.books->variable(v).marked = false;
}

void ScalarSweep::close_span(Chunk& chunk) {
  spans_.push_back({chunk.low, chunk.high});
  --pending_;
}

/// What was found lies in spans_: the chunks are free for a sweep within this one.
void ScalarSweep::untouch() {
  for (const Step place : touched_) record_.books->chunks[static_cast<std::size_t>(place)].touched = false;
  touched_.clear();
  pending_ = 0;
}

void ScalarSweep::forget() {
  untouch();
  spans_.clear();
  variables_.clear();
  next_span_ = 0;
}

void ScalarSweep::prepare() {
  if (spans_.empty() || is_holding_) return;
  if (record_.books->running_sweeps > 0) interrupt();
  ++record_.books->running_sweeps;
  record_.hold();
  is_holding_ = true;
}

/// What a sweep under way has not swept yet waits until this one is done.
void ScalarSweep::interrupt() {
  for (const auto& [low, high] : spans_)
    for (Step s = low; s <= high; ++s)
      if (!is_unreached(record_.adjoint[s])) interrupted_.emplace_back(s, record_.adjoint[s]);
  for (const auto& [s, g] : interrupted_) record_.adjoint[s] = unreached;
}

void ScalarSweep::remember_shown(bool hide) {
  for (const auto& [low, high] : spans_)
    for (Step s = low; s <= high; ++s)
      if (record_.entries[s].is_held()) shown_.emplace_back(s, record_.kept[s]);
  if (!hide) return;
  hidden_ = spans_;
  for (const auto& [s, g] : shown_) record_.kept[s] = 0.0;
}

void ScalarSweep::bring_back_shown() noexcept {
  for (const auto& [s, g] : shown_) record_.kept[s] = g;
  shown_.clear();
}

const PooledVector<Step>& ScalarSweep::variables() {
  if (is_exact_ || starts_.empty() || !variables_.empty() || !record_.books) return variables_;
  const std::vector<VariableBook>& books = record_.books->variables;
  variables_.reserve(books.size());
  for (std::size_t i = books.size(); i-- > 0;)
    if (!books[i].retired) variables_.push_back(-1 - static_cast<Step>(i));
  return variables_;
}

/// Ends what prepare() began: nothing is left of a sweep that failed.
void ScalarSweep::finish() {
  if (!is_holding_) return;
  for (; next_span_ < spans_.size(); ++next_span_)
    std::fill(record_.adjoint + spans_[next_span_].low, record_.adjoint + spans_[next_span_].high + 1,
              unreached);
  for (const auto& [s, g] : interrupted_) record_.adjoint[s] = g;
  --record_.books->running_sweeps;
}

void ScalarSweep::add(Step s, double g) { record_.adjoint[s] += g == 0 ? 0.0 : g; }

double ScalarSweep::gradient(Step s) const {
  if (is_variable(s))  // where it was not collected, its adjoint is of earlier sweeps
    return std::binary_search(variables_.begin(), variables_.end(), s) ? record_.adjoint[s] + 0.0 : 0;
  const bool is_collected = std::any_of(hidden_.begin(), hidden_.end(),
                                        [s](const Span& span) { return s >= span.low && s <= span.high; });
  return is_collected ? shown_gradient(record_, s) + 0.0 : 0;
}

template <class SweepSteps>
void ScalarSweep::down_to(std::uint64_t position, const SweepSteps& sweep_steps) {
  for (; next_span_ < spans_.size(); ++next_span_) {
    Span& span = spans_[next_span_];
    if (position_of(record_, span.high) <= position) return;
    const std::uint64_t low = position_of(record_, span.low);
    const Step from = low > position ? span.low : span.low + static_cast<Step>(position + 1 - low);
    sweep_steps(from, span.high);
    if (from != span.low) {
      span.high = from - 1;
      return;
    }
  }
}

/// Sweeps the steps above the last one with hooks, lets these see its gradient, and so on.
template <class SweepSteps, class RunHooks>
void ScalarSweep::sweep_between_hooks(Step low, Step high, const SweepSteps& sweep_steps,
                                      const RunHooks& run_hooks) {
  const auto& hooks = record_.books->hooks;
  if (hooks.empty()) [[likely]]
    return sweep_steps(low, high);
  for (auto next = hooks.upper_bound(high); next != hooks.begin() && std::prev(next)->first >= low;
       next = hooks.lower_bound(high)) {
    const Step hooked = std::prev(next)->first;
    if (hooked < high) sweep_steps(hooked + 1, high);
    high = hooked;
    run_hooks(hooked);
  }
  sweep_steps(low, high);
}

void ScalarSweep::run_hooks(Step s) {
  double& g = record_.adjoint[s];
  if (is_unreached(g)) return;
  const std::shared_ptr<ScalarHooks> hooks = record_.books->hooks.find(s)->second;
  const RecordingScope off(false);
  g = hooks->apply(g).value() + 0.0;
}

void ScalarSweep::record_hooks(Step s, GraphGradients& gradients) {
  const Scalar* const g = gradients.find(s);
  if (!g) return;
  const std::shared_ptr<ScalarHooks> hooks = record_.books->hooks.find(s)->second;
  gradients.set(s, hooks->apply(*g));
}

void ScalarSweep::down_to(std::uint64_t position) {
  down_to(position, [this](Step from, Step to) {
    sweep_between_hooks(
        from, to, [this](Step low, Step high) { sweep_steps(record_, low, high); },
        [this](Step s) { run_hooks(s); });
  });
}

void ScalarSweep::record_down_to(std::uint64_t position, GraphGradients& gradients) {
  down_to(position, [&](Step from, Step to) {
    sweep_between_hooks(
        from, to, [&](Step low, Step high) { record_steps(record_, low, high, gradients); },
        [&](Step s) { record_hooks(s, gradients); });
  });
}

void ScalarSweep::run_variable_hooks() {
  for (const Step v : variables_)
    if (record_.books->hooks.contains(v)) run_hooks(v);
}

void ScalarSweep::record_variable_hooks(GraphGradients& gradients) {
  for (const Step v : variables_)
    if (record_.books->hooks.contains(v)) record_hooks(v, gradients);
}

void ScalarSweep::push_up_to(std::uint64_t position, GraphTangents& tangents) {
  while (!spans_.empty()) {
    Span& span = spans_.back();
    const std::uint64_t low = position_of(record_, span.low), high = position_of(record_, span.high);
    if (low > position) return;
    const Step first = span.low,
               last = high <= position ? span.high : first + static_cast<Step>(position - low);
    if (last == span.high)
      spans_.pop_back();
    else
      span.low = last + 1;
    push_steps(record_, first, last, tangents);
  }
}

void keep_gradient(Record& r, Step s, double g) {
  r.kept[s] = g == 0 ? unreached : g;  // bits 0 would say "none"
  r.books->chunk(s).has_kept = true;
}

double shown_gradient(const Record& r, Step s) {
  if (is_variable(s)) return r.adjoint[s];
  const bool has_kept = r.books->chunk(s).has_kept && __builtin_bit_cast(std::uint64_t, r.kept[s]) != 0;
  return has_kept ? r.kept[s] + 0.0 : unreached;
}

void forget_gradient(Record& r, Step s) {
  if (is_variable(s))
    r.adjoint[s] = unreached;
  else if (r.books->chunk(s).has_kept)
    r.kept[s] = 0.0;
}

std::uint32_t stage_of(Record& r, Step wanted) {
  if (is_variable(wanted)) return 0;
  r.seal();
  RecordBooks& books = *r.books;
  const auto stage = [&](Step s) { return is_variable(s) ? 0 : r.stage[s]; };
  for (const Step place : books.order) {
    Chunk& chunk = books.chunks[static_cast<std::size_t>(place)];
    if (chunk.sequence < books.staged_sequence) continue;
    const Step base = place * chunk_size, to = base + used(r, place);
    for (Step s = base + chunk.stages_to; s < to; ++s) {
      const std::uint8_t op = r.entries[s].op();
      r.stage[s] = op == reclaimed_code ? 0 : 1 + std::max(stage(r.entries[s].a), stage(r.entries[s].b));
      if (op == bridge_code) r.stage[s] = 1 + __builtin_bit_cast(Node*, r.extra[s])->stage;
      if (r.entries[s].is_fused()) r.stage[s] = 1 + std::max(r.stage[s], stage(r.entries[s].c));
    }
    chunk.stages_to = to - base;
    books.staged_sequence = chunk.sequence;
  }
  return r.stage[wanted];
}

std::string variable_text(const Record& r, Step s) {
  const auto name = r.books->names.find(s);
  return variable_text(name == r.books->names.end() ? std::string() : name->second);
}

}  // namespace gradus::detail
