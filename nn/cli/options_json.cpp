#include <algorithm>

#include <nlohmann/json.hpp>

#include <gradus/core/error.hpp>
#include <gradus/nn/cli/flag_rules.hpp>
#include <gradus/nn/cli/make_parts.hpp>
#include <gradus/nn/cli/options_json.hpp>
#include <gradus/nn/files/parse_json.hpp>

namespace gradus::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t deepest_options = 3;  // an object, lists in it; one more, to say what is wrong with it

/// A number as one, anything else as text.
Json value_of(const std::string& text) {
  Json value = Json::parse(text, nullptr, false);
  return value.is_number() ? value : Json(text);
}

std::string text_of(const std::string& where, const std::string& name, const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_number() || value.is_boolean()) return value.dump();
  throw UsageError(where + ": '" + name + "' is " + value.dump() +
                   ": expected a text, a number, true, false or a list of these");
}

}  // namespace

std::string options_json(const CLI::App& app, const std::vector<std::string>& but_for) {
  Json json = Json::object();
  for (const CLI::Option* option : app.get_options()) {
    const std::string name = option->get_lnames().empty() ? "" : option->get_lnames().front();
    if (name.empty() || option->count() == 0 ||
        std::find(but_for.begin(), but_for.end(), name) != but_for.end())
      continue;
    if (option->get_expected_max() == 0) {
      json[name] = true;
    } else if (option->results().size() == 1) {
      json[name] = value_of(option->results().front());
    } else {
      for (const std::string& each : option->results()) json[name].push_back(value_of(each));
    }
  }
  return json.dump();
}

void set_options(CLI::App& app, const std::string& text, const std::string& where) {
  const auto json = nn::detail::parse_json<Json>(where, text, deepest_options);
  if (!json.is_object()) throw DataError(where + " is no JSON object");
  const std::vector<std::string> before = flags_given(app);
  const auto was_set = [&](const CLI::Option* option) {
    return std::find(before.begin(), before.end(), "--" + option->get_lnames().front()) != before.end();
  };
  for (const auto& [name, value] : json.items()) {
    CLI::Option* const option = app.get_option_no_throw("--" + name);
    if (!option || name == "help")
      throw UsageError(where + ": '" + name + "' is no flag of " + app.get_name());
    const auto excluded = option->get_excludes();
    if (option->count() > 0 || std::any_of(excluded.begin(), excluded.end(), was_set) ||
        (value.is_boolean() && !value.get<bool>()))
      continue;
    for (const CLI::Option* other : excluded)
      if (other->count() > 0)
        throw UsageError(where + ": '" + name + "' and " + other->get_name() +
                         " exclude each other: expected one of them");
    if (value.is_array())
      for (const Json& each : value) option->add_result(text_of(where, name, each));
    else
      option->add_result(text_of(where, name, value));
    option->run_callback();
  }
}

}  // namespace gradus::cli
