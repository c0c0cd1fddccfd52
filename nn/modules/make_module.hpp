#pragma once

#include <functional>
#include <string>
#include <vector>

#include <gradus/nn/modules/module.hpp>

/// Modules by their types, for what reads models from files: the way back from what parts() says.
namespace gradus::nn {

/// What a module is made from.
template <class T>
struct ModuleArguments {
  const Attributes& attributes;
  const NamedModules<T>& children;
  Rng& rng;
};

/// How modules of a type are made.
template <class T>
struct ModuleType {
  std::vector<std::string> attributes = {};  ///< those it knows
  bool has_children = false;                 ///< whether it takes any
  std::function<Module<T>(const ModuleArguments<T>&)> make = {};
  /// How many numbers it holds at least, beside its children; what a file describes is not made when that is
  /// more than the file has. Empty: not known.
  std::function<double(const ModuleArguments<T>&)> elements = {};
};

/// The module of that type: make_module<float>("Linear", {{"in", 784.0}, {"out", 50.0}}, {}, rng). Types,
/// attributes and children are those that its parts() say; what is left out is as it is by default. First
/// values are drawn as they are by default. ValueError for a type that is not known (the message lists those
/// that are), for an attribute that it has not, lacks, or that is of another type, and for children of a
/// module that takes none; otherwise what the module throws.
template <class T>
Module<T> make_module(const std::string& type, const Attributes& attributes, const NamedModules<T>& children,
                      Rng& rng);

/// How many numbers the module that make_module() would make holds at least, beside its children; 0 when that
/// is not known. Errors as for make_module.
template <class T>
double least_elements(const std::string& type, const Attributes& attributes, const NamedModules<T>& children,
                      Rng& rng);

/// A model as the given one was before it learnt: made anew of the same types, attributes and children, with
/// parameters, buffers and states of its own; a module that stands in several places does so again. Errors as
/// for make_module.
template <class T>
Module<T> make_like(const Module<T>& model, Rng& rng);

/// Adds a type of one's own. ValueError when there is one of that name, or `made.make` is empty.
template <class T>
void register_module(const std::string& type, ModuleType<T> made);

/// The types that make_module() knows, in alphabetical order.
std::vector<std::string> module_types();

}  // namespace gradus::nn
