#pragma once

#include <cstdint>

/// Calls that are hardly ever made, beside numbers that are alive. Usually a call may overwrite every vector
/// register, and a number that is alive across it lies in memory even where it is not made: 10 cycles for
/// each link of a chain of sums. By this convention the called function keeps ten of these registers.
///
/// Unwinding does not bring them back. So whatever is declared like this is noexcept: it keeps the exception,
/// and whoever has called throws it.
#if defined(__x86_64__) && !defined(_WIN32)
#define GRADUS_KEEPS_NUMBERS [[gnu::ms_abi]]
#else
#define GRADUS_KEEPS_NUMBERS
#endif
#define GRADUS_COLD_CALL [[gnu::cold, gnu::noinline]] GRADUS_KEEPS_NUMBERS

namespace gradus::detail {

/// Keeps the exception being handled, for throw_kept() in the same thread.
void keep_exception() noexcept;
[[noreturn, gnu::cold, gnu::noinline]] void throw_kept();

}  // namespace gradus::detail
