#pragma once

#include <iosfwd>
#include <string>

namespace gradus {

/// Which BLAS computes products of doubles, and whether it makes full use of this processor.
struct BlasInfo {
  std::string library;  // for instance "OpenBLAS 0.3.21 ..."; "unknown" when it does not tell
  std::string core;     // the processor family its kernels are written for
  std::string advice;   // what to do when they are slower than this processor allows; empty when all is well
};

BlasInfo blas_info();

/// Library and core in one line, and the advice, if there is any, in another.
std::ostream& operator<<(std::ostream& out, const BlasInfo& info);

}  // namespace gradus
