#pragma once

#include <cstddef>

#include <gradus/core/broadcast.hpp>

/// Elementwise loops that compute one number at a time, for rules whose functions have no vector form here:
/// compiled once, not for every instruction set. What they promise, kernels/elementwise.hpp says, by which
/// they are called.
namespace gradus::kernels::by_element {

template <class Rule, class T>
void unary_forward(const Rule& rule, const T* x, T* y, std::size_t n);

template <class Rule, class T>
void unary_backward(const Rule& rule, const T* g, const T* x, const T* y, T* gx, std::size_t n,
                    bool accumulate);

template <class Rule, class T>
void binary_forward(const Rule& rule, const BroadcastPlan& plan, const T* a, const T* b, T* y);

template <class Rule, class T, int Side>
void binary_backward(const Rule& rule, const BroadcastPlan& plan, const T* g, const T* a, const T* b,
                     const T* y, T* out, bool accumulate);

}  // namespace gradus::kernels::by_element
