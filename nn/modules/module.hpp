#pragma once

#include <concepts>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gradus/core/scope.hpp>
#include <gradus/nn/modules/parts.hpp>

namespace gradus::nn {

/// What every module offers beside its value, made of what Derived says in parts(). Names are those in the
/// model: "0.weight".
template <class Derived, class T>
class ModuleMembers {
 public:
  using value_type = T;

  /// All that is learnt, here and in the children; each once, though a module may stand in several places.
  NamedParameters<T> named_parameters() const { return nn::named_parameters(self_parts()); }
  std::vector<Tensor<T>> parameters() const { return tensors_of(named_parameters()); }
  NamedBuffers<T> named_buffers() const { return nn::named_buffers(self_parts()); }
  NamedStates named_states() const { return nn::named_states(self_parts()); }

  /// Puts the module and all below it into training, in which dropout drops and batch normalisation takes the
  /// statistics of the batch. That is how modules begin.
  void train(bool on = true) const {
    for (const NamedState& each : named_states()) each.state->training = on;
  }
  /// Puts them into evaluation, in which a result depends on the input and on what was learnt alone.
  void eval() const { train(false); }

 private:
  ModuleParts<T> self_parts() const { return static_cast<const Derived&>(*this).parts(); }
};

/// While one lives a model is in evaluation; then each of its modules is as it was before.
///
///     nn::EvalMode eval{model};
class EvalMode {
 public:
  template <class M>
  explicit EvalMode(const M& model) : EvalMode(model.named_states()) {}
  explicit EvalMode(const NamedStates& states) {
    for (const NamedState& each : states) before_.push_back({each.state, each.state->training});
    for (const NamedState& each : states) each.state->training = false;
  }
  ~EvalMode() {
    for (const auto& [state, training] : before_) state->training = training;
  }
  EvalMode(const EvalMode&) = delete;
  EvalMode& operator=(const EvalMode&) = delete;

 private:
  std::vector<std::pair<std::shared_ptr<ModuleState>, bool>> before_;
};

/// A module over T is whatever can be called with a tensor and gives one: a layer, an activation, a model, a
/// lambda. What else there is to know of it it says in parts(); if it has none, named_parameters() may tell
/// what it learns.
template <class M, class T>
concept ModuleOf = requires(const M& module, const Tensor<T>& x) {
  { module(x) } -> std::same_as<Tensor<T>>;
};

namespace detail {

/// What would be a module if its operator() were const.
template <class M, class T>
concept MutableModuleOf = !ModuleOf<M, T> && requires(M & module, const Tensor<T>& x) {
  { module(x) } -> std::same_as<Tensor<T>>;
};

/// A module over another type.
template <class M, class T>
concept ModuleOfOther = !ModuleOf<M, T> && requires {
  typename M::value_type;
}
&&!std::same_as<typename M::value_type, T> && ModuleOf<M, typename M::value_type>;

}  // namespace detail

/// Any module over T. A handle: copies share the module, and with it the parameters.
template <class T>
class Module : public ModuleMembers<Module<T>, T> {
 public:
  template <class M>
  requires(!std::same_as<M, Module> && ModuleOf<M, T>) Module(M module)
      : self_(std::make_shared<const Holder<M>>(std::move(module))) {}

  /// What is nearly a module; the compiler says what is wrong with it.
  template <class M>
  requires(detail::MutableModuleOf<M, T> || detail::ModuleOfOther<M, T>) Module(M) {
    static_assert(!detail::MutableModuleOf<M, T>,
                  "a module's operator() must be const: "
                  "Tensor<T> operator()(const Tensor<T>& x) const");
    static_assert(!detail::ModuleOfOther<M, T>,
                  "a module over another type than the model: write the type of "
                  "both, nn::Sequential<double>{..., nn::Linear<double>{...}}");
  }

  Tensor<T> operator()(const Tensor<T>& x) const { return self_->forward(x); }
  ModuleParts<T> parts() const { return self_->parts(); }

  /// The module itself, if it is an M: `model.modules()[0].as<nn::Linear<float>>()`; null if it is another.
  template <class M>
  const M* as() const {
    const auto* const holder = dynamic_cast<const Holder<M>*>(self_.get());
    return holder ? &holder->module : nullptr;
  }

 private:
  struct Base {
    virtual ~Base() = default;
    virtual Tensor<T> forward(const Tensor<T>& x) const = 0;
    virtual ModuleParts<T> parts() const = 0;
  };

  template <class M>
  struct Holder final : Base {
    explicit Holder(M m) : module(std::move(m)) {}
    Tensor<T> forward(const Tensor<T>& x) const override { return module(x); }
    ModuleParts<T> parts() const override {
      if constexpr (requires { module.template parts<T>(); })  // one that is a module over float and double
        return module.template parts<T>();
      else if constexpr (requires { module.parts(); })
        return module.parts();
      else if constexpr (requires { module.named_parameters(); })
        return {.parameters = module.named_parameters()};
      else
        return {};
    }
    M module;
  };

  std::shared_ptr<const Base> self_;
};

namespace detail {

/// A module that has run as a part of another, and the shape of what it gave.
struct ChildRun {
  std::string path;  ///< "layers.0"
  Shape shape;
};

/// Where run_child() notes what it has run; null: nowhere.
inline constinit thread_local std::vector<ChildRun>* child_runs = nullptr;

}  // namespace detail

/// The one way in which modules run their parts: child(x), recorded in the scope of the name that the child
/// has in its parent's parts().
template <class M, class T>
Tensor<T> run_child(const M& child, const std::string& name, const Tensor<T>& x) {
  const Scope scope{name};
  Tensor<T> y = child(x);
  if (detail::child_runs) [[unlikely]]
    detail::child_runs->push_back({current_scope(), y.shape()});
  return y;
}

}  // namespace gradus::nn
