#pragma once

#include <string>

/// GraphErrors that several parts of the graph throw, each worded once.
namespace gradus::detail {

[[noreturn]] void fail_constant_root(const char* caller);
[[noreturn]] void fail_constant_input(const char* caller);
/// `what`, in the singular, was given back after a sweep that did not retain the graph.
[[noreturn]] void fail_released(const char* caller, const std::string& what);
/// `variable` was changed after `use`, what read it.
[[noreturn]] void fail_changed(const char* caller, const std::string& variable, const std::string& use);

/// How messages speak of a variable: "the variable 'w'", or "an unnamed variable".
std::string variable_text(const std::string& name);

}  // namespace gradus::detail
