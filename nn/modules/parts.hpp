#pragma once

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <gradus/core/rng.hpp>
#include <gradus/core/tensor.hpp>
#include <gradus/nn/modules/buffer.hpp>
#include <gradus/ops/op_table.hpp>
#include <gradus/ops/windows.hpp>

/// What modules consist of, and the walk through it that everything else is made of.
namespace gradus::nn {

/// A parameter and where it stands in its model, such as "0.weight".
template <class T>
struct NamedParameter {
  std::string name;
  Tensor<T> tensor;

  bool is_same(const NamedParameter& other) const { return tensor.node().get() == other.tensor.node().get(); }
};

template <class T>
using NamedParameters = std::vector<NamedParameter<T>>;

/// A buffer and where it stands, such as "1.running_mean".
template <class T>
struct NamedBuffer {
  std::string name;
  Buffer<T> buffer;

  bool is_same(const NamedBuffer& other) const { return buffer == other.buffer; }
};

template <class T>
using NamedBuffers = std::vector<NamedBuffer<T>>;

/// What a module is in, beside its numbers; handles of the module share it.
struct ModuleState {
  bool training = true;         ///< in training, or in evaluation
  std::optional<Rng> rng = {};  ///< what it draws from, if it draws
};

/// A state and where it stands, such as "2.state".
struct NamedState {
  std::string name;
  std::shared_ptr<ModuleState> state;

  bool is_same(const NamedState& other) const { return state == other.state; }
};

using NamedStates = std::vector<NamedState>;

namespace detail {

/// A number of something as an attribute.
inline AttributeValue attribute(std::size_t n) { return static_cast<double>(n); }
/// A pair as an attribute: a list of two.
inline AttributeValue attribute(HeightWidth pair) {
  return std::vector{static_cast<std::ptrdiff_t>(pair.height), static_cast<std::ptrdiff_t>(pair.width)};
}

}  // namespace detail

template <class T>
class Module;

/// A part of a module, under the name it has there.
template <class T>
struct NamedModule {
  std::string name;
  Module<T> module;
};

template <class T>
using NamedModules = std::vector<NamedModule<T>>;

/// What a module says of itself: each says it once, in its parts(), and what goes through a model (its
/// parameters, a summary, a file) reads it here.
template <class T>
struct ModuleParts {
  std::string type = {};                         ///< "Linear"; empty: one of the caller's own
  Attributes attributes = {};                    ///< what it was made with: {"in", 784.0}, {"bias", true}
  NamedParameters<T> parameters = {};            ///< its own, not its children's
  NamedBuffers<T> buffers = {};                  ///< likewise
  NamedModules<T> children = {};                 ///< in the order in which they run
  std::shared_ptr<ModuleState> state = nullptr;  ///< null: it is the same in training and in evaluation
};

/// Adds what a part of a model has to what the whole has: names begin with the part's name and a dot. What is
/// there already (two parts share it) is not added again.
template <class Named>
void append(std::vector<Named>& whole, const std::string& part,
            const std::type_identity_t<std::vector<Named>>& more) {
  for (Named each : more) {
    if (std::any_of(whole.begin(), whole.end(), [&](const Named& other) { return each.is_same(other); }))
      continue;
    each.name = part + "." + each.name;
    whole.push_back(std::move(each));
  }
}

/// What own(parts) finds in a module and in all below it, under dotted names, each once.
template <class T, class Own>
std::invoke_result_t<Own, const ModuleParts<T>&> collect(const ModuleParts<T>& parts, const Own& own) {
  auto found = own(parts);
  for (const auto& [name, module] : parts.children) append(found, name, collect(module.parts(), own));
  return found;
}

template <class T>
NamedParameters<T> named_parameters(const ModuleParts<T>& parts) {
  return collect(parts, [](const ModuleParts<T>& own) { return own.parameters; });
}

template <class T>
NamedBuffers<T> named_buffers(const ModuleParts<T>& parts) {
  return collect(parts, [](const ModuleParts<T>& own) { return own.buffers; });
}

template <class T>
NamedStates named_states(const ModuleParts<T>& parts) {
  return collect(parts, [](const ModuleParts<T>& own) {
    return own.state ? NamedStates{{"state", own.state}} : NamedStates{};
  });
}

/// The parameters without their names: what an optimizer takes.
template <class T>
std::vector<Tensor<T>> tensors_of(const NamedParameters<T>& parameters) {
  std::vector<Tensor<T>> tensors;
  for (const auto& parameter : parameters) tensors.push_back(parameter.tensor);
  return tensors;
}

/// Gives each variable its name in the model, so that an error can say which one it means.
template <class T>
void name_variables(const NamedParameters<T>& parameters) {
  for (const auto& [name, tensor] : parameters) tensor.named(name);
}

}  // namespace gradus::nn
