#include <numeric>

#include <nlohmann/json.hpp>

#include <gradus/core/error.hpp>
#include <gradus/nn/cli/choices.hpp>
#include <gradus/nn/cli/load_data.hpp>
#include <gradus/nn/cli/sources.hpp>
#include <gradus/nn/cli/target_scale.hpp>
#include <gradus/nn/files/parse_json.hpp>

namespace gradus::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr double usual_fraction = 0.2;
constexpr std::size_t deepest_preprocessing = 8;  // the categories of an encoder's feature lie at 5

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
  return preprocessing.encoder ? "standardize" : "none";
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

/// Whether something is chosen by what is monitored: the best epoch, the last one, the learning rate.
bool chooses(const TrainSettings& settings) {
  return settings.keep_best || settings.patience > 0 || settings.schedule.plateau > 0;
}

/// Whether it is by what is held out, if anything is.
bool chooses_by_held_out(const TrainSettings& settings) {
  return chooses(settings) && (settings.monitor.empty() || settings.monitor.starts_with("validation_"));
}

/// The part of the rows to hold out. A test set stays one: nothing is chosen by it.
double fraction_to_hold_out(const TrainSettings& settings) {
  if (!settings.validation.empty()) return 0;
  if (settings.validation_fraction) return *settings.validation_fraction;
  return has_test_set(settings.data) && !chooses_by_held_out(settings) ? 0 : usual_fraction;
}

TrainingData read_parts(const TrainSettings& settings) {
  TrainingData data;
  data.preprocessing.flatten = settings.model.file.empty();
  Source source =
      read_source(settings.data, fraction_to_hold_out(settings), settings.seed, data.preprocessing);
  data.train = std::move(source.train);
  data.held_out = std::move(source.held_out);
  data.doubts = std::move(source.doubts);
  data.held_out_rows = std::move(source.held_out_rows);
  if (!settings.validation.empty()) {
    DataSettings other = settings.data;
    other.data = settings.validation;
    data.held_out = read_examples(other, data.preprocessing);
  }
  if (source.test) {
    const bool is_watched = !settings.validation_fraction && !data.held_out;
    (is_watched ? data.held_out : data.test) = std::move(source.test);
    data.judged_by = "the test set";
    return data;
  }
  data.judged_by = data.held_out ? "the validation data" : "the training data";
  if (data.held_out ? chooses_by_held_out(settings) : chooses(settings))
    data.judged_by += ", by which a choice was made: expect a little less on new data";
  return data;
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
  TrainingData data = read_parts(settings);
  if (data.preprocessing.flatten) flatten(inputs_of(data.train));
  if (auto scale = row_named("--scale", scales(), scale_name(settings, data.preprocessing))
                       .make({.per_column = !settings.scale_together})) {
    scale->fit(inputs_of(data.train));  // of what is held out nothing is learnt
    inputs_of(data.train) = scale->apply(inputs_of(data.train));
    data.preprocessing.scale = std::move(scale);
  }
  for (std::optional<AnyDataset>* others : {&data.held_out, &data.test})
    if (*others) prepare(inputs_of(**others), data.preprocessing);
  data.preprocessing.target_scale = learn_target_scale(settings, data.train);
  if (data.preprocessing.regression) data.preprocessing.link = link_of(settings.loss);
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
  if (!link.empty()) json["link"] = link;
  if (target_scale) json["target_scale"] = Json::parse(target_scale->to_json());
  return json.dump();
}

Preprocessing Preprocessing::from_json(const std::string& text) {
  try {
    const Json json =
        nn::detail::parse_json<Json>("what the model file says of its data", text, deepest_preprocessing);
    Preprocessing result{.regression = json.at("regression").get<bool>(),
                         .class_names = json.at("class_names").get<std::vector<std::string>>(),
                         .picture = json.at("picture").get<std::vector<std::size_t>>(),
                         .flatten = json.at("flatten").get<bool>(),
                         .row = json.value("row", std::vector<std::size_t>{}),
                         .na = json.value("na", std::vector<std::string>{})};
    if (json.contains("encoder")) result.encoder = nn::Encoder::from_json(json["encoder"].dump());
    if (json.contains("scale")) result.scale = nn::transform_from_json(json["scale"].dump());
    result.link = json.value("link", std::string());
    if (json.contains("target_scale"))
      result.target_scale = nn::transform_from_json(json["target_scale"].dump());
    return result;
  } catch (const Json::exception& error) {
    throw DataError(std::string("what the model file says of its data cannot be read: ") +
                    nn::detail::json_problem(error.what()));
  }
}

}  // namespace gradus::cli
