# OpenBLAS with its C interface, as the target gradus::cblas. The library itself is asked for, not the
# system's choice of BLAS: the project also calls what only OpenBLAS has.
include(FindPackageHandleStandardArgs)

find_library(CBLAS_LIBRARY NAMES openblas)
find_path(CBLAS_INCLUDE_DIR NAMES cblas.h PATH_SUFFIXES openblas openblas-pthread)
mark_as_advanced(CBLAS_LIBRARY CBLAS_INCLUDE_DIR)
find_package_handle_standard_args(CBLAS REQUIRED_VARS CBLAS_LIBRARY CBLAS_INCLUDE_DIR
                                  REASON_FAILURE_MESSAGE "OpenBLAS is needed (Debian: libopenblas-dev)")

if(CBLAS_FOUND AND NOT TARGET gradus::cblas)
  add_library(gradus::cblas UNKNOWN IMPORTED)
  set_target_properties(gradus::cblas PROPERTIES
    IMPORTED_LOCATION "${CBLAS_LIBRARY}" INTERFACE_INCLUDE_DIRECTORIES "${CBLAS_INCLUDE_DIR}")
endif()
