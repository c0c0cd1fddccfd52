#pragma once

#include <gradus/ops/rules/activation.hpp>
#include <gradus/ops/rules/arithmetic.hpp>
#include <gradus/ops/rules/exponential.hpp>
#include <gradus/ops/rules/hyperbolic.hpp>
#include <gradus/ops/rules/piecewise.hpp>
#include <gradus/ops/rules/power.hpp>
#include <gradus/ops/rules/special.hpp>
#include <gradus/ops/rules/trigonometric.hpp>

/// The elementwise rules: value and local derivatives, each written once, over any number type T.
/// forward() is the value y. dx(x, y) of one operand, da(a, b, y) and db(a, b, y) of two, are the local
/// derivatives; whatever a rule does not declare as read may be any value. A rule uses operators, T(constant)
/// and math:: only; a branch is math::select, of which both sides are computed. Values at kinks are chosen
/// and stated; NaN goes in and comes out, in the value and in the derivative.
namespace gradus::rules {}
