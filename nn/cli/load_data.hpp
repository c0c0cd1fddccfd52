#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include <gradus/nn/cli/settings.hpp>
#include <gradus/nn/data/dataset.hpp>
#include <gradus/nn/data/encoder.hpp>
#include <gradus/nn/data/transforms.hpp>

namespace gradus::cli {

/// Examples with classes, or with values.
using AnyDataset = std::variant<nn::Dataset<>, nn::Dataset<float>>;

xt::xarray<float>& inputs_of(AnyDataset& set);
const xt::xarray<float>& inputs_of(const AnyDataset& set);

/// What stands between a source of data and the model; it goes with the model, so that other data can be made
/// alike.
struct Preprocessing {
  bool regression = false;
  std::optional<nn::Encoder> encoder = {};                 ///< of tables
  std::shared_ptr<const nn::Transform> scale = {};         ///< of inputs; null: none
  std::shared_ptr<const nn::Transform> target_scale = {};  ///< of values to predict; null: none
  std::string link = {};  ///< the model gives this function of the values: "log", "logit"; empty: themselves
  std::vector<std::string> class_names = {};
  std::vector<std::size_t> picture = {};  ///< the shape of the inputs as pictures; empty: they are none
  bool flatten = false;                   ///< whether rows are made vectors
  std::vector<std::size_t> row = {};      ///< the shape of a row as the model takes it; empty: not known
  std::vector<std::string> na = {};       ///< what stands for a missing value in tables

  std::string to_json() const;
  /// DataError for text of another form.
  static Preprocessing from_json(const std::string& text);
};

/// What a model learns from and is judged by.
struct TrainingData {
  AnyDataset train;
  std::optional<AnyDataset>
      held_out;  ///< to judge each epoch by; it may be the test set if nothing is chosen
  std::vector<std::size_t> held_out_rows;  ///< where it is a part of the source's rows: which they are
  std::optional<AnyDataset> test;          ///< to judge the result by, if this is not held_out
  std::string judged_by;                   ///< what the result is judged by, in words
  Preprocessing preprocessing;
  std::vector<std::string> doubts = {};  ///< lines of warning
};

/// Data as the settings say, divided and scaled. DataError and ValueError as of the readers in nn/data.
TrainingData load_training_data(const TrainSettings& settings);

/// Data like those that a model has learnt from, to judge it by: of sources with a test set this.
AnyDataset load_examples(const DataSettings& settings, const Preprocessing& preprocessing);

/// The same without targets, which need not be there.
xt::xarray<float> load_inputs(const DataSettings& settings, const Preprocessing& preprocessing);

/// Names of the sets that can be generated, and of what may become of missing values and scales.
std::vector<std::string> generated_names();
std::vector<std::string> missing_names();
std::vector<std::string> scale_names();

}  // namespace gradus::cli
