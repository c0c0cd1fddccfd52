#include <array>
#include <cstdlib>
#include <string>
#include <vector>

#include <gradus/core/dispatch.hpp>
#include <gradus/core/error.hpp>
#include <gradus/core/expected.hpp>
#include <gradus/core/kernel_arch.hpp>

namespace gradus {
namespace kernels {
namespace {

#define GRADUS_NAME(arch) #arch,
constexpr std::array names{"", GRADUS_KERNEL_ARCHS(GRADUS_NAME)};
#undef GRADUS_NAME

constexpr Arch plainest{1};

const char* name(Arch arch) { return names[static_cast<std::size_t>(arch)]; }

/// The last of the instruction sets that this processor has, and with it those before.
Arch best_arch() {
#ifdef GRADUS_KERNELS_BY_CPU
  __builtin_cpu_init();  // a kernel may be called before main
  const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  const bool avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512cd") &&
                      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw") &&
                      __builtin_cpu_supports("avx512vl");
  if (avx2) return avx512 ? Arch::avx512 : Arch::avx2;
#endif
  return plainest;
}

}  // namespace

Arch choose_arch(std::string_view wanted, Arch best) {
  if (wanted.empty()) return best;
  std::vector<std::string> choice;
  for (Arch arch = plainest; arch <= best; arch = Arch{static_cast<int>(arch) + 1}) {
    if (wanted == name(arch)) return arch;
    choice.emplace_back(name(arch));
  }
  throw ValueError("[GRADUS_ARCH] the environment variable is '" + std::string(wanted) +
                   "': this processor and this build have " + gradus::detail::listed(choice));
}

std::atomic<Arch> decided_arch{Arch::undecided};

Arch decide_arch() {
  const char* wanted = std::getenv("GRADUS_ARCH");
  const Arch arch = choose_arch(wanted == nullptr ? "" : wanted, best_arch());
  decided_arch.store(arch, std::memory_order_relaxed);
  return arch;
}

}  // namespace kernels

std::string_view kernel_arch() { return kernels::name(kernels::arch_in_use()); }

}  // namespace gradus
