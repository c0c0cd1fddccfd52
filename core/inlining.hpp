#pragma once

/// Inlines whatever a function calls. Not under the address sanitizer: GCC 12 takes minutes to instrument
/// what comes of it.
#if defined(__SANITIZE_ADDRESS__)
#define GRADUS_FLATTEN
#else
#define GRADUS_FLATTEN [[gnu::flatten]]
#endif
