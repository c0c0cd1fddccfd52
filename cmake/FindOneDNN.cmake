# oneDNN as the target gradus::onednn. Its own CMake package is not used: it insists on OpenCL's headers, which
# nothing here needs.
include(FindPackageHandleStandardArgs)

find_library(OneDNN_LIBRARY NAMES dnnl)
find_path(OneDNN_INCLUDE_DIR NAMES dnnl.h PATH_SUFFIXES oneapi/dnnl)
mark_as_advanced(OneDNN_LIBRARY OneDNN_INCLUDE_DIR)
find_package_handle_standard_args(OneDNN REQUIRED_VARS OneDNN_LIBRARY OneDNN_INCLUDE_DIR
                                  REASON_FAILURE_MESSAGE "oneDNN is needed (Debian: libdnnl-dev)")

if(OneDNN_FOUND AND NOT TARGET gradus::onednn)
  add_library(gradus::onednn UNKNOWN IMPORTED)
  set_target_properties(gradus::onednn PROPERTIES
    IMPORTED_LOCATION "${OneDNN_LIBRARY}" INTERFACE_INCLUDE_DIRECTORIES "${OneDNN_INCLUDE_DIR}")
endif()
