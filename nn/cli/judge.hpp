#pragma once

#include <iosfwd>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gradus/nn/cli/load_data.hpp>
#include <gradus/nn/modules/module.hpp>
#include <gradus/nn/training/classification.hpp>
#include <gradus/nn/training/metric.hpp>

namespace gradus::cli {

/// The metrics that go with the targets; the first is the one that matters most.
template <class Target>
std::vector<nn::Metric<float, Target>> metrics_of();

/// What a model gives on examples.
struct Judgement {
  std::size_t rows = 0;
  xt::xarray<float> predictions;  ///< values in the units of the targets
  double loss = 0;
  std::vector<std::pair<std::string, double>> metrics = {};
  std::optional<nn::ConfusionMatrix> confusion = {};  ///< of classes
};

/// The model in evaluation, by the loss of that name. ShapeError when it does not fit the examples.
Judgement judge(const nn::Module<float>& model, const Preprocessing& preprocessing, const AnyDataset& set,
                const std::string& loss, double label_smoothing);

/// What the model gives for inputs, in the units of the targets. DataError when it gives another number of
/// scores than there are names of classes.
xt::xarray<float> predict_in_units(const nn::Module<float>& model, const Preprocessing& preprocessing,
                                   const xt::xarray<float>& inputs);

/// Loss, metrics and confusion matrix as text.
void print(std::ostream& out, const Judgement& judgement, const std::vector<std::string>& class_names);

/// A metric or loss as people read it: "98.40%", "0.0512".
std::string metric_text(const std::string& name, double value);

}  // namespace gradus::cli
