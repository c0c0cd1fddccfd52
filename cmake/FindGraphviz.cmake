# libgraphviz, which lays pictures of graphs out, as the target gradus::graphviz.
include(FindPackageHandleStandardArgs)

find_library(Graphviz_GVC_LIBRARY NAMES gvc)
find_library(Graphviz_CGRAPH_LIBRARY NAMES cgraph)
find_path(Graphviz_INCLUDE_DIR NAMES graphviz/gvc.h)
mark_as_advanced(Graphviz_GVC_LIBRARY Graphviz_CGRAPH_LIBRARY Graphviz_INCLUDE_DIR)
find_package_handle_standard_args(Graphviz
  REQUIRED_VARS Graphviz_GVC_LIBRARY Graphviz_CGRAPH_LIBRARY Graphviz_INCLUDE_DIR
  REASON_FAILURE_MESSAGE "without it pictures of graphs are text for dot, not SVG (Debian: libgraphviz-dev)")

if(Graphviz_FOUND AND NOT TARGET gradus::graphviz)
  add_library(gradus::graphviz UNKNOWN IMPORTED)
  set_target_properties(gradus::graphviz PROPERTIES
    IMPORTED_LOCATION "${Graphviz_GVC_LIBRARY}" INTERFACE_INCLUDE_DIRECTORIES "${Graphviz_INCLUDE_DIR}"
    INTERFACE_LINK_LIBRARIES "${Graphviz_CGRAPH_LIBRARY}")
endif()
