#include <nlohmann/json.hpp>

#include <gradus/core/error.hpp>
#include <gradus/nn/data/encoder.hpp>

namespace gradus::nn {

using Json = nlohmann::ordered_json;

NLOHMANN_JSON_SERIALIZE_ENUM(Missing, {{Missing::error, "error"},
                                       {Missing::mean, "mean"},
                                       {Missing::median, "median"},
                                       {Missing::drop, "drop"}})
NLOHMANN_JSON_SERIALIZE_ENUM(Categories, {{Categories::one_hot, "one_hot"}, {Categories::index, "index"}})

namespace {

constexpr const char* format = "gradus encoder 1";

[[noreturn]] void fail(const std::string& found) {
  throw DataError("[Encoder::from_json] " + found + ": expected what to_json() gave");
}

// An enum of which the text is known: nlohmann takes an unknown one for the first.
template <class Enum>
Enum named(const Json& json) {
  const Enum value = json.get<Enum>();
  if (Json(value) != json) fail("found " + json.dump());
  return value;
}

}  // namespace

std::string Encoder::to_json() const {
  Json features = Json::array();
  for (const Feature& feature : features_) {
    if (feature.is_numeric) {
      features.push_back({{"name", feature.name}, {"missing", feature.number}});
    } else {
      features.push_back(
          {{"name", feature.name}, {"categories", feature.categories}, {"missing", feature.category}});
    }
  }
  const Json json{{"format", format},
                  {"label", options_.label},
                  {"regression", options_.regression},
                  {"classes", class_names_},
                  {"categories", options_.categories},
                  {"missing", options_.missing},
                  {"allow_unknown", options_.allow_unknown},
                  {"ignore", options_.ignore},
                  {"features", features}};
  return json.dump(2, ' ', false, Json::error_handler_t::replace);
}

Encoder Encoder::from_json(const std::string& text) {
  try {
    const Json json = Json::parse(text);
    if (json.at("format") != format) fail("found the format " + json.at("format").dump());
    Encoder encoder;
    encoder.options_ = {.label = json.at("label"),
                        .regression = json.at("regression"),
                        .categories = named<Categories>(json.at("categories")),
                        .missing = named<Missing>(json.at("missing")),
                        .allow_unknown = json.at("allow_unknown"),
                        .ignore = json.at("ignore")};
    encoder.class_names_ = json.at("classes");
    for (const Json& stored : json.at("features")) {
      Feature feature{.name = stored.at("name"), .is_numeric = !stored.contains("categories")};
      if (feature.is_numeric) {
        feature.number = stored.at("missing");
      } else {
        feature.categories = stored.at("categories");
        feature.category = stored.at("missing");
        if (feature.category >= feature.categories.size())
          fail("found category " + stored.at("missing").dump());
      }
      encoder.features_.push_back(std::move(feature));
    }
    return encoder;
  } catch (const Json::exception& error) {
    fail(error.what());
  }
}

}  // namespace gradus::nn
