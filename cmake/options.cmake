# How the project's own sources are compiled: the library, tests, benchmarks and examples link gradus_options
# privately, so that none of it reaches whoever uses the library.
include(CheckCXXCompilerFlag)

add_library(gradus_options INTERFACE)
target_compile_options(gradus_options INTERFACE -Wall -Wextra -Wshadow -Werror)

if(GRADUS_NATIVE)
  check_cxx_compiler_flag(-march=native GRADUS_HAS_MARCH_NATIVE)
  if(GRADUS_HAS_MARCH_NATIVE)
    target_compile_options(gradus_options INTERFACE -march=native)
  endif()
endif()

if(GRADUS_SANITIZE)
  target_compile_options(gradus_options INTERFACE -O1 -g -fno-omit-frame-pointer)
  target_compile_definitions(gradus_options INTERFACE _GLIBCXX_ASSERTIONS)
endif()
