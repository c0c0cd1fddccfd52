#include <gradus/ops/kernels/elementwise_impl.hpp>

namespace gradus::kernels {

#define GRADUS_INSTANTIATE(name, Rule) GRADUS_UNARY_KERNELS(double, Rule)
GRADUS_UNARY_SIMD_OPS(GRADUS_INSTANTIATE)
GRADUS_INSTANTIATE(clip, Clip)

}  // namespace gradus::kernels
