#include <gradus/core/array.hpp>
#include <gradus/core/backward.hpp>
#include <gradus/core/no_grad.hpp>
#include <gradus/core/rng.hpp>
#include <gradus/nn/modules/check_module.hpp>
#include <gradus/ops/elementwise.hpp>
#include <gradus/ops/reduce.hpp>

namespace gradus::nn {
namespace {

/// What a module holds besides what it learns; put back at the end, and before each run, so that all are
/// alike.
template <class T>
class Held {
 public:
  explicit Held(const Module<T>& module) : states_(module.named_states()), buffers_(module.named_buffers()) {
    for (const NamedState& each : states_) old_states_.push_back(*each.state);
    for (const NamedBuffer<T>& each : buffers_) old_buffers_.emplace_back(each.buffer.value());
  }
  void put_back() const {
    for (std::size_t i = 0; i < states_.size(); ++i) *states_[i].state = old_states_[i];
    for (std::size_t i = 0; i < buffers_.size(); ++i) buffers_[i].buffer.set_value(old_buffers_[i]);
  }

 private:
  NamedStates states_;
  NamedBuffers<T> buffers_;
  std::vector<ModuleState> old_states_;
  std::vector<Array<T>> old_buffers_;
};

/// A module's weighted sum as a function of variables that are not its own.
template <class T>
class WeightedSum {
 public:
  WeightedSum(const Module<T>& module, const Tensor<T>& x, std::uint64_t seed)
      : module_(module), held_(module), x_(x), own_(module.parameters()), weights_(T(0)) {
    if (x.requires_grad()) own_.push_back(x);
    for (const Tensor<T>& each : own_) before_.emplace_back(each.value());
    Rng rng(seed);
    Array<T> weights = empty_array<T>(module(x).shape());
    for (T& each : weights) each = static_cast<T>(rng.normal());
    weights_ = Tensor<T>(std::move(weights));
  }
  ~WeightedSum() {
    held_.put_back();
    for (std::size_t i = 0; i < own_.size(); ++i) own_[i].set_value(before_[i]);
  }
  WeightedSum(const WeightedSum&) = delete;
  WeightedSum& operator=(const WeightedSum&) = delete;

  const std::vector<Tensor<T>>& variables() const { return own_; }

  /// The value at `in`, and a graph of the very gradients that a sweep of the module gives: to the value,
  /// which is a constant, is added g (in - in), which is 0 and has the gradient g.
  Tensor<T> operator()(const std::vector<Tensor<T>>& in) const {
    held_.put_back();
    for (std::size_t i = 0; i < in.size(); ++i) own_[i].set_value(in[i].value());
    const Tensor<T> value = sum(weights_ * module_(x_));
    Tensor<T> result = value.detach();
    if (!is_recording()) return result;
    const std::vector<Tensor<T>> g = grad(value, own_);
    for (std::size_t i = 0; i < in.size(); ++i)
      result = result + sum(g[i].detach() * (in[i] - in[i].detach()));
    return result;
  }

 private:
  const Module<T>& module_;
  Held<T> held_;
  Tensor<T> x_;
  std::vector<Tensor<T>> own_;
  std::vector<Array<T>> before_;
  Tensor<T> weights_;
};

}  // namespace

template <class T>
GradientCheck check_module(const Module<T>& module, const Tensor<T>& x, const CheckModuleOptions& options) {
  const WeightedSum<T> f(module, x, options.check.seed);
  CheckOptions check = options.check;
  check.localise = false;
  const auto call = [&f](const std::vector<Tensor<T>>& in) { return f(in); };
  return options.directional ? check_directional(call, f.variables(), check)
                             : check_gradients(call, f.variables(), check);
}
template GradientCheck check_module(const Module<float>&, const Tensor<float>&, const CheckModuleOptions&);
template GradientCheck check_module(const Module<double>&, const Tensor<double>&, const CheckModuleOptions&);

}  // namespace gradus::nn
