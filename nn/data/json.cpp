#include <nlohmann/json.hpp>

#include <gradus/core/error.hpp>
#include <gradus/nn/data/encoder.hpp>
#include <gradus/nn/data/transforms.hpp>
#include <gradus/nn/files/parse_json.hpp>

// How what encoders and transforms have learnt lies in JSON. Together, since the library of JSON takes long
// to compile.

namespace gradus::nn {

using detail::shortened, detail::shortened_json;
using Json = nlohmann::ordered_json;

NLOHMANN_JSON_SERIALIZE_ENUM(Missing, {{Missing::error, "error"},
                                       {Missing::mean, "mean"},
                                       {Missing::median, "median"},
                                       {Missing::drop, "drop"}})
NLOHMANN_JSON_SERIALIZE_ENUM(Categories, {{Categories::one_hot, "one_hot"}, {Categories::index, "index"}})

namespace {

constexpr const char* encoder_format = "gradus encoder 1";
constexpr const char *of_encoder = "Encoder::from_json", *of_transform = "transform_from_json";

[[noreturn]] void fail(const std::string& op, const std::string& found) {
  throw DataError("[" + op + "] " + found + ": expected what to_json() gave");
}

// Of 100 chains in chains: each is an object with a list of parts, and a transform may hold a list of lists.
constexpr std::size_t deepest_json = 2 * 100 + 3;

Json parse(const std::string& op, const std::string& text) {
  try {
    return detail::parse_json<Json>("the text", text, deepest_json);
  } catch (const DataError& error) {
    fail(op, error.what());
  }
}

// An enum of which the text is known: nlohmann takes an unknown one for the first.
template <class Enum>
Enum named(const Json& json) {
  const Enum value = json.get<Enum>();
  if (Json(value) != json) fail(of_encoder, "found " + shortened_json(json));
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
  const Json json{{"format", encoder_format},
                  {"label", options_.label},
                  {"regression", options_.regression},
                  {"classes", class_names_},
                  {"categories", options_.categories},
                  {"missing", options_.missing},
                  {"allow_unknown", options_.allow_unknown},
                  {"ignore", options_.ignore},
                  {"features", features}};
  try {
    return json.dump(2);
  } catch (const Json::exception& error) {
    throw DataError("[Encoder::to_json] " + detail::json_problem(error.what()) +
                    ": expected names and texts in UTF-8");
  }
}

Encoder Encoder::from_json(const std::string& text) {
  try {
    const Json json = parse(of_encoder, text);
    if (json.at("format") != encoder_format)
      fail(of_encoder, "found the format " + shortened_json(json.at("format")));
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
          fail(of_encoder, "found category " + shortened_json(stored.at("missing")));
      }
      encoder.features_.push_back(std::move(feature));
    }
    return encoder;
  } catch (const Json::exception& error) {
    fail(of_encoder, detail::json_problem(error.what()));
  }
}

// The one place that knows how each kind lies in JSON.
struct TransformJson {
  static Json of(const Scale& scale, const char* kind) {
    return {{"transform", kind},
            {"per_column", scale.options_.per_column},
            {"row_shape", scale.row_shape_},
            {"shift", scale.shift_},
            {"scale", scale.scale_}};
  }

  static void read(const Json& json, Scale& scale) {
    scale.row_shape_ = json.at("row_shape").get<std::vector<std::size_t>>();
    scale.shift_ = json.at("shift").get<std::vector<double>>();
    scale.scale_ = json.at("scale").get<std::vector<double>>();
    if (scale.shift_.size() != scale.scale_.size())
      fail(of_transform, "found " + std::to_string(scale.shift_.size()) + " shifts, " +
                             std::to_string(scale.scale_.size()) + " scales");
    std::size_t width = 1;
    for (std::size_t extent : scale.row_shape_) width *= extent;
    const std::size_t expected = scale.options_.per_column ? width : 1;
    if (!scale.shift_.empty() && scale.shift_.size() != expected)
      fail(of_transform, "found " + std::to_string(scale.shift_.size()) + " shifts for " +
                             std::to_string(expected) + " columns");
    for (double each : scale.scale_) {
      if (!(each > 0)) fail(of_transform, "found a scale that is not positive");
    }
  }

  static std::unique_ptr<Transform> standardize(const Json& json) {
    auto transform = std::make_unique<Standardize>(ScaleOptions{.per_column = json.at("per_column")});
    read(json, *transform);
    return transform;
  }

  static Json of(const MinMax& range) {
    Json json = of(range, "MinMax");
    json["lo"] = range.lo_;
    json["hi"] = range.hi_;
    return json;
  }

  static std::unique_ptr<Transform> min_max(const Json& json) {
    auto transform = std::make_unique<MinMax>(json.at("lo").get<double>(), json.at("hi").get<double>(),
                                              ScaleOptions{.per_column = json.at("per_column")});
    read(json, *transform);
    return transform;
  }

  static Json of(const OneHot& one_hot) {
    return {{"transform", "OneHot"}, {"columns", one_hot.columns_}, {"categories", one_hot.categories_}};
  }

  static std::unique_ptr<Transform> one_hot(const Json& json) {
    auto transform = std::make_unique<OneHot>(json.at("columns").get<std::vector<std::size_t>>());
    transform->categories_ = json.at("categories").get<std::vector<std::vector<float>>>();
    for (std::size_t column : transform->columns_) {
      if (!transform->categories_.empty() && column >= transform->categories_.size())
        fail(of_transform, "found no categories of column " + std::to_string(column));
    }
    return transform;
  }

  static std::unique_ptr<Transform> chain(const Json& json) {
    std::vector<std::shared_ptr<const Transform>> parts;
    for (const Json& part : json.at("parts")) parts.push_back(transform(part));
    return std::make_unique<TransformChain>(std::move(parts));
  }

  static std::unique_ptr<Transform> transform(const Json& json) {
    const std::string kind = json.at("transform");
    if (kind == "Standardize") return standardize(json);
    if (kind == "MinMax") return min_max(json);
    if (kind == "OneHot") return one_hot(json);
    if (kind == "TransformChain") return chain(json);
    fail(of_transform, "found the transform \"" + shortened(kind) + '"');
  }
};

std::string Standardize::to_json() const { return TransformJson::of(*this, "Standardize").dump(); }
std::string MinMax::to_json() const { return TransformJson::of(*this).dump(); }
std::string OneHot::to_json() const { return TransformJson::of(*this).dump(); }

std::string TransformChain::to_json() const {
  Json parts = Json::array();
  for (const auto& part : parts_)  // no deeper than it could be read again
    parts.push_back(
        detail::parse_json<Json>("[TransformChain::to_json] a part", part->to_json(), deepest_json - 2));
  return Json{{"transform", "TransformChain"}, {"parts", parts}}.dump();
}

std::unique_ptr<Transform> transform_from_json(const std::string& text) {
  try {
    return TransformJson::transform(parse(of_transform, text));
  } catch (const Json::exception& error) {
    fail(of_transform, detail::json_problem(error.what()));
  } catch (const ValueError& error) {  // from a constructor
    fail(of_transform, error.what());
  }
}

}  // namespace gradus::nn
