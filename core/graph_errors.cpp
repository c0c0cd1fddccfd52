#include <gradus/core/error.hpp>
#include <gradus/core/graph_errors.hpp>

namespace gradus::detail {
namespace {

[[noreturn]] void fail(const char* caller, const std::string& message) {
  throw GraphError("[" + std::string(caller) + "] " + message);
}

}  // namespace

void fail_constant_root(const char* caller) {
  fail(caller, "the root leads to no variable: it is a constant");
}

void fail_constant_input(const char* caller) { fail(caller, "an input is a constant: it has no gradient"); }

void fail_released(const char* caller, const std::string& what) {
  fail(caller, what +
                   " was released by an earlier backward() or grad(): pass {.retain_graph = true} to the "
                   "earlier sweep");
}

void fail_changed(const char* caller, const std::string& variable, const std::string& use) {
  fail(caller,
       variable + " was changed after " + use + ": sweep before changing it, or record the expression again");
}

std::string variable_text(const std::string& name) {
  return name.empty() ? "an unnamed variable" : "the variable '" + name + "'";
}

}  // namespace gradus::detail
