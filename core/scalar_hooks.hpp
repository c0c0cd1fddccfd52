#pragma once

#include <gradus/core/hook.hpp>
#include <gradus/core/scalar.hpp>

namespace gradus::detail {

/// The hooks of a scalar step or variable, which lie in RecordBooks::hooks: steps have no room for them.
struct ScalarHooks : HookList<Scalar> {};

}  // namespace gradus::detail
