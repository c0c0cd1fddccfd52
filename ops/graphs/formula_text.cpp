#include <algorithm>
#include <cmath>
#include <map>

#include <gradus/core/number_text.hpp>
#include <gradus/ops/graphs/formula_text.hpp>

namespace gradus::detail {
namespace {

/// How strongly parts of a formula hold together.
enum Precedence : int { any, choice, comparison, sum, product, sign, power, word };

int precedence_of(const std::string& op) {
  if (op == "+" || op == "-") return sum;
  if (op == "*" || op == "/" || op == "@") return product;
  return comparison;
}

/// What the functions of ops/math.hpp are called in the languages.
struct FunctionNames {
  const char *cpp, *numpy;
};
const FunctionNames* names_of(const std::string& function) {
  static const std::map<std::string, FunctionNames> names{
      {"exp", {"std::exp", "np.exp"}},          {"exp2", {"std::exp2", "np.exp2"}},
      {"expm1", {"std::expm1", "np.expm1"}},    {"log", {"std::log", "np.log"}},
      {"log2", {"std::log2", "np.log2"}},       {"log10", {"std::log10", "np.log10"}},
      {"log1p", {"std::log1p", "np.log1p"}},    {"sqrt", {"std::sqrt", "np.sqrt"}},
      {"cbrt", {"std::cbrt", "np.cbrt"}},       {"abs", {"std::abs", "np.abs"}},
      {"floor", {"std::floor", "np.floor"}},    {"ceil", {"std::ceil", "np.ceil"}},
      {"round", {"std::nearbyint", "np.rint"}}, {"sin", {"std::sin", "np.sin"}},
      {"cos", {"std::cos", "np.cos"}},          {"tan", {"std::tan", "np.tan"}},
      {"asin", {"std::asin", "np.arcsin"}},     {"acos", {"std::acos", "np.arccos"}},
      {"atan", {"std::atan", "np.arctan"}},     {"sinh", {"std::sinh", "np.sinh"}},
      {"cosh", {"std::cosh", "np.cosh"}},       {"tanh", {"std::tanh", "np.tanh"}},
      {"asinh", {"std::asinh", "np.arcsinh"}},  {"acosh", {"std::acosh", "np.arccosh"}},
      {"atanh", {"std::atanh", "np.arctanh"}},  {"erf", {"std::erf", "erf"}},
      {"erfc", {"std::erfc", "erfc"}},          {"lgamma", {"std::lgamma", "lgamma"}},
      {"pow", {"std::pow", "np.power"}},        {"hypot", {"std::hypot", "np.hypot"}},
      {"atan2", {"std::atan2", "np.arctan2"}},  {"fmod", {"std::fmod", "np.fmod"}},
      {"maximum", {"maximum", "np.maximum"}},   {"minimum", {"minimum", "np.minimum"}},
      {"select", {nullptr, "np.where"}}};
  const auto found = names.find(function);
  return found == names.end() ? nullptr : &found->second;
}

const std::set<std::string>& reserved_words() {
  static const std::set<std::string> words{
      // C++20
      "alignas", "alignof", "and", "and_eq", "asm", "auto", "bitand", "bitor", "bool", "break", "case",
      "catch", "char", "char8_t", "char16_t", "char32_t", "class", "compl", "concept", "const", "consteval",
      "constexpr", "constinit", "const_cast", "continue", "co_await", "co_return", "co_yield", "decltype",
      "default", "delete", "do", "double", "dynamic_cast", "else", "enum", "explicit", "export", "extern",
      "false", "float", "for", "friend", "goto", "if", "inline", "int", "long", "mutable", "namespace", "new",
      "noexcept", "not", "not_eq", "nullptr", "operator", "or", "or_eq", "private", "protected", "public",
      "register", "reinterpret_cast", "requires", "return", "short", "signed", "sizeof", "static",
      "static_assert", "static_cast", "struct", "switch", "template", "this", "thread_local", "throw", "true",
      "try", "typedef", "typeid", "typename", "union", "unsigned", "using", "virtual", "void", "volatile",
      "wchar_t", "while", "xor", "xor_eq",
      // Python 3
      "False", "None", "True", "as", "assert", "async", "await", "def", "del", "elif", "except", "finally",
      "from", "global", "import", "in", "is", "lambda", "nonlocal", "pass", "raise", "with", "yield", "match",
      "type", "print",
      // what the code calls
      "INFINITY", "NAN", "erf", "erfc", "flow", "lgamma", "log_softmax", "logsumexp", "main", "math",
      "maximum", "minimum", "np", "polygamma", "scatter_add", "softmax", "std"};
  return words;
}

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

}  // namespace

std::string Identifiers::make(const std::string& wanted) {
  std::string name;
  for (const char c : wanted.substr(0, wanted.find('='))) {  // "q = x + y" is called q
    const bool is_valid = is_letter(c) || (c >= '0' && c <= '9');
    if (is_valid || (!name.empty() && name.back() != '_')) name += is_valid ? c : '_';
  }
  while (!name.empty() && name.back() == '_') name.pop_back();
  if (name.empty() || !is_letter(name[0])) name = "v" + name;
  const auto is_free = [&](const std::string& candidate) {
    return !taken_.contains(candidate) && !taken_.contains("d" + candidate) &&
           !reserved_words().contains(candidate) && !reserved_words().contains("d" + candidate);
  };
  std::string result = name;
  for (int i = 2; !is_free(result); ++i) result = name + "_" + std::to_string(i);
  taken_.insert({result, "d" + result});
  return result;
}

std::string CodeWriter::number(double value) const {
  if (std::isnan(value)) return language_ == Language::cpp ? "NAN" : "np.nan";
  if (std::isinf(value))
    return std::string(value < 0 ? "-" : "") + (language_ == Language::cpp ? "INFINITY" : "np.inf");
  return number_text(value);
}

std::string CodeWriter::print(const Formula& formula, int least) {
  const Term& term = formula.term();
  if (const auto shared = shared_.find(&term); shared != shared_.end()) return shared->second;
  const bool is_short =
      formula.is_leaf() || (term.kind == Term::Kind::negation && term.arguments[0].is_leaf());
  if (std::exchange(uses_[&term], 1) > 1 && !is_short) {
    const std::string right = print(formula, any), name = names_.make("t");
    write_assignment(name, false, right);
    return shared_[&term] = name;
  }
  const auto in_parentheses = [&](int own, const std::string& text) {
    return own < least ? "(" + text + ")" : text;
  };
  switch (term.kind) {
    case Term::Kind::name:
      return term.text;
    case Term::Kind::number:
      return in_parentheses(std::signbit(term.number) ? sign : word, number(term.number));
    case Term::Kind::negation:
      return in_parentheses(sign, "-" + print(term.arguments[0], power));
    case Term::Kind::infix:
      return print_infix(formula, least);
    case Term::Kind::pattern:
      return print_pattern(formula);
    case Term::Kind::call:
      break;
  }
  if (language_ == Language::cpp && term.text == "select") {
    const std::string condition = print(term.arguments[0], comparison), a = print(term.arguments[1], sum),
                      b = print(term.arguments[2], choice);
    return in_parentheses(choice, condition + " ? " + a + " : " + b);
  }
  return print_call(formula);
}

std::string CodeWriter::print_infix(const Formula& formula, int least) {
  const Term& term = formula.term();
  const int own = precedence_of(term.text);
  const Formula &a = term.arguments[0], &b = term.arguments[1];
  const bool is_square = term.text == "*" && a.term().kind == Term::Kind::name &&
                         b.term().kind == Term::Kind::name && a.term().text == b.term().text;
  if (is_square && language_ == Language::numpy) {
    const std::string text = a.term().text + "**2";
    return power < least ? "(" + text + ")" : text;
  }
  const std::string left = print(a, own == comparison ? sum : own), right = print(b, own + 1);
  const std::string text = left + " " + term.text + " " + right;
  return own < least ? "(" + text + ")" : text;
}

std::string CodeWriter::print_call(const Formula& formula) {
  const Term& term = formula.term();
  const FunctionNames* const names = names_of(term.text);
  std::string text = (names ? language_ == Language::cpp ? names->cpp : names->numpy : term.text.c_str());
  text += "(";
  if (term.text == "digamma") text = "polygamma(0, ";
  for (std::size_t i = 0; i < term.arguments.size(); ++i)
    text += (i > 0 ? ", " : "") + print(term.arguments[i], any);
  return text + ")";
}

std::string CodeWriter::print_pattern(const Formula& formula) {
  const Term& term = formula.term();
  std::string text;
  for (std::size_t i = 0; i < term.text.size(); ++i) {
    const char c = term.text[i];
    if (c != '$' && c != '%') {
      text += c;
      continue;
    }
    std::size_t argument = 0;
    while (i + 1 < term.text.size() && term.text[i + 1] >= '0' && term.text[i + 1] <= '9')
      argument = 10 * argument + static_cast<std::size_t>(term.text[++i] - '0');
    text += print(term.arguments[argument], c == '%' ? word : any);
  }
  return text;
}

void CodeWriter::count(const Formula& formula) {
  if (++uses_[&formula.term()] > 1) return;
  for (const Formula& argument : formula.term().arguments) count(argument);
}

void CodeWriter::write(const CodeLine& line) {
  const std::string right = print(line.formula, any);  // may write lines before
  write_assignment(line.target, line.adds, right);
}

void CodeWriter::write_assignment(const std::string& target, bool adds, const std::string& right) {
  const bool declares = language_ == Language::cpp && !adds;
  const std::string left = (declares ? "double " : "") + target + (adds ? " += " : " = ");
  lines_.push_back({left + right + (language_ == Language::cpp ? ";" : ""), comment_});
}

void CodeWriter::write(const std::vector<CodeLine>& lines, std::size_t number) {
  uses_.clear();
  shared_.clear();
  comment_ = number == 0 ? "" : (language_ == Language::cpp ? "// (" : "# (") + std::to_string(number) + ")";
  for (const CodeLine& line : lines) count(line.formula);
  for (const CodeLine& line : lines) write(line);
}

std::string CodeWriter::text(const std::string& indent) const {
  constexpr std::size_t widest_column = 56;
  std::size_t column = 0;
  for (const auto& [line, comment] : lines_)
    if (!comment.empty() && line.size() <= widest_column) column = std::max(column, line.size());
  std::string result;
  for (const auto& [line, comment] : lines_) {
    result += line.empty() ? "" : indent + line;
    if (!comment.empty())
      result += std::string(std::max(column, line.size()) - line.size() + 2, ' ') + comment;
    result += "\n";
  }
  return result;
}

}  // namespace gradus::detail
