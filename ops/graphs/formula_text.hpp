#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include <gradus/ops/graphs/formula.hpp>
#include <gradus/ops/graphs/staged_code.hpp>

namespace gradus::detail {

/// Names that are valid in C++ and in Python, each given once.
class Identifiers {
 public:
  /// What is asked for, made valid, with a number behind it where it is taken. `d` and the name is free as
  /// well.
  std::string make(const std::string& wanted);

 private:
  std::set<std::string> taken_;
};

/// A line: `target = formula`, or += where the target has a value already.
struct CodeLine {
  std::string target;
  bool adds = false;
  Formula formula;
};

/// Lines of a program in one of the languages.
class CodeWriter {
 public:
  CodeWriter(Language language, Identifiers& names) : language_(language), names_(names) {}

  /// Lines that are computed together: what several of them contain stands once, in a line of its own before.
  /// The number stands behind each; 0: none.
  void write(const std::vector<CodeLine>& lines, std::size_t number);
  void write(const std::string& line) { lines_.push_back({line, ""}); }
  /// What has been written, the numbers in a column.
  std::string text(const std::string& indent) const;

  std::string number(double value) const;

 private:
  std::string print(const Formula& formula, int least);
  std::string print_call(const Formula& formula);
  std::string print_pattern(const Formula& formula);
  std::string print_infix(const Formula& formula, int least);
  void count(const Formula& formula);
  void write(const CodeLine& line);
  void write_assignment(const std::string& target, bool adds, const std::string& right);

  Language language_;
  Identifiers& names_;
  std::vector<std::pair<std::string, std::string>> lines_;  // and what stands behind them
  std::string comment_;
  std::map<const Term*, int> uses_;
  std::map<const Term*, std::string> shared_;
};

/// The functions that the code needs and its language lacks.
std::string missing_functions(Language language, const std::string& code);

}  // namespace gradus::detail
