#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <utility>

#include <nlohmann/json.hpp>

#include <gradus/core/error.hpp>
#include <gradus/nn/checkpoint/describe.hpp>
#include <gradus/nn/files/parse_json.hpp>
#include <gradus/nn/modules/make_module.hpp>
#include <gradus/nn/modules/module_identity.hpp>

namespace gradus::nn {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t deepest = 100;  // modules in modules; the stack has room for more
// Each module is an object in the list of children of the one above; an attribute may be a list.
constexpr std::size_t deepest_json = 2 * (deepest + 2) + 1;

/// How messages speak of a module.
std::string place(const std::string& path) { return path.empty() ? "the model" : "'" + path + "'"; }

std::string join(const std::string& path, const std::string& name) {
  return path.empty() ? name : path + "." + name;
}

[[noreturn]] void reject(const std::string& message) {
  throw detail::NotDescribed("[describe_model] " + message);
}

[[noreturn]] void fail(const std::string& path, const std::string& message) {
  throw DataError("[build_model] " + place(path) + " " + message);
}

Json attribute_json(const std::string& where, const std::string& name, const AttributeValue& value) {
  if (const double* number = std::get_if<double>(&value)) {
    if (!std::isfinite(*number))
      reject(where + ": the attribute '" + name + "' is no finite number: JSON cannot hold it");
    constexpr double largest = 9007199254740992;  // 2^53
    const bool is_whole = std::trunc(*number) == *number && std::abs(*number) <= largest;
    if (is_whole && !(*number == 0 && std::signbit(*number))) return static_cast<std::int64_t>(*number);
  }
  return std::visit([](const auto& held) { return Json(held); }, value);
}

/// Walks through one model.
class Describer {
 public:
  template <class T>
  Json describe(const Module<T>& module, const std::string& path, std::size_t depth) {
    if (depth > deepest)
      throw ValueError("[describe_model] " + place(path) + " stands deeper than " + std::to_string(deepest) +
                       " modules in modules, which build_model() would refuse");
    const ModuleParts<T> parts = module.parts();
    if (parts.type.empty())
      reject(place(path) + " has no type: expected modules of which make_module() knows how to make them");
    if (const std::string first = first_place(parts, path); first != path) return {{"same_as", first}};
    Json json{{"type", parts.type}};
    for (const auto& [name, value] : parts.attributes)
      json["attributes"][name] = attribute_json(place(path), name, value);
    for (const auto& [name, child] : parts.children) {
      Json entry{{"name", name}};
      entry.update(describe(child, join(path, name), depth + 1));
      json["children"].push_back(std::move(entry));
    }
    return json;
  }

 private:
  /// Where the module stands first: here, or where it stood before.
  template <class T>
  std::string first_place(const ModuleParts<T>& parts, const std::string& path) {
    const detail::ModuleIdentity identity = detail::identity_of(parts);
    const auto same = places_.find(identity);
    if (same != places_.end() && parts.children.empty()) return same->second;
    for (const void* each : identity.owned)
      if (!owned_.insert(each).second)
        reject(place(path) + " shares a part of what it has with another module: expected all or nothing");
    if (!identity.owned.empty()) places_.emplace(identity, path);
    return path;
  }

  std::map<detail::ModuleIdentity, std::string> places_;
  std::set<const void*> owned_;
};

AttributeValue attribute_of(const std::string& path, const std::string& name, const Json& json) {
  if (json.is_boolean()) return json.get<bool>();
  if (json.is_number()) return json.get<double>();
  if (json.is_string()) return json.get<std::string>();
  if (json.is_array() &&
      std::all_of(json.begin(), json.end(), [](const Json& x) { return x.is_number_integer(); }))
    return json.get<std::vector<std::ptrdiff_t>>();
  fail(path, "has the attribute '" + name + "' " + detail::shortened_json(json) +
                 ": expected true or false, a number, a text or a list of whole numbers");
}

/// The text under a key that must be there.
std::string text_of(const std::string& path, const Json& json, const char* key) {
  if (!json.is_object() || !json.contains(key) || !json[key].is_string())
    fail(path, "is described without a text '" + std::string(key) + "'");
  return json[key].get<std::string>();
}

Attributes attributes_of(const std::string& path, const Json& json) {
  Attributes attributes;
  if (!json.contains("attributes")) return attributes;
  if (!json["attributes"].is_object()) fail(path, "has attributes that are no JSON object");
  for (const auto& [name, value] : json["attributes"].items())
    attributes[name] = attribute_of(path, name, value);
  return attributes;
}

/// Makes one model.
template <class T>
class Builder {
 public:
  Builder(Rng& rng, std::size_t most_elements)
      : rng_(rng), most_(most_elements), left_(static_cast<double>(most_elements)) {}

  Module<T> build(const Json& json, const std::string& path, std::size_t depth) {
    if (depth > deepest) fail(path, "stands deeper than " + std::to_string(deepest) + " modules in modules");
    if (json.is_object() && json.contains("same_as")) return again(json, path);
    const std::string type = text_of(path, json, "type");
    for (const auto& [key, value] : json.items())
      if (key != "name" && key != "type" && key != "attributes" && key != "children")
        fail(path, "is described by an unknown '" + detail::shortened(key) + "'");
    const Attributes attributes = attributes_of(path, json);
    const NamedModules<T> children = children_of(json, path, depth);
    left_ -= least_elements(type, attributes, children, rng_);
    if (!(left_ >= 0))
      fail(path, "would bring the model to more than the " + std::to_string(most_) + " numbers there are");
    Module<T> module = make_module(type, attributes, children, rng_);
    if (children.empty()) made_.emplace(path, module);
    return module;
  }

 private:
  NamedModules<T> children_of(const Json& json, const std::string& path, std::size_t depth) {
    NamedModules<T> children;
    if (!json.contains("children")) return children;
    if (!json["children"].is_array()) fail(path, "has children that are no JSON list");
    for (const Json& child : json["children"]) {
      const std::string name = text_of(path, child, "name");
      children.push_back({name, build(child, join(path, name), depth + 1)});
    }
    return children;
  }

  /// The module that stands elsewhere too; only one without children, of which doubles could become too many.
  Module<T> again(const Json& json, const std::string& path) const {
    const auto first = made_.find(text_of(path, json, "same_as"));
    if (first == made_.end() || json.size() != 2)
      fail(path,
           "is described by 'same_as' and more, or by one that names no module without children before");
    return first->second;
  }

  Rng& rng_;
  std::size_t most_;
  double left_;  // of the numbers
  std::map<std::string, Module<T>> made_;
};

}  // namespace

template <class T>
std::string describe_model(const Module<T>& model) {
  try {
    return Describer().describe(model, "", 0).dump();
  } catch (const Json::exception&) {
    reject("a name or an attribute is no UTF-8");
  }
}

template <class T>
Module<T> build_model(const std::string& description, Rng& rng, std::size_t most_elements) {
  const auto json = detail::parse_json<Json>("[build_model] the description", description, deepest_json);
  return Builder<T>(rng, most_elements).build(json, "", 0);
}

template std::string describe_model(const Module<float>&);
template std::string describe_model(const Module<double>&);
template Module<float> build_model(const std::string&, Rng&, std::size_t);
template Module<double> build_model(const std::string&, Rng&, std::size_t);

}  // namespace gradus::nn
