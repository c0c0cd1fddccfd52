#pragma once

#include <string>
#include <vector>

#include <gradus/nn/cli/load_data.hpp>
#include <gradus/nn/cli/make_parts.hpp>
#include <gradus/nn/training/metric.hpp>

/// Values to predict are scaled for the model alone: what it learns is (t - shift) / scale, or a logarithm or
/// logit. Targets in data sets, predictions, metrics and files are in the units of the data.
namespace gradus::cli {

/// The scale of the targets that the settings ask for, learnt from these: by default "standardize" for losses
/// that measure distances. Null: none. UsageError for classes, and for a loss whose targets have a meaning of
/// their own.
std::shared_ptr<const nn::Transform> learn_target_scale(const TrainSettings& settings,
                                                        const AnyDataset& train);

/// The function of the values that a model gives when it learns by this loss, as generalised linear models
/// have it: "log" of counts (poisson_nll), "logit" of probabilities (binary_cross_entropy); empty for others.
std::string link_of(const std::string& loss);

/// What a model gave, in the units of the targets.
xt::xarray<float> in_units(const Preprocessing& preprocessing, xt::xarray<float> outputs);

/// The loss of what a model gives against targets in their units. UsageError as of make_loss().
template <class Target>
Loss<Target> scaled_loss(const std::string& name, double label_smoothing, const Preprocessing& preprocessing);

/// Metrics of what a model gives, in the units of the targets.
template <class Target>
std::vector<nn::Metric<float, Target>> in_units(const Preprocessing& preprocessing,
                                                std::vector<nn::Metric<float, Target>> metrics);

}  // namespace gradus::cli
