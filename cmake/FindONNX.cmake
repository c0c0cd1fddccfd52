# ONNX's file format as the target gradus::onnx. Only programs that export models load the libraries.
include(FindPackageHandleStandardArgs)

find_library(ONNX_LIBRARY NAMES onnx_proto)
find_library(ONNX_Protobuf_LIBRARY NAMES protobuf)
find_path(ONNX_INCLUDE_DIR NAMES onnx/onnx_pb.h PATHS /usr/include NO_DEFAULT_PATH)
find_path(ONNX_Protobuf_INCLUDE_DIR NAMES google/protobuf/message.h)
mark_as_advanced(ONNX_LIBRARY ONNX_Protobuf_LIBRARY ONNX_INCLUDE_DIR ONNX_Protobuf_INCLUDE_DIR)
find_package_handle_standard_args(ONNX REQUIRED_VARS ONNX_LIBRARY ONNX_Protobuf_LIBRARY ONNX_INCLUDE_DIR
                                  ONNX_Protobuf_INCLUDE_DIR
                                  REASON_FAILURE_MESSAGE "to export models (Debian: libonnx-dev libprotobuf-dev)")

if(ONNX_FOUND AND NOT TARGET gradus::onnx)
  add_library(gradus::onnx INTERFACE IMPORTED)
  set_target_properties(gradus::onnx PROPERTIES
    INTERFACE_INCLUDE_DIRECTORIES "${ONNX_INCLUDE_DIR};${ONNX_Protobuf_INCLUDE_DIR}"
    INTERFACE_LINK_LIBRARIES
    "-Wl,--push-state,--as-needed,${ONNX_LIBRARY},${ONNX_Protobuf_LIBRARY},--pop-state")
endif()
