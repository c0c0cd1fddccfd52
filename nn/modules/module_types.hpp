#pragma once

#include <map>
#include <string>

#include <gradus/nn/modules/make_module.hpp>

namespace gradus::nn::detail {

template <class T>
using ModuleTypes = std::map<std::string, ModuleType<T>>;

/// How each module of the library is made: the table behind make_module().
template <class T>
ModuleTypes<T> module_types();

}  // namespace gradus::nn::detail
