#include <cmath>
#include <utility>

#include <nlohmann/json.hpp>

#include <gradus/core/error.hpp>
#include <gradus/nn/checkpoint/describe.hpp>
#include <gradus/nn/modules/make_module.hpp>

namespace gradus::nn {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t deepest = 100;  // modules in modules; the stack has room for more

/// How messages speak of a module.
std::string place(const std::string& path) { return path.empty() ? "the model" : "'" + path + "'"; }

std::string join(const std::string& path, const std::string& name) {
  return path.empty() ? name : path + "." + name;
}

[[noreturn]] void reject(const std::string& message) { throw ValueError("[describe_model] " + message); }

[[noreturn]] void fail(const std::string& path, const std::string& message) {
  throw DataError("[build_model] " + place(path) + " " + message);
}

Json attribute_json(const std::string& where, const std::string& name, const AttributeValue& value) {
  if (const double* number = std::get_if<double>(&value); number && !std::isfinite(*number))
    reject(where + ": the attribute '" + name + "' is no finite number: JSON cannot hold it");
  return std::visit([](const auto& held) { return Json(held); }, value);
}

template <class T>
Json describe(const Module<T>& module, const std::string& path) {
  const ModuleParts<T> parts = module.parts();
  if (parts.type.empty())
    reject(place(path) + " has no type: expected modules of which make_module() knows how to make them");
  Json json{{"type", parts.type}};
  for (const auto& [name, value] : parts.attributes)
    json["attributes"][name] = attribute_json(place(path), name, value);
  for (const auto& [name, child] : parts.children) {
    Json entry{{"name", name}};
    entry.update(describe(child, join(path, name)));
    json["children"].push_back(std::move(entry));
  }
  return json;
}

AttributeValue attribute_of(const std::string& path, const std::string& name, const Json& json) {
  if (json.is_boolean()) return json.get<bool>();
  if (json.is_number()) return json.get<double>();
  if (json.is_string()) return json.get<std::string>();
  if (json.is_array() &&
      std::all_of(json.begin(), json.end(), [](const Json& x) { return x.is_number_integer(); }))
    return json.get<std::vector<std::ptrdiff_t>>();
  fail(path, "has the attribute '" + name + "' " + json.dump() +
                 ": expected true or false, a number, a text or a list of whole numbers");
}

/// The text under a key that must be there.
std::string text_of(const std::string& path, const Json& json, const char* key) {
  if (!json.is_object() || !json.contains(key) || !json[key].is_string())
    fail(path, "is described without a text '" + std::string(key) + "'");
  return json[key].get<std::string>();
}

template <class T>
Module<T> build(const Json& json, const std::string& path, std::size_t depth, Rng& rng) {
  if (depth > deepest) fail(path, "stands deeper than " + std::to_string(deepest) + " modules in modules");
  const std::string type = text_of(path, json, "type");
  for (const auto& [key, value] : json.items())
    if (key != "name" && key != "type" && key != "attributes" && key != "children")
      fail(path, "is described by an unknown '" + key + "'");
  Attributes attributes;
  if (json.contains("attributes")) {
    if (!json["attributes"].is_object()) fail(path, "has attributes that are no JSON object");
    for (const auto& [name, value] : json["attributes"].items())
      attributes[name] = attribute_of(path, name, value);
  }
  NamedModules<T> children;
  if (json.contains("children")) {
    if (!json["children"].is_array()) fail(path, "has children that are no JSON list");
    for (const Json& child : json["children"]) {
      const std::string name = text_of(path, child, "name");
      children.push_back({name, build<T>(child, join(path, name), depth + 1, rng)});
    }
  }
  return make_module(type, attributes, children, rng);
}

}  // namespace

template <class T>
std::string describe_model(const Module<T>& model) {
  try {
    return describe(model, "").dump();
  } catch (const Json::exception&) {
    reject("a name or an attribute is no UTF-8");
  }
}

template <class T>
Module<T> build_model(const std::string& description, Rng& rng) {
  const Json json = Json::parse(description, nullptr, false);
  if (json.is_discarded()) throw DataError("[build_model] the description is no JSON");
  return build<T>(json, "", 0, rng);
}

template std::string describe_model(const Module<float>&);
template std::string describe_model(const Module<double>&);
template Module<float> build_model(const std::string&, Rng&);
template Module<double> build_model(const std::string&, Rng&);

}  // namespace gradus::nn
