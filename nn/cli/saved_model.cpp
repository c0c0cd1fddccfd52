#include <nlohmann/json.hpp>

#include <gradus/core/error.hpp>
#include <gradus/nn/checkpoint/model_file.hpp>
#include <gradus/nn/checkpoint/safetensors.hpp>
#include <gradus/nn/cli/saved_model.hpp>

namespace gradus::cli {
namespace {

constexpr const char *preprocessing_key = "preprocessing", *settings_key = "settings",
                     *history_key = "history";

nlohmann::json setting(const std::string& settings, const std::string& name) {
  const auto json = nlohmann::json::parse(settings, nullptr, false);
  return json.is_object() && json.contains(name) ? json[name] : nlohmann::json();
}

}  // namespace

std::map<std::string, std::string> RunNotes::metadata(bool with_history) const {
  std::map<std::string, std::string> all{{preprocessing_key, preprocessing.to_json()},
                                         {settings_key, settings}};
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
  if (const auto found = metadata.find(preprocessing_key); found != metadata.end())
    notes.preprocessing = Preprocessing::from_json(found->second);
  if (const auto found = metadata.find(settings_key); found != metadata.end()) notes.settings = found->second;
  if (const auto found = metadata.find(history_key); found != metadata.end())
    notes.history = nn::History::from_json_lines(found->second);
  return notes;
}

SavedModel read_saved_model(const std::filesystem::path& file) {
  return {nn::read_model<float>(file, {.cast = true}), notes_of(nn::read_safetensors(file).metadata)};
}

}  // namespace gradus::cli
