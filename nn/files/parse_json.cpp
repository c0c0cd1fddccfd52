#include <set>
#include <vector>

#include <nlohmann/json.hpp>

#include <gradus/core/error.hpp>
#include <gradus/nn/files/parse_json.hpp>

namespace gradus::nn::detail {
namespace {

template <class Json>
std::string dumped(const Json& value) {
  const bool ascii_only = true;  // may be cut anywhere
  return shortened(value.dump(-1, ' ', ascii_only));
}

}  // namespace

template <class Json>
Json parse_json(const std::string& where, std::string_view text, std::size_t most_depth) {
  using Event = typename Json::parse_event_t;
  std::vector<std::set<std::string>> names;  // of the objects that are open
  const auto watch = [&](int around, Event event, Json& parsed) {
    const bool begins = event == Event::object_start || event == Event::array_start;
    if (begins && static_cast<std::size_t>(around) >= most_depth)
      throw DataError(where + " is nested deeper than " + std::to_string(most_depth) +
                      " lists and objects: expected fewer");
    if (event == Event::object_start) names.emplace_back();
    if (event == Event::object_end) names.pop_back();
    if (event == Event::key && !names.back().insert(parsed.template get<std::string>()).second)
      throw DataError(where + " has the name '" + shortened(parsed.template get<std::string>()) + "' twice");
    return true;
  };
  try {
    return Json::parse(text.begin(), text.end(), watch);
  } catch (const typename Json::exception& error) {
    throw DataError(where + " is no JSON: " + shortened(json_problem(error.what())));
  }
}
template nlohmann::json parse_json(const std::string&, std::string_view, std::size_t);
template nlohmann::ordered_json parse_json(const std::string&, std::string_view, std::size_t);

std::string json_problem(const std::string& what) {
  const std::size_t end = what.find("] ");
  return what.starts_with("[json.exception.") && end != what.npos ? what.substr(end + 2) : what;
}

std::string shortened(std::string text) {
  constexpr std::size_t longest = 200;
  if (text.size() <= longest) return text;
  text.resize(longest);
  return text += "...";
}

std::string shortened_json(const nlohmann::json& value) { return dumped(value); }
std::string shortened_json(const nlohmann::ordered_json& value) { return dumped(value); }

}  // namespace gradus::nn::detail
