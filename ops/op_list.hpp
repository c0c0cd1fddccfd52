#pragma once

/// Every elementwise op without parameters: the name of its function and its rule in ops/rules.hpp. What is
/// listed here is declared, compiled for every number type, tested and benchmarked.

// clang-format off
#define GRADUS_UNARY_OPS(X)    \
  X(neg,        Neg)           \
  X(reciprocal, Reciprocal)    \
  X(exp,        Exp)           \
  X(log,        Log)           \
  X(sqrt,       Sqrt)          \
  X(square,     Square)        \
  X(abs,        Abs)           \
  X(sin,        Sin)           \
  X(cos,        Cos)           \
  X(tanh,       Tanh)          \
  X(sigmoid,    Sigmoid)       \
  X(relu,       Relu)          \
  X(softplus,   Softplus)

#define GRADUS_BINARY_OPS(X)   \
  X(add,        Add)           \
  X(sub,        Sub)           \
  X(mul,        Mul)           \
  X(div,        Div)           \
  X(pow,        Pow)           \
  X(maximum,    Maximum)       \
  X(minimum,    Minimum)
// clang-format on
