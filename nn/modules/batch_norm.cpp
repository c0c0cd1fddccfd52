#include <gradus/core/expected.hpp>
#include <gradus/core/replay.hpp>
#include <gradus/nn/modules/batch_norm.hpp>
#include <gradus/ops/elementwise.hpp>
#include <gradus/ops/layout.hpp>
#include <gradus/ops/reduce.hpp>

namespace gradus::nn {
namespace {

void check_options(const std::string& type, std::size_t features, const BatchNormOptions& options) {
  gradus::detail::check_at_least_one(type, "features", features);
  gradus::detail::check_positive(type, "eps", options.eps);
  gradus::detail::check_fraction(type, "momentum", options.momentum);
}

/// All axes but that of the features.
std::vector<std::ptrdiff_t> other_axes(const Shape& shape) {
  std::vector<std::ptrdiff_t> axes{0};
  for (std::size_t axis = 2; axis < shape.size(); ++axis) axes.push_back(static_cast<std::ptrdiff_t>(axis));
  return axes;
}

/// (1 - momentum) running + momentum latest
template <class T>
void blend(const Buffer<T>& running, const Array<T>& latest, double momentum, double scale) {
  Array<T> next = running.value();
  for (std::size_t i = 0; i < next.size(); ++i)
    next.data()[i] = static_cast<T>((1 - momentum) * static_cast<double>(next.data()[i]) +
                                    momentum * scale * static_cast<double>(latest.data()[i]));
  running.set_value(std::move(next));
}

}  // namespace

template <class T>
BatchNorm<T>::BatchNorm(std::string type, std::size_t features, std::size_t fewest_axes,
                        std::size_t most_axes, const BatchNormOptions& options)
    : type_(std::move(type)),
      features_(features),
      fewest_axes_(fewest_axes),
      most_axes_(most_axes),
      options_(options),
      running_mean_(full_array<T>({features}, T(0))),
      running_var_(full_array<T>({features}, T(1))) {
  check_options(type_, features, options);
  if (options.affine) {
    weight_ = variable(full_array<T>({features}, T(1)));
    bias_ = variable(full_array<T>({features}, T(0)));
  }
  name_variables(this->named_parameters());
}

template <class T>
Shape BatchNorm<T>::checked_shape(const Tensor<T>& x, bool training) const {
  const Shape shape = x.shape();
  if (shape.size() < fewest_axes_ || shape.size() > most_axes_ || shape[1] != features_)
    throw ShapeError("[" + type_ + "] input " + to_string(shape) + ": expected " +
                     std::to_string(fewest_axes_) +
                     (most_axes_ > fewest_axes_ ? " or " + std::to_string(most_axes_) : "") +
                     " axes, axis 1 of extent " + std::to_string(features_));
  if (training && count(shape) <= features_)
    throw ValueError(
        "[" + type_ + "] input " + to_string(shape) +
        " in training: expected more than one value a feature, of which there is a variance "
        "(a batch of one row has none: another batch size, or drop_last of a DataLoader, avoids it; in "
        "evaluation the running statistics count)");
  return shape;
}

template <class T>
Tensor<T> BatchNorm<T>::operator()(const Tensor<T>& x) const {
  const bool training = as_at_first(state_->training);
  const Shape shape = checked_shape(x, training);
  Shape along(shape.size(), 1);  // of what there is once a feature
  along[1] = features_;
  const auto per_feature = [&](const Tensor<T>& v) { return reshape(v, along); };

  Tensor<T> center, spread;
  if (training) {
    const auto axes = other_axes(shape);
    center = mean(x, axes, true);
    spread = var(x, axes, true);
    if (!is_replay()) follow(center.value(), spread.value(), count(shape) / features_);
  } else {
    center = per_feature(as_at_first(running_mean_.value()));
    spread = per_feature(as_at_first(running_var_.value()));
  }
  Tensor<T> scale = rsqrt(spread + options_.eps);
  if (weight_) scale = scale * per_feature(*weight_);
  const Tensor<T> y = (x - center) * scale;
  return bias_ ? y + per_feature(*bias_) : y;
}

template <class T>
void BatchNorm<T>::follow(const Array<T>& mean, const Array<T>& var, std::size_t n) const {
  const auto values = static_cast<double>(n);
  blend(running_mean_, mean, options_.momentum, 1);
  blend(running_var_, var, options_.momentum, values / (values - 1));
}

template <class T>
ModuleParts<T> BatchNorm<T>::parts() const {
  ModuleParts<T> parts{.type = type_,
                       .attributes = {{"features", detail::attribute(features_)},
                                      {"eps", options_.eps},
                                      {"momentum", options_.momentum},
                                      {"affine", options_.affine}},
                       .buffers = {{"running_mean", running_mean_}, {"running_var", running_var_}},
                       .state = state_};
  if (weight_) parts.parameters = {{"weight", *weight_}, {"bias", *bias_}};
  return parts;
}

template class BatchNorm<float>;
template class BatchNorm<double>;

}  // namespace gradus::nn
