#include <gradus/ops/kernels/elementwise_impl.hpp>

namespace gradus::kernels {

#define GRADUS_INSTANTIATE(name, Rule) GRADUS_BINARY_KERNELS(double, Rule)
GRADUS_BINARY_SIMD_OPS(GRADUS_INSTANTIATE)

}  // namespace gradus::kernels
