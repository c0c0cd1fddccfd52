# The kernels are compiled once for every instruction set; which is used is decided when a program runs
# (core/dispatch.hpp). Without GRADUS_EVERY_CPU, or where the tools are missing, once for the compiler's own.
include(CheckCXXCompilerFlag)

file(GLOB kernel_sources CONFIGURE_DEPENDS core/kernels/*.cpp ops/kernels/*.cpp)
list(FILTER kernel_sources EXCLUDE REGEX "/gemm[^/]*$")  # the libraries behind it choose for themselves

# Products and sums may be fused here, and only here: the last bits depend on the instruction set anyway. A loop that
# straddles two lines of the cache is up to 1.4 times slower: where it lies is not left to chance.
set_source_files_properties(${kernel_sources} PROPERTIES
                            COMPILE_OPTIONS "-ffp-contract=fast;-fopenmp-simd;-falign-loops=32")

set(flags_sse2 -march=x86-64)
set(flags_avx2 ${flags_sse2} -mavx2 -mfma)
set(flags_avx512 ${flags_avx2} -mavx512f -mavx512cd -mavx512dq -mavx512bw -mavx512vl)

set(GRADUS_KERNELS_BY_CPU OFF)
if(GRADUS_EVERY_CPU AND CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64)$" AND CMAKE_SIZEOF_VOID_P EQUAL 8
   AND CMAKE_EXECUTABLE_FORMAT STREQUAL ELF AND CMAKE_LINKER AND CMAKE_OBJCOPY)
  check_cxx_compiler_flag("${flags_avx512}" GRADUS_HAS_X86_FLAGS)
  set(GRADUS_KERNELS_BY_CPU ${GRADUS_HAS_X86_FLAGS})
endif()

# gradus_kernels(<instruction set> <compiler flag>...): an object library with the kernels for it.
function(gradus_kernels arch)
  set(target gradus_kernels_${arch})
  add_library(${target} OBJECT ${kernel_sources})
  set_target_properties(${target} PROPERTIES POSITION_INDEPENDENT_CODE ON)
  target_compile_features(${target} PRIVATE cxx_std_20)
  target_compile_options(${target} PRIVATE ${ARGN} "$<TARGET_PROPERTY:gradus,INTERFACE_COMPILE_OPTIONS>")
  target_compile_definitions(${target} PRIVATE GRADUS_KERNEL_ARCH=${arch}
                             "$<TARGET_PROPERTY:gradus,INTERFACE_COMPILE_DEFINITIONS>")
  target_include_directories(${target} PRIVATE "${PROJECT_BINARY_DIR}/include")
  target_link_libraries(${target} PRIVATE xtensor xsimd gradus_options)
  target_precompile_headers(${target} PRIVATE <xsimd/xsimd.hpp>)
  # What ops/kernels/xsimd.hpp silences around it is forgotten when it is precompiled.
  target_compile_options(${target} PRIVATE "$<$<CXX_COMPILER_ID:GNU>:-Wno-uninitialized;-Wno-maybe-uninitialized>")
endfunction()

# What a header defines inline (std::copy_n, say) is in every object that uses it, and the linker keeps any one of
# the copies: that with AVX-512 for all, perhaps. Therefore the objects become one, of which nothing is seen from
# outside but where its kernels lie, and nothing runs before they are called (<iostream> would have something).
# tests/architecture/instructions.sh looks after that.
function(isolate_kernels arch)
  gradus_kernels(${arch} ${ARGN} -fno-lto "$<$<CXX_COMPILER_ID:GNU>:-fno-gnu-unique>")
  set(objects "$<FILTER:$<TARGET_OBJECTS:gradus_kernels_${arch}>,EXCLUDE,gch$>")  # the precompiled header is none
  set(isolated "${PROJECT_BINARY_DIR}/gradus_kernels_${arch}.o")
  add_custom_command(
    OUTPUT "${isolated}"
    COMMAND "${CMAKE_LINKER}" -r --force-group-allocation -o "${isolated}" "${objects}"
    COMMAND "${CMAKE_OBJCOPY}" --wildcard "--keep-global-symbol=_ZN6gradus7kernels6KernelI*E*${arch}E"
            --remove-section=.init_array "${isolated}"
    DEPENDS "${objects}"
    COMMENT "Isolating the kernels for ${arch}"
    COMMAND_EXPAND_LISTS VERBATIM)
  target_sources(gradus PRIVATE "${isolated}")
endfunction()

if(GRADUS_KERNELS_BY_CPU)
  target_compile_definitions(gradus PUBLIC GRADUS_KERNELS_BY_CPU)
  gradus_kernels(sse2 ${flags_sse2})
  target_sources(gradus PRIVATE $<TARGET_OBJECTS:gradus_kernels_sse2>)
  isolate_kernels(avx2 ${flags_avx2})
  isolate_kernels(avx512 ${flags_avx512})
else()
  gradus_kernels(baseline)
  target_sources(gradus PRIVATE $<TARGET_OBJECTS:gradus_kernels_baseline>)
endif()
