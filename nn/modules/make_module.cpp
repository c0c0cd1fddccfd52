#include <map>
#include <mutex>

#include <gradus/core/expected.hpp>
#include <gradus/nn/modules/make_module.hpp>
#include <gradus/nn/modules/module_identity.hpp>
#include <gradus/nn/modules/module_types.hpp>
#include <gradus/ops/attribute_reader.hpp>

namespace gradus::nn {
namespace {

template <class T>
struct Registry {
  std::mutex mutex;
  detail::ModuleTypes<T> types = detail::module_types<T>();
};

template <class T>
Registry<T>& registry() {
  static Registry<T> all;
  return all;
}

template <class T>
std::vector<std::string> types_of() {
  const std::lock_guard lock(registry<T>().mutex);
  std::vector<std::string> names;
  for (const auto& row : registry<T>().types) names.push_back(row.first);
  return names;
}

template <class T>
ModuleType<T> find(const std::string& type) {
  {
    const std::lock_guard lock(registry<T>().mutex);
    const auto row = registry<T>().types.find(type);
    if (row != registry<T>().types.end()) return row->second;
  }
  throw ValueError("[make_module] there is no type of module '" + type +
                   "': " + gradus::detail::expected_one_of(types_of<T>()) +
                   ", or one that register_module() was told of");
}

/// The type, when it may be made from these.
template <class T>
ModuleType<T> checked(const std::string& type, const Attributes& attributes,
                      const NamedModules<T>& children) {
  ModuleType<T> found = find<T>(type);
  const gradus::detail::AttributeReader reader(type, attributes);
  reader.check_names(found.attributes);
  if (!found.has_children && !children.empty())
    reader.fail(std::to_string(children.size()) + " children: expected none");
  return found;
}

template <class T>
Module<T> like(const Module<T>& model, Rng& rng, std::map<detail::ModuleIdentity, Module<T>>& made) {
  const ModuleParts<T> parts = model.parts();
  const detail::ModuleIdentity identity = detail::identity_of(parts);
  if (const auto same = made.find(identity); same != made.end()) return same->second;
  NamedModules<T> children;
  for (const auto& [name, child] : parts.children) children.push_back({name, like(child, rng, made)});
  Module<T> fresh = make_module(parts.type, parts.attributes, children, rng);
  if (!identity.owned.empty()) made.emplace(identity, fresh);
  return fresh;
}

}  // namespace

template <class T>
Module<T> make_module(const std::string& type, const Attributes& attributes, const NamedModules<T>& children,
                      Rng& rng) {
  return checked(type, attributes, children).make({attributes, children, rng});
}

template <class T>
double least_elements(const std::string& type, const Attributes& attributes, const NamedModules<T>& children,
                      Rng& rng) {
  const ModuleType<T> found = checked(type, attributes, children);
  return found.elements ? found.elements({attributes, children, rng}) : 0;
}

template <class T>
Module<T> make_like(const Module<T>& model, Rng& rng) {
  std::map<detail::ModuleIdentity, Module<T>> made;
  return like(model, rng, made);
}

template <class T>
void register_module(const std::string& type, ModuleType<T> made) {
  if (type.empty() || !made.make)
    throw ValueError("[register_module] '" + type + "': expected a name and a function that makes modules");
  const std::lock_guard lock(registry<T>().mutex);
  if (!registry<T>().types.emplace(type, std::move(made)).second)
    throw ValueError("[register_module] there is a type of module '" + type + "' already");
}

std::vector<std::string> module_types() { return types_of<double>(); }

#define GRADUS_INSTANTIATE(T)                                                                          \
  template Module<T> make_module(const std::string&, const Attributes&, const NamedModules<T>&, Rng&); \
  template double least_elements(const std::string&, const Attributes&, const NamedModules<T>&, Rng&); \
  template Module<T> make_like(const Module<T>&, Rng&);                                                \
  template void register_module(const std::string&, ModuleType<T>);
GRADUS_INSTANTIATE(float)
GRADUS_INSTANTIATE(double)
#undef GRADUS_INSTANTIATE

}  // namespace gradus::nn
