#pragma once

// The door to xtensor's printing of arrays: apart, because it is slow to compile.
#if __has_include(<xtensor/io/xio.hpp>)
#include <xtensor/io/xio.hpp>
#else
#include <xtensor/xio.hpp>
#endif
