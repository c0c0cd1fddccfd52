#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <string_view>

#include <nlohmann/json.hpp>

#include <gradus/core/error.hpp>
#include <gradus/core/expected.hpp>
#include <gradus/nn/data/csv_cell.hpp>
#include <gradus/nn/files/parse_json.hpp>
#include <gradus/nn/files/utf8.hpp>
#include <gradus/nn/files/write_file.hpp>
#include <gradus/nn/training/history.hpp>
#include <gradus/nn/training/run_parts.hpp>

namespace gradus::nn {
namespace {

using Json = nlohmann::ordered_json;
using Metrics = std::vector<std::pair<std::string, double>>;

constexpr std::size_t deepest_line = 2;  // a record, and the metrics in it

/// The shortest text from which the same number is read.
std::string exact_text(double number) {
  if (std::isnan(number)) return "nan";
  char text[32];
  const auto [end, error] = std::to_chars(text, text + sizeof text, number);
  return {text, end};
}

/// JSON has no infinities and no NaN: texts and null stand for them.
Json number_json(double number) {
  if (std::isnan(number)) return nullptr;
  return std::isinf(number) ? Json(exact_text(number)) : Json(number);
}

double number_from(const Json& json) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  if (json.is_null()) return std::numeric_limits<double>::quiet_NaN();
  if (json == "inf") return infinity;
  if (json == "-inf") return -infinity;
  if (!json.is_number())
    throw ValueError("found " + detail::shortened_json(json) + " in the place of a number");
  return json.get<double>();
}

std::size_t count_from(const Json& json) {
  if (!json.is_number_unsigned())
    throw ValueError("found " + detail::shortened_json(json) + " in the place of a count");
  return json.get<std::size_t>();
}

Json to_json(const Metrics& metrics) {
  Json object = Json::object();
  for (const auto& [name, value] : metrics) object[name] = number_json(value);
  return object;
}

Metrics metrics_from(const Json& object) {
  if (!object.is_object())
    throw ValueError("found " + detail::shortened_json(object) + " in the place of metrics");
  Metrics metrics;
  for (const auto& [name, value] : object.items()) metrics.emplace_back(name, number_from(value));
  return metrics;
}

Json to_json(const EpochRecord& record) {
  Json object{
      {"epoch", record.epoch}, {"steps", record.steps}, {"train_loss", number_json(record.train_loss)}};
  if (record.validation_loss) object["validation_loss"] = number_json(*record.validation_loss);
  object["train_metrics"] = to_json(record.train_metrics);
  object["validation_metrics"] = to_json(record.validation_metrics);
  object["lr"] = number_json(record.lr);
  object["gradient_norm"] = number_json(record.gradient_norm);
  object["seconds"] = number_json(record.seconds);
  return object;
}

EpochRecord record_from(const Json& object) {
  EpochRecord record{.epoch = count_from(object.at("epoch")),
                     .steps = count_from(object.at("steps")),
                     .train_loss = number_from(object.at("train_loss")),
                     .train_metrics = metrics_from(object.at("train_metrics")),
                     .validation_metrics = metrics_from(object.at("validation_metrics")),
                     .lr = number_from(object.at("lr")),
                     .gradient_norm = number_from(object.at("gradient_norm")),
                     .seconds = number_from(object.at("seconds"))};
  if (object.contains("validation_loss")) record.validation_loss = number_from(object["validation_loss"]);
  return record;
}

Metrics::const_iterator find_name(const Metrics& values, const std::string& name) {
  return std::find_if(values.begin(), values.end(), [&](const auto& each) { return each.first == name; });
}

/// The names of what any epoch has; each stands behind what it stands behind there.
std::vector<std::string> columns(const History& history) {
  std::vector<std::string> names;
  for (const EpochRecord& record : history.epochs) {
    auto place = names.begin();
    for (const auto& [name, value] : record.values()) {
      auto found = std::find(names.begin(), names.end(), name);
      if (found == names.end()) found = names.insert(place, name);
      place = found + 1;
    }
  }
  return names;
}

}  // namespace

void detail::check_metric_names(const std::vector<std::string>& names) {
  for (std::size_t i = 0; i < names.size(); ++i) {
    const auto fail = [&](const std::string& what) {
      throw ValueError("[Trainer] metric " + std::to_string(i) + what);
    };
    if (names[i].empty()) fail(" has no name");
    if (first_not_utf8(names[i]) != names[i].size()) fail("'s name is no UTF-8");
    if (names[i] == "loss") fail(" is named 'loss', as what is learnt: expected another name");
    if (std::find(names.begin(), names.begin() + static_cast<std::ptrdiff_t>(i), names[i]) !=
        names.begin() + static_cast<std::ptrdiff_t>(i))
      fail(" is named '" + names[i] + "', as one before: expected another name");
  }
}

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
  std::vector<std::string> known;
  for (const auto& [other, value] : values()) {
    if (other == name) return value;
    known.push_back(other);
  }
  throw ValueError("[EpochRecord] no value '" + name + "' in epoch " + std::to_string(epoch) + ": " +
                   gradus::detail::expected_one_of(known));
}

std::vector<double> History::values(const std::string& name) const {
  std::vector<double> result;
  for (const EpochRecord& record : epochs) result.push_back(record.value(name));
  return result;
}

std::string History::to_csv() const {
  const std::vector<std::string> names = columns(*this);
  std::string text = "epoch,steps";
  for (const std::string& name : names) text += "," + detail::csv_cell(name, ',');
  text += "\n";
  for (const EpochRecord& record : epochs) {
    text += std::to_string(record.epoch) + "," + std::to_string(record.steps);
    const Metrics values = record.values();
    for (const std::string& name : names) {
      const auto found = find_name(values, name);
      text += "," + (found == values.end() ? "" : exact_text(found->second));
    }
    text += "\n";
  }
  return text;
}

std::string History::to_json_lines() const {
  std::string text;
  try {
    for (const EpochRecord& record : epochs) text += to_json(record).dump() + "\n";
  } catch (const Json::exception& error) {
    throw ValueError(std::string("[History] a metric's name is no UTF-8: ") + error.what());
  }
  return text;
}

History History::from_json_lines(const std::string& text) {
  History history;
  std::size_t line = 1;
  for (std::size_t start = 0; start < text.size(); ++line) {
    const std::size_t end = std::min(text.find('\n', start), text.size());
    const std::string where = "[History] line " + std::to_string(line);
    const Json object =
        detail::parse_json<Json>(where, std::string_view(text).substr(start, end - start), deepest_line);
    try {
      history.epochs.push_back(record_from(object));
    } catch (const std::exception& error) {  // of the JSON library, or a ValueError
      throw DataError(where + ": expected the record of an epoch as JSON: " + error.what());
    }
    start = end + 1;
  }
  return history;
}

void History::write(const std::filesystem::path& file) const {
  detail::write_file("History::write", file, file.extension() == ".csv" ? to_csv() : to_json_lines());
}

}  // namespace gradus::nn
