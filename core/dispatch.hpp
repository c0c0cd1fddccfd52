#pragma once

#include <atomic>
#include <string_view>
#include <utility>

/// One kernel, several instruction sets, chosen when the program runs. The text of a kernel
/// (kernels/*.cpp) is compiled once for each of them, in a namespace of its name, and says what it
/// offers; the kernel's header has the function that is called, and hands its arguments on:
///
///   template <class T>                                             // vector.hpp
///   void scale(T* y, T factor, std::size_t n) {
///     dispatch<scale<T>>(y, factor, n);
///   }
///
///   namespace gradus::kernels::GRADUS_KERNEL_ARCH {                // vector.cpp
///   template <class T>
///   void scale(T* y, T factor, std::size_t n) { ... }
///   }
///   namespace gradus::kernels {
///   GRADUS_KERNEL(scale)
///   }

/// The instruction sets, each containing those before it. cmake/kernels.cmake has the compiler's flags for
/// each, core/kernel_arch.cpp what a processor must have.
#ifdef GRADUS_KERNELS_BY_CPU
#define GRADUS_KERNEL_ARCHS(each) each(sse2) each(avx2) each(avx512)
#else
#define GRADUS_KERNEL_ARCHS(each) each(baseline)
#endif

namespace gradus::kernels {

#define GRADUS_NAME(arch) arch,
enum class Arch { undecided, GRADUS_KERNEL_ARCHS(GRADUS_NAME) };
#undef GRADUS_NAME

extern std::atomic<Arch> decided_arch;
Arch decide_arch();

/// The one of that name, if it is not beyond what the processor has; its best for an empty name.
Arch choose_arch(std::string_view wanted, Arch best);

/// Decided at the first call. Throws ValueError as kernel_arch() does.
inline Arch arch_in_use() {
  const Arch arch = decided_arch.load(std::memory_order_relaxed);
  return arch == Arch::undecided ? decide_arch() : arch;
}

#ifdef __clang__  // warns of what other files define
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wundefined-var-template"
#endif

/// Where the code of the kernel called by `front` lies, for every instruction set. Defined by GRADUS_KERNEL.
template <auto front>
struct Kernel {
#define GRADUS_DECLARE(arch) static const decltype(front) arch;
  GRADUS_KERNEL_ARCHS(GRADUS_DECLARE)
#undef GRADUS_DECLARE

  static decltype(front) chosen() {
    switch (arch_in_use()) {
#define GRADUS_CASE(name) \
  case Arch::name:        \
    return name;
      GRADUS_KERNEL_ARCHS(GRADUS_CASE)
#undef GRADUS_CASE
      case Arch::undecided:
        break;
    }
    return nullptr;
  }
};

#ifdef __clang__
#pragma clang diagnostic pop
#endif

/// The kernel called by `front`, run with the instruction set in use.
template <auto front, class... Arguments>
auto dispatch(Arguments&&... arguments) {
  return Kernel<front>::chosen()(std::forward<Arguments>(arguments)...);
}

}  // namespace gradus::kernels

/// In the .cpp file of a kernel: its code for the instruction set being compiled is found here. Of one
/// instance of the template, and of those for float and double.
#define GRADUS_KERNEL_INSTANCE(...)                                                         \
  template <>                                                                               \
  const decltype(&kernels::__VA_ARGS__) Kernel<&kernels::__VA_ARGS__>::GRADUS_KERNEL_ARCH = \
      &GRADUS_KERNEL_ARCH::__VA_ARGS__;
#define GRADUS_KERNEL(name)           \
  GRADUS_KERNEL_INSTANCE(name<float>) \
  GRADUS_KERNEL_INSTANCE(name<double>)
