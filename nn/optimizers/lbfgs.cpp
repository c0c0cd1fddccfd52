#include <algorithm>
#include <cmath>
#include <utility>

#include <gradus/core/expected.hpp>
#include <gradus/core/number_text.hpp>
#include <gradus/nn/optimizers/lbfgs.hpp>
#include <gradus/ops/kernels/gemm.hpp>
#include <gradus/ops/kernels/vector.hpp>

namespace gradus::nn {
namespace {

constexpr double smallest_curvature = 1e-10;

template <class T>
double dot(const Array<T>& a, const Array<T>& b) {
  T sum = 0;
  if (a.size() > 0)
    kernels::gemm(kernels::Trans::no, kernels::Trans::no, 1, 1, a.size(), a.data(), b.data(), T(0), &sum);
  return static_cast<double>(sum);
}

template <class T>
double largest_size(const Array<T>& x) {
  double largest = 0;
  for (const T value : x)
    if (const double size = std::abs(static_cast<double>(value)); !(size <= largest)) largest = size;
  return largest;
}

template <class T>
double sum_of_sizes(const Array<T>& x) {
  double sum = 0;
  for (const T value : x) sum += std::abs(static_cast<double>(value));
  return sum;
}

template <class T>
void add(double factor, const Array<T>& x, Array<T>& y) {
  kernels::axpy(static_cast<T>(factor), x.data(), y.data(), y.size());
}

/// factor x.
template <class T>
Array<T> scaled(const Array<T>& x, double factor) {
  Array<T> y = x;
  kernels::scale(y.data(), static_cast<T>(factor), y.size());
  return y;
}

std::string pair_name(const char* part, std::size_t i) { return std::string(part) + "." + std::to_string(i); }

}  // namespace

template <class T>
LBFGS<T>::LBFGS(std::vector<Tensor<T>> parameters, const LBFGSOptions& options)
    : Optimizer<T>("LBFGS"), options_(options) {
  this->check_not_negative("tolerance_grad", options.tolerance_grad);
  this->check_not_negative("tolerance_change", options.tolerance_change);
  gradus::detail::check_at_least_one("LBFGS", "max_iter", options.max_iter);
  gradus::detail::check_at_least_one("LBFGS", "history_size", options.history_size);
  if (options.max_eval == 0) options_.max_eval = options.max_iter + options.max_iter / 4;
  this->add_parameters(std::move(parameters), options.lr);
  for (const Tensor<T>& parameter : this->parameters()) size_ += parameter.size();
}

template <class T>
void LBFGS<T>::take_step() {
  this->fail("step() without a closure: expected step([&] { ...; loss.backward(); return loss; })");
}

template <class T>
double LBFGS<T>::take_step(const Closure& closure) {
  detail::LinePoint<T> here = evaluate(closure);
  const double first_loss = here.loss;
  if (!std::isfinite(first_loss))
    this->fail("the closure gave the loss " + gradus::detail::number_text(first_loss) +
               ": expected a finite number");
  const std::size_t evaluations_before = evaluations_ - 1;
  for (std::size_t i = 0; i < options_.max_iter; ++i) {
    if (largest_size(here.gradient) <= options_.tolerance_grad) break;
    if (!take_direction(closure, here)) break;
    if (evaluations_ - evaluations_before >= options_.max_eval) break;
  }
  return first_loss;
}

/// Goes from `here` along a new direction; false when that changes next to nothing.
template <class T>
bool LBFGS<T>::take_direction(const Closure& closure, detail::LinePoint<T>& here) {
  remember_pair(here.gradient);
  find_direction(here.gradient);
  last_gradient_ = here.gradient;
  last_length_ = 0;
  const double first = ++iterations_ == 1 ? std::min(1.0, 1 / sum_of_sizes(here.gradient)) : 1;
  here.step = 0;
  here.slope = dot(here.gradient, direction_);
  if (!(here.slope <= -options_.tolerance_change)) return false;

  const Array<T> start = flat_values();
  const auto go = [&](double step) {
    set_values(start, step);
    detail::LinePoint<T> point = evaluate(closure);
    point.step = step;
    point.slope = dot(point.gradient, direction_);
    return point;
  };
  const double largest_direction = largest_size(direction_), loss_before = here.loss;
  try {
    here = detail::strong_wolfe<T>(
               go, here, first * this->lr(),
               {.smallest_move = options_.tolerance_change, .largest_direction = largest_direction})
               .point;
  } catch (...) {
    set_values(start, 0);
    throw;
  }
  last_length_ = here.step;
  set_values(start, here.step);
  return largest_direction * std::abs(here.step) > options_.tolerance_change &&
         std::abs(here.loss - loss_before) >= options_.tolerance_change;
}

/// What the last direction has taught: s = x - x_before, y = g - g_before.
template <class T>
void LBFGS<T>::remember_pair(const Array<T>& gradient) {
  if (iterations_ == 0) return;
  Array<T> y = gradient;
  add(-1, last_gradient_, y);
  Pair pair = make_pair(scaled(direction_, last_length_), std::move(y));
  if (!(pair.curvature > smallest_curvature)) return;
  if (history_.size() == options_.history_size) history_.pop_front();
  history_.push_back(std::move(pair));
}

/// direction_ = -H gradient, by the two-loop recursion.
template <class T>
void LBFGS<T>::find_direction(const Array<T>& gradient) {
  Array<T> d = scaled(gradient, -1);
  std::vector<double> along(history_.size());
  for (std::size_t i = history_.size(); i-- > 0;) {
    along[i] = dot(history_[i].s, d) / history_[i].curvature;
    add(-along[i], history_[i].y, d);
  }
  if (!history_.empty()) {
    const Pair& last = history_.back();
    d = scaled(d, last.curvature / dot(last.y, last.y));
  }
  for (std::size_t i = 0; i < history_.size(); ++i)
    add(along[i] - dot(history_[i].y, d) / history_[i].curvature, history_[i].s, d);
  direction_ = std::move(d);
}

template <class T>
typename LBFGS<T>::Pair LBFGS<T>::make_pair(Array<T> s, Array<T> y) const {
  const double curvature = dot(y, s);
  return {std::move(s), std::move(y), curvature};
}

template <class T>
detail::LinePoint<T> LBFGS<T>::evaluate(const Closure& closure) {
  ++evaluations_;
  const double loss = static_cast<double>(closure().item());
  detail::LinePoint<T> point{0, loss, full_array<T>({size_}, T(0)), 0};
  T* out = point.gradient.data();
  for (const Tensor<T>& parameter : this->parameters()) {
    if (parameter.has_grad()) kernels::copy(parameter.grad().data(), out, parameter.size());
    out += parameter.size();
  }
  return point;
}

template <class T>
Array<T> LBFGS<T>::flat_values() const {
  Array<T> values = empty_array<T>({size_});
  T* out = values.data();
  for (const Tensor<T>& parameter : this->parameters()) {
    kernels::copy(parameter.data(), out, parameter.size());
    out += parameter.size();
  }
  return values;
}

/// The parameters at start + step direction_.
template <class T>
void LBFGS<T>::set_values(const Array<T>& start, double step) {
  Array<T> values = start;
  if (step != 0) add(step, direction_, values);
  const T* from = values.data();
  for (const Tensor<T>& parameter : this->parameters()) {
    kernels::copy(from, parameter.change("step").data(), parameter.size());
    from += parameter.size();
  }
}

template <class T>
void LBFGS<T>::save(State& state) const {
  state.numbers["iterations"] = static_cast<double>(iterations_);
  state.numbers["evaluations"] = static_cast<double>(evaluations_);
  state.numbers["pairs"] = static_cast<double>(history_.size());
  state.numbers["length"] = last_length_;
  for (std::size_t i = 0; i < history_.size(); ++i) {
    state.keep(pair_name("s", i), history_[i].s);
    state.keep(pair_name("y", i), history_[i].y);
  }
  if (iterations_ == 0) return;
  state.keep("direction", direction_);
  state.keep("gradient", last_gradient_);
}

/// What a state must have depends on how far it has come.
template <class T>
std::vector<std::string> LBFGS<T>::find_mismatches(const State& state) const {
  LBFGS like = *this;
  const auto number = [&](const char* name) {
    const auto found = state.numbers.find(name);
    return found == state.numbers.end() ? 0.0 : found->second;
  };
  const double pairs = number("pairs");
  if (pairs > static_cast<double>(options_.history_size))
    return {"pairs is " + gradus::detail::number_text(pairs) + ": expected at most " +
            std::to_string(options_.history_size) + ", the history_size"};
  const Array<T> vector = full_array<T>({size_}, T(0));
  like.iterations_ = number("iterations") > 0 ? 1 : 0;
  like.direction_ = like.last_gradient_ = vector;
  like.history_.assign(pairs > 0 ? static_cast<std::size_t>(pairs) : 0, Pair{vector, vector, 1});
  return nn::mismatches(state, static_cast<const Optimizer<T>&>(like).state());
}

template <class T>
void LBFGS<T>::restore(const State& state) {
  std::deque<Pair> history;
  for (std::size_t i = 0; i < static_cast<std::size_t>(state.numbers.at("pairs")); ++i)
    history.push_back(make_pair(state.array<T>(pair_name("s", i)), state.array<T>(pair_name("y", i))));
  iterations_ = static_cast<std::size_t>(state.numbers.at("iterations"));
  evaluations_ = static_cast<std::size_t>(state.numbers.at("evaluations"));
  last_length_ = state.numbers.at("length");
  if (iterations_ > 0) {
    direction_ = state.array<T>("direction");
    last_gradient_ = state.array<T>("gradient");
  }
  history_ = std::move(history);
}

template class LBFGS<float>;
template class LBFGS<double>;

}  // namespace gradus::nn
