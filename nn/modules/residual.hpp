#pragma once

#include <utility>

#include <gradus/nn/modules/sequential.hpp>

namespace gradus::nn {

/// y = x + f(x): a module that learns what to add. Its parameters are those of f, "body.weight". Source:
/// K. He, X. Zhang, S. Ren, J. Sun, "Deep residual learning for image recognition" (2015).
///
///     nn::Residual block{nn::Sequential{nn::Linear{64, 64, rng}, nn::ReLU{}, nn::Linear{64, 64, rng}}};
///
/// A handle: copies share f.
template <class T>
class Residual : public ModuleMembers<Residual<T>, T> {
 public:
  explicit Residual(Module<T> f) : body_(std::move(f)) { name_variables(this->named_parameters()); }

  /// ShapeError unless f(x) has the shape of x.
  Tensor<T> operator()(const Tensor<T>& x) const;

  ModuleParts<T> parts() const { return {.type = "Residual", .children = {{"body", body_}}}; }

 private:
  Module<T> body_;
};

template <class M>
Residual(M) -> Residual<typename detail::ElementOfModules<M>::type>;

extern template class Residual<float>;
extern template class Residual<double>;

}  // namespace gradus::nn
