# How the project's own sources are compiled: the library, tests, benchmarks and examples link gradus_options
# privately, so that none of it reaches whoever uses the library. Products and sums are not fused: the same bits
# wherever it is compiled.
add_library(gradus_warnings INTERFACE)
target_compile_options(gradus_warnings INTERFACE -Wall -Wextra -Wshadow -Werror)
if(CMAKE_CXX_COMPILER_ID STREQUAL GNU AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  # False alarms inside std::string and std::vector wherever texts are put together.
  target_compile_options(gradus_warnings INTERFACE -Wno-restrict -Wno-stringop-overflow -Wno-array-bounds)
endif()
add_library(gradus_options INTERFACE)
target_link_libraries(gradus_options INTERFACE gradus_warnings)
target_compile_options(gradus_options INTERFACE -ffp-contract=off)

if(GRADUS_SANITIZE)
  target_compile_options(gradus_options INTERFACE -O1 -g -fno-omit-frame-pointer)
  target_compile_definitions(gradus_options INTERFACE _GLIBCXX_ASSERTIONS)
endif()
