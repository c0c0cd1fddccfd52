#pragma once

#include <cstddef>

#include <gradus/nn/modules/module.hpp>

namespace gradus::nn {

/// y = x where x > 0, else w x, with a slope w that is learnt: one for all, or one for each extent of axis 1.
/// At 0 the derivative is w. Source: K. He, X. Zhang, S. Ren, J. Sun, "Delving Deep into Rectifiers" (2015),
/// section 2.1. A handle: copies share w.
template <class T = float>
class PReLU : public ModuleMembers<PReLU<T>, T> {
 public:
  /// ValueError for no slopes.
  explicit PReLU(std::size_t slopes = 1, double initial = 0.25);

  /// ShapeError, when there are several slopes, unless axis 1 of x has as many.
  Tensor<T> operator()(const Tensor<T>& x) const;

  /// "weight"
  ModuleParts<T> parts() const;

 private:
  double initial_;
  Tensor<T> weight_;
};

extern template class PReLU<float>;
extern template class PReLU<double>;

}  // namespace gradus::nn
