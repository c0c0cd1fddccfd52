#pragma once

#include <compare>
#include <string>
#include <vector>

#include <gradus/nn/modules/parts.hpp>

namespace gradus::nn::detail {

/// By what one knows a module that stands in several places of a model. One that owns nothing is like any
/// other of its type.
struct ModuleIdentity {
  std::string type;
  std::vector<const void*> owned;  ///< its own parameters, buffers and state, not its children's

  auto operator<=>(const ModuleIdentity&) const = default;
};

template <class T>
ModuleIdentity identity_of(const ModuleParts<T>& parts) {
  ModuleIdentity identity{parts.type, {}};
  for (const auto& parameter : parts.parameters) identity.owned.push_back(parameter.tensor.node().get());
  for (const auto& [name, buffer] : parts.buffers) identity.owned.push_back(&buffer.value());
  if (parts.state) identity.owned.push_back(parts.state.get());
  return identity;
}

}  // namespace gradus::nn::detail
