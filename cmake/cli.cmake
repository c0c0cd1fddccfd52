# The command line: nn/cli is the program `gradus`, and no part of the library.
find_package(CLI11 REQUIRED)

file(GLOB gradus_cli_sources CONFIGURE_DEPENDS nn/cli/*.cpp)
add_executable(gradus_cli ${gradus_cli_sources})
set_target_properties(gradus_cli PROPERTIES OUTPUT_NAME gradus)
target_compile_definitions(gradus_cli PRIVATE GRADUS_VERSION="${PROJECT_VERSION}")
target_compile_options(gradus_cli PRIVATE -O1)  # the library does the work
target_link_libraries(gradus_cli PRIVATE gradus::gradus xsimd CLI11::CLI11 nlohmann_json::nlohmann_json gradus_options)
target_precompile_headers(gradus_cli PRIVATE <gradus/core/xtensor.hpp>)
install(TARGETS gradus_cli RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}")
