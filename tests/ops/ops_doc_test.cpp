#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <gradus/core/number_text.hpp>
#include <gradus/ops/op_list.hpp>
#include <gradus/ops/rules.hpp>

// docs/ops.md says what the op list and the rules say.
namespace gradus {
namespace {

using Cells = std::vector<std::string>;
const Cells header{"op", "y", "gradient", "kinks", "keeps", "cost", "NumPy", "PyTorch"};

std::string read(const std::filesystem::path& path) {
  std::ifstream file(path);
  EXPECT_TRUE(file) << path;
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string trimmed(const std::string& text) {
  const std::size_t begin = text.find_first_not_of(' '), end = text.find_last_not_of(' ');
  return begin == std::string::npos ? "" : text.substr(begin, end - begin + 1);
}

/// "| a | b \| c |" is {"a", "b | c"}.
Cells cells_of(const std::string& line) {
  Cells cells;
  std::string cell;
  for (std::size_t i = 1; i < line.size(); ++i) {
    if (line[i] == '\\' && i + 1 < line.size() && line[i + 1] == '|')
      cell += line[++i];
    else if (line[i] == '|')
      cells.push_back(trimmed(std::exchange(cell, "")));
    else
      cell += line[i];
  }
  return cells;
}

/// The rows of all tables, by their ops.
std::map<std::string, Cells> rows() {
  std::map<std::string, Cells> result;
  std::istringstream text(read(GRADUS_SOURCE_DIR "/docs/ops.md"));
  bool is_in_table = false;
  for (std::string line; std::getline(text, line);) {
    const bool is_row = line.starts_with("|");
    if (is_row && !is_in_table) {
      EXPECT_EQ(cells_of(line), header);
    } else if (is_row && !line.starts_with("|---")) {
      const Cells cells = cells_of(line);
      EXPECT_EQ(cells.size(), header.size()) << line;
      const std::string op = cells[0].substr(1, cells[0].size() - 2);
      EXPECT_EQ(cells[0], "`" + op + "`");
      EXPECT_TRUE(result.emplace(op, cells).second) << op << " has two rows";
    }
    is_in_table = is_row;
  }
  return result;
}

/// What stands above a rule, in one line.
std::string comment_of(const std::string& rule) {
  static const std::string all = [] {
    std::string text;
    for (const auto& file : std::filesystem::directory_iterator(GRADUS_SOURCE_DIR "/ops/rules"))
      text += read(file.path());
    return text;
  }();
  std::size_t end = all.find("\nstruct " + rule + " ");
  if (end == std::string::npos) return "";
  std::string comment;
  for (;;) {
    const std::size_t begin = all.rfind('\n', end - 1) + 1;
    if (all.compare(begin, 3, "// ") != 0) return comment;
    comment = all.substr(begin + 3, end - begin - 3) + (comment.empty() ? "" : " ") + comment;
    end = begin - 1;
  }
}

std::string reads_of(rules::Reads reads, bool is_binary) {
  std::string text;
  const auto add = [&](rules::Reads one, const char* name) {
    if (rules::reads(reads, one)) text += (text.empty() ? "" : ", ") + std::string(name);
  };
  add(rules::Reads::first, is_binary ? "a" : "x");
  add(rules::Reads::second, "b");
  add(rules::Reads::output, "y");
  return text;
}

template <class Rule>
void expect_row_of(const std::string& op, const std::string& rule, const std::map<std::string, Cells>& rows) {
  SCOPED_TRACE(op);
  ASSERT_TRUE(rows.contains(op));
  const Cells& cells = rows.at(op);
  const std::string comment = comment_of(rule);
  EXPECT_NE(comment.find("y = " + cells[1]), std::string::npos) << cells[1] << " is not in: " << comment;
  EXPECT_NE(comment.find(cells[2]), std::string::npos) << cells[2] << " is not in: " << comment;
  for (const double kink : Rule::kinks)
    EXPECT_NE(cells[3].find(detail::number_text(kink)), std::string::npos) << kink;
  constexpr bool is_binary = requires { Rule::kink_at_equal; };
  if constexpr (is_binary) {
    EXPECT_EQ(cells[3].find("each where a = b") != std::string::npos, Rule::kink_at_equal);
  }
  EXPECT_EQ(cells[4], reads_of(Rule::reads, is_binary));
}

TEST(OpsDoc, HasARowForEachOpAndNoOther) {
  std::set<std::string> listed, described;
#define GRADUS_NAME(function, ...) listed.insert(#function);
  GRADUS_UNARY_OPS(GRADUS_NAME)
  GRADUS_BINARY_OPS(GRADUS_NAME)
  GRADUS_TENSOR_OPS(GRADUS_NAME)
#undef GRADUS_NAME
  for (const auto& [op, cells] : rows()) {
    described.insert(op);
    for (const std::size_t needed : {1, 2, 5}) EXPECT_FALSE(cells[needed].empty()) << op << header[needed];
  }
  EXPECT_EQ(described, listed);
}

TEST(OpsDoc, SaysWhatTheRulesSay) {
  const std::map<std::string, Cells> all = rows();
#define GRADUS_EXPECT(function, Rule) expect_row_of<rules::Rule>(#function, #Rule, all);
  GRADUS_UNARY_OPS(GRADUS_EXPECT)
  GRADUS_BINARY_OPS(GRADUS_EXPECT)
#undef GRADUS_EXPECT
}

}  // namespace
}  // namespace gradus
