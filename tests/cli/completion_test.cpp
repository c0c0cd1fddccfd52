#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <iterator>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "gradus.hpp"

namespace gradus::testing {
namespace {

using Words = std::vector<std::string>;

bool is_installed(const std::string& shell) {
  return std::system(("command -v " + shell + " >/dev/null 2>&1").c_str()) == 0;
}

/// What stands at the cursor, and what a shell must make of it.
struct Completion {
  std::string line;
  Words completed;
};

const std::vector<Completion>& completions() {
  static const std::vector<Completion> cases{
      {"gradus ev", {"evaluate"}},
      {"gradus --v", {"--version"}},
      {"gradus train --ep", {"--epochs"}},
      {"gradus train --data-s", {"--data-seed"}},
      {"gradus train --optimizer ada", {"adadelta", "adagrad", "adam", "adamw"}},
      {"gradus train --data tab", {"table.csv"}},
      {"gradus predict tab", {"table.csv"}},
      {"gradus predict m d --out", {"--output"}},
      {"gradus completion z", {"zsh"}},
      {"gradus completion --h", {"--help"}}};
  return cases;
}

class CompletionBy : public ::testing::Test {
 protected:
  /// The script for a shell and `more` behind it, in a file beside a table that can be completed.
  void write_script(const std::string& shell, const std::string& more) {
    write_text(here_.path() / "table.csv", "");
    write_text(here_.path() / "script", gradus_fine("completion " + shell, here_.path()) + more);
  }

  Words sorted_lines(const Outcome& run) const {
    Words all = lines(run.out);
    std::sort(all.begin(), all.end());
    return all;
  }

  const TempFolder here_;
};

TEST_F(CompletionBy, Bash) {
  write_script("bash",
               "COMP_CWORD=$(($# - 1)); COMP_WORDS=(\"$@\"); _gradus; printf '%s\\n' \"${COMPREPLY[@]}\"\n");
  for (const auto& [line, completed] : completions()) {
    const Outcome run = run_program("/bin/bash", "script " + line, here_.path());
    EXPECT_EQ(sorted_lines(run), completed) << line << ": " << run.err;
  }
  for (const char* name : {"my new table.csv", "my own.csv"}) write_text(here_.path() / name, "");
  for (const auto& [word, completed] :
       {std::pair<std::string, Words>{"my", {"my new table.csv", "my own.csv"}},
        {R"('my\ n')", {"my new table.csv"}},
        {R"("'my o")", {"my own.csv"}},
        {"no", {""}}})
    EXPECT_EQ(sorted_lines(run_program("/bin/bash", "script gradus predict " + word, here_.path())),
              completed)
        << word;
}

TEST_F(CompletionBy, Fish) {
  if (!is_installed("fish")) GTEST_SKIP() << "fish is not installed";
  write_script("fish", "complete -C $argv[1]\n");
  for (const auto& [line, completed] : completions()) {
    const Outcome run =
        run_program("/usr/bin/env", "HOME=. fish --no-config script '" + line + "'", here_.path());
    Words words = sorted_lines(run);
    for (std::string& word : words) word.resize(std::min(word.find('\t'), word.size()));  // descriptions
    EXPECT_EQ(words, completed) << line << ": " << run.err;
  }
}

/// A zsh at a terminal, in which the tabulator completes and the next key shows the line; with several ways
/// to complete it these are listed before. One line is printed for each argument.
const char* const at_a_terminal = R"(
zmodload zsh/zpty
zpty shell 'TERM=dumb HOME=. zsh -f -i'
zpty -w shell "PS1= ; autoload -U compinit; compinit -u -D; source ./script
  show() { print -r -- \"<\$BUFFER>\"; BUFFER= }; zle -N show; bindkey '^I' complete-word '^G' show; print REA''DY"
zpty -r shell shown '*READY*'
for line; do
  zpty -w -n shell "$line"$'\t\a'
  zpty -r shell shown '*<*>*'
  print -r -- "${shown//[$'\r\n']/ }"
done
zpty -d shell
)";

class CompletionByZsh : public CompletionBy {
 protected:
  void SetUp() override {
    if (!is_installed("zsh")) GTEST_SKIP() << "zsh is not installed";
    write_script("zsh", "");
    write_text(here_.path() / "terminal.zsh", at_a_terminal);
  }
  Words shown(const std::string& quoted_lines) const {
    return lines(
        run_program("/usr/bin/env", "timeout 60 zsh -f terminal.zsh" + quoted_lines, here_.path()).out);
  }
};

TEST_F(CompletionByZsh, IsTheSame) {
  std::string all;
  for (const Completion& each : completions()) all += " '" + each.line + "'";
  const Words results = shown(all);
  ASSERT_EQ(results.size(), completions().size());
  for (std::size_t i = 0; i < results.size(); ++i) {
    const auto& [line, completed] = completions()[i];
    if (completed.size() == 1) {
      const std::string whole = line.substr(0, line.rfind(' ') + 1) + completed[0];
      EXPECT_TRUE(contains(results[i], "<" + whole + " >")) << line << ": " << results[i];
      continue;
    }
    std::istringstream in(results[i]);
    const Words words{std::istream_iterator<std::string>(in), {}};
    for (const std::string& word : completed)
      EXPECT_EQ(std::count(words.begin(), words.end(), word), 1) << word << ": " << results[i];
  }
}

TEST_F(CompletionByZsh, TakesAFileOfItsPathToo) {
  std::filesystem::rename(here_.path() / "script", here_.path() / "_gradus");
  write_text(here_.path() / "script", "fpath=($PWD $fpath); compinit -u -D\n");
  const Words results = shown(" 'gradus train --ep'");
  ASSERT_EQ(results.size(), 1u);
  EXPECT_TRUE(contains(results[0], "<gradus train --epochs >")) << results[0];
}

}  // namespace
}  // namespace gradus::testing
