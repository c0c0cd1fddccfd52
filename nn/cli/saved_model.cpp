#include <nlohmann/json.hpp>

#include <gradus/core/error.hpp>
#include <gradus/nn/checkpoint/model_file.hpp>
#include <gradus/nn/checkpoint/safetensors.hpp>
#include <gradus/nn/checkpoint/stored_model.hpp>
#include <gradus/nn/cli/model_input.hpp>
#include <gradus/nn/cli/saved_model.hpp>
#include <gradus/nn/files/parse_json.hpp>

namespace gradus::cli {
namespace {

constexpr const char *preprocessing_key = "preprocessing", *settings_key = "settings",
                     *history_key = "history", *version_key = "gradus.notes";
constexpr const char* version = "1";  ///< of what notes consist of; a later one may mean another thing

nlohmann::json setting(const std::string& settings, const std::string& name) {
  const auto json = nlohmann::json::parse(settings, nullptr, false);
  return json.is_object() && json.contains(name) ? json[name] : nlohmann::json();
}

}  // namespace

std::map<std::string, std::string> RunNotes::metadata(bool with_history) const {
  std::map<std::string, std::string> all{
      {version_key, version}, {preprocessing_key, preprocessing.to_json()}, {settings_key, settings}};
  if (with_history) {
    nn::History timeless = history;
    for (nn::EpochRecord& epoch : timeless.epochs) epoch.seconds = 0;
    all[history_key] = timeless.to_json_lines();
  }
  return all;
}

std::string RunNotes::text_setting(const std::string& name) const {
  const auto value = setting(settings, name);
  if (value.is_null()) return "";
  return value.is_string() ? value.get<std::string>() : value.dump();
}

std::string RunNotes::loss() const { return text_setting("loss"); }

double RunNotes::label_smoothing() const {
  const auto value = setting(settings, "label-smoothing");
  return value.is_number() ? value.get<double>() : 0;
}

RunNotes notes_of(const std::map<std::string, std::string>& metadata) {
  RunNotes notes;
  if (const auto found = metadata.find(version_key); found != metadata.end() && found->second != version)
    throw DataError("the model file has notes of version '" + found->second +
                    "', and this program knows version " + version + ": expected one that is as new");
  if (const auto found = metadata.find(preprocessing_key); found != metadata.end())
    notes.preprocessing = Preprocessing::from_json(found->second);
  if (const auto found = metadata.find(settings_key); found != metadata.end()) {
    notes.settings = found->second;
    if (!nn::detail::parse_json<nlohmann::json>("the 'settings' in the model file", notes.settings, 2)
             .is_object())
      throw DataError("the 'settings' in the model file are no JSON object");
  }
  if (const auto found = metadata.find(history_key); found != metadata.end())
    notes.history = nn::History::from_json_lines(found->second);
  return notes;
}

SavedModel read_saved_model(const std::filesystem::path& file) {
  const auto metadata = nn::read_safetensors(file).metadata;
  if (!metadata.contains(nn::detail::description_key))
    throw DataError(
        "'" + file.string() +
        "' does not say what its model consists of, as files of other programs: expected one that "
        "Gradus has written");
  SavedModel saved{nn::read_model<float>(file, {.cast = true}), notes_of(metadata)};
  // A model of another program takes images as they are, and what a layer takes as vectors as these.
  const std::optional<Shape> row = row_taken(saved.model);
  if (!metadata.contains(preprocessing_key)) saved.notes.preprocessing.flatten = row && row->size() == 1;
  return saved;
}

}  // namespace gradus::cli
