#pragma once

#include <string_view>

namespace gradus {

/// The instruction set that tensor kernels use in this process: "avx512", "avx2" or "sse2", the best that the
/// processor has, or the one that the environment variable GRADUS_ARCH names ("baseline" where the library
/// was built for a single one). Decided at the first call, or by the first kernel that runs. Throws
/// ValueError, as that kernel does, when GRADUS_ARCH names one that is unknown or that this processor does
/// not have.
std::string_view kernel_arch();

}  // namespace gradus
