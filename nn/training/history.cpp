#include <charconv>
#include <cmath>
#include <limits>

#include <nlohmann/json.hpp>

#include <gradus/core/error.hpp>
#include <gradus/nn/data/write_file.hpp>
#include <gradus/nn/training/history.hpp>

namespace gradus::nn {
namespace {

using Json = nlohmann::ordered_json;
using Metrics = std::vector<std::pair<std::string, double>>;

/// The shortest text from which the same number is read.
std::string exact_text(double number) {
  if (std::isnan(number)) return "nan";
  char text[32];
  const auto [end, error] = std::to_chars(text, text + sizeof text, number);
  return {text, end};
}

Json finite_or_null(double number) { return std::isfinite(number) ? Json(number) : Json(nullptr); }

double number_or_nan(const Json& json) {
  return json.is_null() ? std::numeric_limits<double>::quiet_NaN() : json.get<double>();
}

Json to_json(const Metrics& metrics) {
  Json object = Json::object();
  for (const auto& [name, value] : metrics) object[name] = finite_or_null(value);
  return object;
}

Metrics metrics_from(const Json& object) {
  Metrics metrics;
  for (const auto& [name, value] : object.items()) metrics.emplace_back(name, number_or_nan(value));
  return metrics;
}

Json to_json(const EpochRecord& record) {
  Json object{
      {"epoch", record.epoch}, {"steps", record.steps}, {"train_loss", finite_or_null(record.train_loss)}};
  if (record.validation_loss) object["validation_loss"] = finite_or_null(*record.validation_loss);
  object["train_metrics"] = to_json(record.train_metrics);
  object["validation_metrics"] = to_json(record.validation_metrics);
  object["lr"] = finite_or_null(record.lr);
  object["gradient_norm"] = finite_or_null(record.gradient_norm);
  object["seconds"] = finite_or_null(record.seconds);
  return object;
}

EpochRecord record_from(const Json& object) {
  EpochRecord record{.epoch = object.at("epoch").get<std::size_t>(),
                     .steps = object.at("steps").get<std::size_t>(),
                     .train_loss = number_or_nan(object.at("train_loss")),
                     .train_metrics = metrics_from(object.at("train_metrics")),
                     .validation_metrics = metrics_from(object.at("validation_metrics")),
                     .lr = number_or_nan(object.at("lr")),
                     .gradient_norm = number_or_nan(object.at("gradient_norm")),
                     .seconds = number_or_nan(object.at("seconds"))};
  if (object.contains("validation_loss")) record.validation_loss = number_or_nan(object["validation_loss"]);
  return record;
}

}  // namespace

std::vector<std::pair<std::string, double>> EpochRecord::values() const {
  Metrics all{{"train_loss", train_loss}};
  if (validation_loss) all.emplace_back("validation_loss", *validation_loss);
  for (const auto& [name, value] : train_metrics) all.emplace_back("train_" + name, value);
  for (const auto& [name, value] : validation_metrics) all.emplace_back("validation_" + name, value);
  all.emplace_back("lr", lr);
  all.emplace_back("gradient_norm", gradient_norm);
  all.emplace_back("seconds", seconds);
  return all;
}

double EpochRecord::value(const std::string& name) const {
  std::string known;
  for (const auto& [other, value] : values()) {
    if (other == name) return value;
    known += (known.empty() ? "" : ", ") + other;
  }
  throw ValueError("[EpochRecord] no value '" + name + "' in epoch " + std::to_string(epoch) +
                   ": expected one of " + known);
}

std::vector<double> History::values(const std::string& name) const {
  std::vector<double> result;
  for (const EpochRecord& record : epochs) result.push_back(record.value(name));
  return result;
}

std::string History::to_csv() const {
  std::string text = "epoch,steps";
  if (!epochs.empty())
    for (const auto& [name, value] : epochs.front().values()) text += "," + name;
  text += "\n";
  for (const EpochRecord& record : epochs) {
    text += std::to_string(record.epoch) + "," + std::to_string(record.steps);
    for (const auto& [name, value] : record.values()) text += "," + exact_text(value);
    text += "\n";
  }
  return text;
}

std::string History::to_json_lines() const {
  std::string text;
  for (const EpochRecord& record : epochs) text += to_json(record).dump() + "\n";
  return text;
}

History History::from_json_lines(const std::string& text) {
  History history;
  std::size_t line = 1;
  for (std::size_t start = 0; start < text.size(); ++line) {
    const std::size_t end = std::min(text.find('\n', start), text.size());
    try {
      history.epochs.push_back(record_from(Json::parse(text.begin() + static_cast<std::ptrdiff_t>(start),
                                                       text.begin() + static_cast<std::ptrdiff_t>(end))));
    } catch (const Json::exception& error) {
      throw DataError("[History] line " + std::to_string(line) +
                      ": expected the record of an epoch as JSON: " + error.what());
    }
    start = end + 1;
  }
  return history;
}

void History::write(const std::filesystem::path& file) const {
  detail::write_file("History::write", file, file.extension() == ".csv" ? to_csv() : to_json_lines());
}

}  // namespace gradus::nn
