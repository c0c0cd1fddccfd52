#pragma once

#include <cmath>
#include <filesystem>
#include <fstream>
#include <string>

#include <gtest/gtest.h>

#include <gradus/tests/examples/run.hpp>

namespace gradus::testing {

/// Runs the command line in `folder`.
inline Outcome gradus(const std::string& arguments, const std::filesystem::path& folder) {
  return run_program(GRADUS_CLI, arguments, folder);
}

/// The same where it must succeed.
inline std::string gradus_fine(const std::string& arguments, const std::filesystem::path& folder) {
  const Outcome run = gradus(arguments, folder);
  EXPECT_EQ(run.status, 0) << arguments << ":\n" << run.err;
  EXPECT_EQ(run.err, "") << arguments;
  return run.out;
}

inline void write_text(const std::filesystem::path& file, const std::string& text) {
  std::ofstream(file, std::ios::binary) << text;
}

/// The number behind a word at the beginning of a line; NaN where there is none.
inline double number_after(const std::string& text, const std::string& word) {
  for (const std::string& line : lines(text))
    if (line.starts_with(word + " ")) return std::stod(line.substr(word.size() + 1));
  return std::nan("");
}

}  // namespace gradus::testing
