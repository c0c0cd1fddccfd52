#pragma once

#include <cstdlib>
#include <filesystem>

namespace gradus::testing {

/// Where the MNIST files may lie: the folder that GRADUS_MNIST names, or one beside the project.
inline std::filesystem::path mnist_folder() {
  const char* given = std::getenv("GRADUS_MNIST");
  return given ? std::filesystem::path(given)
               : std::filesystem::path(GRADUS_SOURCE_DIR) / "../shared/data/mnist";
}

}  // namespace gradus::testing
