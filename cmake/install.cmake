# cmake --install: an ordinary CMake package, found with find_package(gradus CONFIG).
include(CMakePackageConfigHelpers)

set(gradus_package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/gradus")

install(TARGETS gradus EXPORT gradusTargets ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}")
install(EXPORT gradusTargets NAMESPACE gradus:: DESTINATION "${gradus_package_dir}")
install(DIRECTORY core ops nn DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}/gradus" FILES_MATCHING PATTERN "*.hpp"
        PATTERN "nn/cli" EXCLUDE)
install(FILES gradus.hpp DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}/gradus")
install(FILES LICENSE DESTINATION "${CMAKE_INSTALL_DOCDIR}")

configure_package_config_file(cmake/gradusConfig.cmake.in "${PROJECT_BINARY_DIR}/gradusConfig.cmake"
                              INSTALL_DESTINATION "${gradus_package_dir}")
write_basic_package_version_file("${PROJECT_BINARY_DIR}/gradusConfigVersion.cmake"
                                 COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/gradusConfig.cmake" "${PROJECT_BINARY_DIR}/gradusConfigVersion.cmake"
              cmake/FindCBLAS.cmake cmake/FindOneDNN.cmake cmake/FindONNX.cmake cmake/FindGraphviz.cmake
        DESTINATION "${gradus_package_dir}")
