#include <numeric>

#include <nlohmann/json.hpp>

#include <gradus/core/error.hpp>
#include <gradus/nn/cli/choices.hpp>
#include <gradus/nn/cli/load_data.hpp>
#include <gradus/nn/cli/sources.hpp>
#include <gradus/nn/cli/target_scale.hpp>
#include <gradus/nn/data/parse_json.hpp>
#include <gradus/nn/data/split.hpp>

namespace gradus::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr double usual_fraction = 0.2;

struct ScaleRow {
  std::string name;
  std::function<std::unique_ptr<nn::Transform>(nn::ScaleOptions)> make;
};

const std::vector<ScaleRow>& scales() {
  static const std::vector<ScaleRow> rows{
      {"none", [](nn::ScaleOptions) { return nullptr; }},
      {"standardize", [](nn::ScaleOptions options) { return std::make_unique<nn::Standardize>(options); }},
      {"min_max", [](nn::ScaleOptions options) { return std::make_unique<nn::MinMax>(0, 1, options); }}};
  return rows;
}

/// The columns of a table may be of any size.
std::string scale_name(const TrainSettings& settings, const Preprocessing& preprocessing) {
  if (!settings.scale.empty()) return settings.scale;
  return preprocessing.encoder && !settings.scale_together ? "standardize" : "none";
}

void flatten(xt::xarray<float>& inputs) {
  const std::size_t rows = inputs.dimension() == 0 ? 0 : inputs.shape(0);
  if (rows == 0) throw DataError("the data have no rows: expected at least one");
  inputs.reshape({rows, inputs.size() / rows});
}

void prepare(xt::xarray<float>& inputs, const Preprocessing& preprocessing) {
  if (preprocessing.flatten) flatten(inputs);
  if (preprocessing.scale) inputs = preprocessing.scale->apply(inputs);
}

/// What is held out: a file of its own, the source's own test set, or a part of the rows.
void hold_out(const TrainSettings& settings, Source source, TrainingData& data) {
  if (!settings.validation.empty()) {
    DataSettings other = settings.data;
    other.data = settings.validation;
    data.train = std::move(source.all);
    data.held_out = read_examples(other, data.preprocessing);
    return;
  }
  const double fraction = settings.validation_fraction.value_or(source.test ? 0 : usual_fraction);
  if (fraction == 0) {
    data.train = std::move(source.all);
    if (!settings.validation_fraction) data.held_out = std::move(source.test);
    return;
  }
  std::visit(
      [&](const auto& set) {
        if (set.size() < 2)
          throw DataError(
              "one row alone: expected two or more, of which some are held out, or "
              "--validation-fraction 0");
        auto parts = nn::split(
            set, {.test = fraction, .seed = settings.seed, .stratified = !data.preprocessing.regression});
        data.train = std::move(parts.train);
        data.held_out = std::move(parts.test);
      },
      source.all);
}

}  // namespace

xt::xarray<float>& inputs_of(AnyDataset& set) {
  return std::visit([](auto& each) -> xt::xarray<float>& { return each.inputs; }, set);
}
const xt::xarray<float>& inputs_of(const AnyDataset& set) {
  return std::visit([](auto& each) -> const xt::xarray<float>& { return each.inputs; }, set);
}

std::vector<std::string> scale_names() { return names_of(scales()); }

TrainingData load_training_data(const TrainSettings& settings) {
  TrainingData data;
  data.preprocessing.flatten = settings.model.file.empty();
  Source source = read_source(settings.data, data.preprocessing);
  data.doubts = std::move(source.doubts);
  hold_out(settings, std::move(source), data);
  if (data.preprocessing.flatten) flatten(inputs_of(data.train));
  if (auto scale = row_named("--scale", scales(), scale_name(settings, data.preprocessing))
                       .make({.per_column = !settings.scale_together})) {
    scale->fit(inputs_of(data.train));  // of what is held out nothing is learnt
    inputs_of(data.train) = scale->apply(inputs_of(data.train));
    data.preprocessing.scale = std::move(scale);
  }
  if (data.held_out) prepare(inputs_of(*data.held_out), data.preprocessing);
  data.preprocessing.target_scale = learn_target_scale(settings, data.train);
  const auto& shape = inputs_of(data.train).shape();
  data.preprocessing.row.assign(shape.begin() + 1, shape.end());
  return data;
}

AnyDataset load_examples(const DataSettings& settings, const Preprocessing& preprocessing) {
  AnyDataset set = read_examples(settings, preprocessing);
  if (std::holds_alternative<nn::Dataset<float>>(set) != preprocessing.regression)
    throw DataError("'" + settings.data + "' has " + (preprocessing.regression ? "classes" : "values") +
                    ", and the model has learnt " + (preprocessing.regression ? "values" : "classes"));
  prepare(inputs_of(set), preprocessing);
  return set;
}

xt::xarray<float> load_inputs(const DataSettings& settings, const Preprocessing& preprocessing) {
  xt::xarray<float> inputs = read_inputs(settings, preprocessing);
  prepare(inputs, preprocessing);
  return inputs;
}

std::string Preprocessing::to_json() const {
  Json json{{"regression", regression},
            {"class_names", class_names},
            {"picture", picture},
            {"flatten", flatten},
            {"row", row},
            {"na", na}};
  if (encoder) json["encoder"] = Json::parse(encoder->to_json());
  if (scale) json["scale"] = Json::parse(scale->to_json());
  if (target_scale) json["target_scale"] = Json::parse(target_scale->to_json());
  return json.dump();
}

Preprocessing Preprocessing::from_json(const std::string& text) {
  try {
    const Json json = Json::parse(text);
    Preprocessing result{.regression = json.at("regression").get<bool>(),
                         .class_names = json.at("class_names").get<std::vector<std::string>>(),
                         .picture = json.at("picture").get<std::vector<std::size_t>>(),
                         .flatten = json.at("flatten").get<bool>(),
                         .row = json.value("row", std::vector<std::size_t>{}),
                         .na = json.value("na", std::vector<std::string>{})};
    if (json.contains("encoder")) result.encoder = nn::Encoder::from_json(json["encoder"].dump());
    if (json.contains("scale")) result.scale = nn::transform_from_json(json["scale"].dump());
    if (json.contains("target_scale"))
      result.target_scale = nn::transform_from_json(json["target_scale"].dump());
    return result;
  } catch (const Json::exception& error) {
    throw DataError(std::string("what the model file says of its data cannot be read: ") +
                    nn::detail::json_problem(error.what()));
  }
}

}  // namespace gradus::cli
