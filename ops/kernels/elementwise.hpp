#pragma once

#include <cstddef>

#include <gradus/core/broadcast.hpp>
#include <gradus/core/dispatch.hpp>
#include <gradus/ops/by_element.hpp>
#include <gradus/ops/op_list.hpp>
#include <gradus/ops/rules.hpp>

/// Elementwise kernels over contiguous row-major buffers, for float and double and every rule of
/// ops/op_list.hpp (and Clip). They are instantiated in .cpp files of this folder, or, for rules without a
/// vector form, in ops/by_element.cpp.
///
/// A backward kernel adds to its result when `accumulate` is set and overwrites it otherwise. Where the
/// incoming gradient g is 0 the contribution is exactly 0, whatever the local derivative. Operands the
/// derivative does not read may be null. A result may be the very buffer of an operand of the same shape.
namespace gradus::kernels {

/// Whether a rule has kernels for every instruction set.
template <class Rule>
inline constexpr bool has_simd = true;
#define GRADUS_WITHOUT_SIMD(function, Rule) \
  template <>                               \
  inline constexpr bool has_simd<rules::Rule> = false;
GRADUS_UNARY_OTHER_OPS(GRADUS_WITHOUT_SIMD)
GRADUS_BINARY_OTHER_OPS(GRADUS_WITHOUT_SIMD)
#undef GRADUS_WITHOUT_SIMD

/// y = rule(x)
template <class Rule, class T>
void unary_forward(const Rule& rule, const T* x, T* y, std::size_t n) {
  if constexpr (has_simd<Rule>)
    dispatch<unary_forward<Rule, T>>(rule, x, y, n);
  else
    by_element::unary_forward<Rule, T>(rule, x, y, n);
}

/// gx (+)= g * dy/dx
template <class Rule, class T>
void unary_backward(const Rule& rule, const T* g, const T* x, const T* y, T* gx, std::size_t n,
                    bool accumulate) {
  if constexpr (has_simd<Rule>)
    dispatch<unary_backward<Rule, T>>(rule, g, x, y, gx, n, accumulate);
  else
    by_element::unary_backward<Rule, T>(rule, g, x, y, gx, n, accumulate);
}

/// y = rule(a, b), broadcast
template <class Rule, class T>
void binary_forward(const Rule& rule, const BroadcastPlan& plan, const T* a, const T* b, T* y) {
  if constexpr (has_simd<Rule>)
    dispatch<binary_forward<Rule, T>>(rule, plan, a, b, y);
  else
    by_element::binary_forward<Rule, T>(rule, plan, a, b, y);
}

/// out (+)= g * dy/da (Side 0) or g * dy/db (Side 1). `out` has the shape of y: broadcast axes are not
/// summed.
template <class Rule, class T, int Side>
void binary_backward(const Rule& rule, const BroadcastPlan& plan, const T* g, const T* a, const T* b,
                     const T* y, T* out, bool accumulate) {
  if constexpr (has_simd<Rule>)
    dispatch<binary_backward<Rule, T, Side>>(rule, plan, g, a, b, y, out, accumulate);
  else
    by_element::binary_backward<Rule, T, Side>(rule, plan, g, a, b, y, out, accumulate);
}

}  // namespace gradus::kernels
