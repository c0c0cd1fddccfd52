#pragma once

/// Every op. What is listed here is declared, compiled for every number type, tested and benchmarked; what is
/// not cannot be recorded, because the names of steps (ops/op_name.hpp) are made from these lists.

// Elementwise ops: the name of the function and its rule in ops/rules.hpp. Those of the SIMD lists have
// kernels for every instruction set; the others are computed number by number (ops/by_element.hpp).

// clang-format off
#define GRADUS_UNARY_SIMD_OPS(X)      \
  X(neg,         Neg)                 \
  X(reciprocal,  Reciprocal)          \
  X(exp,         Exp)                 \
  X(exp2,        Exp2)                \
  X(expm1,       Expm1)               \
  X(log,         Log)                 \
  X(log2,        Log2)                \
  X(log10,       Log10)               \
  X(log1p,       Log1p)               \
  X(logit,       Logit)               \
  X(sqrt,        Sqrt)                \
  X(rsqrt,       Rsqrt)               \
  X(square,      Square)              \
  X(abs,         Abs)                 \
  X(sign,        Sign)                \
  X(floor,       Floor)               \
  X(ceil,        Ceil)                \
  X(round,       Round)               \
  X(nan_to_num,  NanToNum)            \
  X(sin,         Sin)                 \
  X(cos,         Cos)                 \
  X(tanh,        Tanh)                \
  X(sigmoid,     Sigmoid)             \
  X(relu,        Relu)                \
  X(selu,        Selu)                \
  X(softplus,    Softplus)            \
  X(log_sigmoid, LogSigmoid)          \
  X(gelu_tanh,   GeluTanh)            \
  X(silu,        Silu)                \
  X(mish,        Mish)                \
  X(softsign,    Softsign)            \
  X(hard_sigmoid,HardSigmoid)

#define GRADUS_UNARY_OTHER_OPS(X)     \
  X(cbrt,        Cbrt)                \
  X(tan,         Tan)                 \
  X(asin,        Asin)                \
  X(acos,        Acos)                \
  X(atan,        Atan)                \
  X(sinh,        Sinh)                \
  X(cosh,        Cosh)                \
  X(asinh,       Asinh)               \
  X(acosh,       Acosh)               \
  X(atanh,       Atanh)               \
  X(gelu,        Gelu)                \
  X(erf,         Erf)                 \
  X(erfc,        Erfc)                \
  X(lgamma,      Lgamma)              \
  X(digamma,     Digamma)

#define GRADUS_UNARY_OPS(X) GRADUS_UNARY_SIMD_OPS(X) GRADUS_UNARY_OTHER_OPS(X)

#define GRADUS_BINARY_SIMD_OPS(X)     \
  X(add,         Add)                 \
  X(sub,         Sub)                 \
  X(mul,         Mul)                 \
  X(flow,        Flow)                \
  X(div,         Div)                 \
  X(pow,         Pow)                 \
  X(maximum,     Maximum)             \
  X(minimum,     Minimum)             \
  X(logaddexp,   Logaddexp)           \
  X(heaviside,   Heaviside)           \
  X(leaky_relu,  LeakyRelu)           \
  X(elu,         Elu)

#define GRADUS_BINARY_OTHER_OPS(X)    \
  X(hypot,       Hypot)               \
  X(atan2,       Atan2)               \
  X(fmod,        Fmod)                \
  X(polygamma,   Polygamma)

#define GRADUS_BINARY_OPS(X) GRADUS_BINARY_SIMD_OPS(X) GRADUS_BINARY_OTHER_OPS(X)

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
  X(dot)                       \
  X(outer)                     \
  X(tensordot)                 \
  X(einsum)                    \
  X(inv)                       \
  X(solve)                     \
  X(solve_triangular)          \
  X(det)                       \
  X(slogdet)                   \
  X(cholesky)                  \
  X(eigh)                      \
  X(qr)                        \
  X(svd)                       \
  X(pinv)                      \
  X(matrix_power)              \
  X(transpose)                 \
  X(reshape)                   \
  X(broadcast_to)              \
  X(squeeze)                   \
  X(expand_dims)               \
  X(concatenate)               \
  X(stack)                     \
  X(take)                      \
  X(where)                     \
  X(ravel)                     \
  X(swapaxes)                  \
  X(moveaxis)                  \
  X(slice)                     \
  X(split)                     \
  X(chunk)                     \
  X(flip)                      \
  X(roll)                      \
  X(pad)                       \
  X(tile)                      \
  X(repeat)                    \
  X(unfold)                    \
  X(diag)                      \
  X(diagonal)                  \
  X(tril)                      \
  X(triu)                      \
  X(trace)                     \
  X(take_along_axis)           \
  X(gather)                    \
  X(scatter_add)               \
  X(mask_select)               \
  X(std)                       \
  X(cumsum)                    \
  X(cumprod)                   \
  X(sort)                      \
  X(topk)                      \
  X(fuse)                      \
  X(custom_op)                 \
  X(checkpoint)
// clang-format on
