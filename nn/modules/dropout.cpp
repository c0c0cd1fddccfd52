#include <cmath>
#include <cstdint>

#include <gradus/core/expected.hpp>
#include <gradus/core/replay.hpp>
#include <gradus/nn/modules/dropout.hpp>
#include <gradus/ops/elementwise.hpp>

namespace gradus::nn {
namespace {

/// 0 with probability p, else 1 / (1 - p); from each number of the generator two of them.
template <class T>
Array<T> draw_mask(const Shape& shape, double p, Rng& rng) {
  const auto threshold = static_cast<std::uint64_t>(std::ldexp(p, 32));
  const T kept = p < 1 ? static_cast<T>(1 / (1 - p)) : T(0);
  Array<T> mask = empty_array<T>(shape);
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < mask.size(); ++i) {
    bits = i % 2 == 0 ? rng.bits() : bits >> 32;
    mask.data()[i] = (bits & 0xffffffff) < threshold ? T(0) : kept;
  }
  return mask;
}

}  // namespace

Dropout::Dropout(double p, Rng& rng) : p_(p) {
  gradus::detail::check_fraction("Dropout", "p", p);
  state_ = std::make_shared<ModuleState>(ModuleState{.rng = Rng{rng.bits()}});
}

template <class T>
Tensor<T> Dropout::operator()(const Tensor<T>& x) const {
  if (!as_at_first(state_->training) || p_ == 0) return x;
  Rng rng = as_at_first(*state_->rng);
  const Tensor<T> mask(draw_mask<T>(x.shape(), p_, rng));
  if (!is_replay()) *state_->rng = rng;
  return x * mask;
}
template Tensor<float> Dropout::operator()(const Tensor<float>&) const;
template Tensor<double> Dropout::operator()(const Tensor<double>&) const;

}  // namespace gradus::nn
