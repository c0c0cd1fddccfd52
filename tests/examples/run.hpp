#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <vector>

#include <sys/wait.h>

#include <gradus/tests/nn/temp_folder.hpp>

namespace gradus::testing {

/// What a program left behind.
struct Outcome {
  int status;  ///< its exit status; -1 when it did not exit by itself
  std::string out, err;
};

inline std::string read_file(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(in), {});
}

/// Runs a program with the arguments, as a shell splits them, in `folder`.
inline Outcome run_program(const std::string& program, const std::string& arguments,
                           const std::filesystem::path& folder) {
  const TempFolder streams;
  const std::string out = streams.path() / "out", err = streams.path() / "err";
  const std::string command =
      "cd '" + folder.string() + "' && '" + program + "' " + arguments + " >'" + out + "' 2>'" + err + "'";
  const int result = std::system(command.c_str());
  return {WIFEXITED(result) ? WEXITSTATUS(result) : -1, read_file(out), read_file(err)};
}

inline Outcome run_example(const std::string& name, const std::string& arguments,
                           const std::filesystem::path& folder) {
  return run_program(GRADUS_EXAMPLES_DIR "/" + name, arguments, folder);
}

inline Outcome run_example(const std::string& name, const std::string& arguments = "") {
  const TempFolder folder;
  return run_example(name, arguments, folder.path());
}

inline std::vector<std::string> lines(const std::string& text) {
  std::vector<std::string> result;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) result.push_back(line);
  return result;
}

inline bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace gradus::testing
