#include <gradus/nn/cli/shell_word.hpp>

namespace gradus::cli {

std::string shell_quoted(const std::string& text) {
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? "'\\''" : std::string(1, c);
  return quoted + "'";
}

std::string shell_word(const std::string& text) {
  const bool is_plain =
      !text.empty() && text.find_first_of(" \t\n\"'\\$`;|&*?<>()[]{}#~!") == std::string::npos;
  return is_plain ? text : shell_quoted(text);
}

}  // namespace gradus::cli
