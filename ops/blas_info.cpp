#include <algorithm>
#include <array>
#include <ostream>
#include <string_view>

#include <gradus/ops/blas_info.hpp>

// There when the BLAS is OpenBLAS.
extern "C" [[gnu::weak]] char* openblas_get_config();
extern "C" [[gnu::weak]] char* openblas_get_corename();

namespace gradus {
namespace {

/// The OpenBLAS core type with the widest kernels this processor runs; empty when any will do. What OpenBLAS
/// asks of the processor for SkylakeX is AVX512VL. teach_openblas in ./dev goes by the same rule.
std::string best_core() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512vl")) return "SkylakeX";
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return "Haswell";
#endif
  return "";
}

/// Whether OpenBLAS's kernels for `core` use AVX2 or more.
bool is_modern(std::string_view core) {
  constexpr std::array<std::string_view, 6> modern{"Haswell",  "Zen",        "Excavator",
                                                   "SkylakeX", "Cooperlake", "Sapphirerapids"};
  const auto same_letter = [](char a, char b) { return (a | 0x20) == (b | 0x20); };  // letters only
  return std::any_of(modern.begin(), modern.end(), [&](std::string_view name) {
    return std::equal(name.begin(), name.end(), core.begin(), core.end(), same_letter);
  });
}

}  // namespace

BlasInfo blas_info() {
  if (openblas_get_config == nullptr || openblas_get_corename == nullptr) return {"unknown", "unknown", ""};
  BlasInfo info{openblas_get_config(), openblas_get_corename(), ""};
  const std::string best = best_core();
  if (!best.empty() && !is_modern(info.core))
    info.advice = "OpenBLAS does not know this processor and uses its " + info.core +
                  " kernels: set the environment variable OPENBLAS_CORETYPE=" + best +
                  " before the program starts";
  return info;
}

std::ostream& operator<<(std::ostream& out, const BlasInfo& info) {
  out << "BLAS for products of doubles: " << info.library << ", kernels for " << info.core;
  return info.advice.empty() ? out : out << '\n' << info.advice;
}

}  // namespace gradus
