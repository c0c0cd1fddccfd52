#pragma once

#include <cstddef>
#include <deque>
#include <initializer_list>
#include <vector>

#include <gradus/nn/optimizers/line_search.hpp>
#include <gradus/nn/optimizers/optimizer.hpp>

namespace gradus::nn {

struct LBFGSOptions {
  double lr = 1;                   ///< the length along the direction that is tried first
  std::size_t max_iter = 20;       ///< how many directions a step takes at most
  std::size_t max_eval = 0;        ///< after how many closures a step takes no more; 0: 5/4 max_iter
  double tolerance_grad = 1e-7;    ///< done when no element of the gradient is larger
  double tolerance_change = 1e-9;  ///< done when neither a parameter nor the loss changes by more
  std::size_t history_size = 100;  ///< how many pairs (s, y) are remembered
};

/// L-BFGS: a quasi-Newton method for functions without noise (full batches). The direction is d = -H g, where
/// H, the approximate inverse of the Hessian, is made of the last pairs s = x_(k+1) - x_k,
/// y = g_(k+1) - g_k by the two-loop recursion, beginning with s.y / y.y times the identity; pairs with s.y
/// not above 1e-10 are left out. How far to go along d is found by a line search for the strong Wolfe
/// conditions. All parameters together are one vector x; one that no gradient has reached has the gradient 0.
///
///     nn::LBFGS opt{model.parameters()};
///     opt.step([&] {
///       opt.zero_grad();
///       const Tensor<double> loss = nn::mse_loss(model(x), y);
///       loss.backward();
///       return loss;
///     });
///
/// Source: J. Nocedal, S. J. Wright, "Numerical optimization" (2006), algorithms 7.4 and 7.5; the first step
/// is min(1, 1 / |g|_1) lr, and the tolerances are used as in PyTorch.
template <class T>
class LBFGS final : public Optimizer<T> {
 public:
  /// ValueError when there is no parameter, when one is no variable or is given twice, unless lr is positive
  /// and finite, unless the tolerances are finite and not negative, or when max_iter or history_size is 0.
  explicit LBFGS(std::vector<Tensor<T>> parameters, const LBFGSOptions& options = {});

  const LBFGSOptions& options() const { return options_; }
  /// How many directions have been taken, and how often a closure was called, in all steps.
  std::size_t iterations() const { return iterations_; }
  std::size_t evaluations() const { return evaluations_; }

 private:
  using typename Optimizer<T>::Closure;

  struct Pair {
    Array<T> s, y;
    double curvature;  // s.y
  };

  void take_step() override;
  /// ValueError when the loss is not finite at the beginning. What the closure throws leaves the parameters
  /// where the last complete direction has brought them.
  double take_step(const Closure& closure) override;
  bool take_direction(const Closure& closure, detail::LinePoint<T>& here);
  void remember_pair(const Array<T>& gradient);
  void find_direction(const Array<T>& gradient);

  detail::LinePoint<T> evaluate(const Closure& closure);
  Array<T> flat_values() const;
  void set_values(const Array<T>& start, double step);

  void save(State& state) const override;
  void restore(const State& state) override;
  std::vector<std::string> find_mismatches(const State& state) const override;
  Pair make_pair(Array<T> s, Array<T> y) const;

  LBFGSOptions options_;
  std::size_t size_ = 0;  // how many elements all parameters have
  std::deque<Pair> history_;
  Array<T> direction_, last_gradient_;  // empty before the first iteration
  double last_length_ = 0;              // how far it went along direction_
  std::size_t iterations_ = 0, evaluations_ = 0;
};

template <class T>
LBFGS(std::initializer_list<Tensor<T>>, const LBFGSOptions& = {}) -> LBFGS<T>;

extern template class LBFGS<float>;
extern template class LBFGS<double>;

}  // namespace gradus::nn
