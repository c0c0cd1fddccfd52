#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include <gradus/ops/graphs/staged_code.hpp>
#include <gradus/tests/nn/temp_folder.hpp>

namespace gradus::testing {

inline bool runs(const std::string& command) {
  return std::system((command + " >/dev/null 2>&1").c_str()) == 0;
}

/// Null where programs in the language can be run here, else why not.
inline const char* missing_for(Language language) {
  static const bool has_compiler = runs("c++ --version"),
                    has_numpy = runs("/usr/bin/python3 -c 'import numpy'");
  if (language == Language::cpp)
    return has_compiler ? nullptr : "there is no compiler c++ to run the code with";
  return has_numpy ? nullptr : "/usr/bin/python3 has no numpy to run the code with";
}

/// What a program prints as "name = number number ...", by names. Nothing when it cannot be built or fails.
inline std::optional<std::map<std::string, std::vector<double>>> run_code(const std::string& code,
                                                                          Language language) {
  const TempFolder folder;
  const bool is_cpp = language == Language::cpp;
  const std::string path = folder.path().string();
  std::ofstream(path + (is_cpp ? "/code.cpp" : "/code.py")) << code;
  const std::string run =
      is_cpp ? "c++ -std=c++17 -O0 -Wall -Werror -Wno-unused-variable code.cpp -o code && ./code >out"
             : "/usr/bin/python3 -W error code.py >out";
  if (std::system(("cd '" + path + "' && " + run).c_str()) != 0) return {};
  std::map<std::string, std::vector<double>> result;
  std::ifstream out(path + "/out");
  for (std::string line; std::getline(out, line);) {
    std::istringstream words(line);
    std::string name, equals;
    words >> name >> equals;
    for (double x; words >> x;) result[name].push_back(x);
  }
  return result;
}

}  // namespace gradus::testing
