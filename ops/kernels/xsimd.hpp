#pragma once

// The one door to xsimd. GCC 12 takes the deliberately undefined operands of its own AVX-512 intrinsics for
// mistakes.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#include <xsimd/xsimd.hpp>
#pragma GCC diagnostic pop
#else
#include <xsimd/xsimd.hpp>
#endif

/// What is written on top of xsimd has another meaning for another instruction set, and lives in a namespace
/// of its name, so that no linker takes one for the other. The build names those the library's kernels are
/// compiled for; these are for whoever else includes their headers.
#ifndef GRADUS_KERNEL_ARCH
#if defined(__AVX512BW__)
#define GRADUS_KERNEL_ARCH here_avx512
#elif defined(__AVX2__) && defined(__FMA__)
#define GRADUS_KERNEL_ARCH here_avx2
#elif defined(__AVX__)
#define GRADUS_KERNEL_ARCH here_avx
#else
#define GRADUS_KERNEL_ARCH here
#endif
#endif

namespace gradus::kernels {
namespace GRADUS_KERNEL_ARCH {}
using namespace GRADUS_KERNEL_ARCH;
}  // namespace gradus::kernels
