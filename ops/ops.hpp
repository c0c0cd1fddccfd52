#pragma once

/// Every op, and what is made of graphs of them.

#include <gradus/ops/annotate.hpp>
#include <gradus/ops/blas_info.hpp>
#include <gradus/ops/bridge.hpp>
#include <gradus/ops/checkpoint.hpp>
#include <gradus/ops/compare.hpp>
#include <gradus/ops/composed.hpp>
#include <gradus/ops/cumulate.hpp>
#include <gradus/ops/custom.hpp>
#include <gradus/ops/derivatives.hpp>
#include <gradus/ops/diagonal.hpp>
#include <gradus/ops/einsum.hpp>
#include <gradus/ops/elementwise.hpp>
#include <gradus/ops/fuse.hpp>
#include <gradus/ops/gather.hpp>
#include <gradus/ops/graphs/graph.hpp>
#include <gradus/ops/graphs/staged_code.hpp>
#include <gradus/ops/index.hpp>
#include <gradus/ops/layout.hpp>
#include <gradus/ops/linalg/decompositions.hpp>
#include <gradus/ops/linalg/determinant.hpp>
#include <gradus/ops/linalg/powers.hpp>
#include <gradus/ops/linalg/solve.hpp>
#include <gradus/ops/masks.hpp>
#include <gradus/ops/op_table.hpp>
#include <gradus/ops/order.hpp>
#include <gradus/ops/product.hpp>
#include <gradus/ops/rearrange.hpp>
#include <gradus/ops/reduce.hpp>
#include <gradus/ops/scalar_ops.hpp>
#include <gradus/ops/slicing.hpp>
#include <gradus/ops/softmax.hpp>
#include <gradus/ops/tensordot.hpp>
#include <gradus/ops/windows.hpp>
