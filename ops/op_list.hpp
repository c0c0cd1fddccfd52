#pragma once

/// Every op. What is listed here is declared, compiled for every number type, tested and benchmarked; what is
/// not cannot be recorded, because the names of steps (ops/op_name.hpp) are made from these lists.

// Elementwise ops without parameters: the name of the function and its rule in ops/rules.hpp.

// clang-format off
#define GRADUS_UNARY_OPS(X)    \
  X(neg,         Neg)          \
  X(reciprocal,  Reciprocal)   \
  X(exp,         Exp)          \
  X(log,         Log)          \
  X(log1p,       Log1p)        \
  X(expm1,       Expm1)        \
  X(sqrt,        Sqrt)         \
  X(square,      Square)       \
  X(abs,         Abs)          \
  X(sin,         Sin)          \
  X(cos,         Cos)          \
  X(tanh,        Tanh)         \
  X(sigmoid,     Sigmoid)      \
  X(relu,        Relu)         \
  X(softplus,    Softplus)     \
  X(log_sigmoid, LogSigmoid)

#define GRADUS_BINARY_OPS(X)   \
  X(add,         Add)          \
  X(sub,         Sub)          \
  X(mul,         Mul)          \
  X(flow,        Flow)         \
  X(div,         Div)          \
  X(pow,         Pow)          \
  X(maximum,     Maximum)      \
  X(minimum,     Minimum)

// Ops on tensors only: the name of the function, which holds the rule too.
#define GRADUS_TENSOR_OPS(X)   \
  X(clip)                      \
  X(sum)                       \
  X(mean)                      \
  X(prod)                      \
  X(max)                       \
  X(min)                       \
  X(var)                       \
  X(logsumexp)                 \
  X(norm)                      \
  X(softmax)                   \
  X(log_softmax)               \
  X(cross_entropy)             \
  X(matmul)                    \
  X(linear)                    \
  X(transpose)                 \
  X(reshape)                   \
  X(broadcast_to)              \
  X(squeeze)                   \
  X(expand_dims)               \
  X(concatenate)               \
  X(stack)                     \
  X(take)                      \
  X(where)                     \
  X(fuse)                      \
  X(custom_op)                 \
  X(checkpoint)
// clang-format on
