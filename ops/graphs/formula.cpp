#include <cmath>

#include <gradus/ops/graphs/formula.hpp>

namespace gradus::detail {

Formula::Formula(Term term) : term_(std::make_shared<const Term>(std::move(term))) {}
Formula::Formula(double number) : Formula(Term{.number = number, .text = {}, .arguments = {}}) {}

Formula Formula::name(std::string text) {
  return Formula(Term{.kind = Term::Kind::name, .text = std::move(text), .arguments = {}});
}
Formula Formula::infix(const char* op, Formula a, Formula b) {
  return Formula(Term{.kind = Term::Kind::infix, .text = op, .arguments = {std::move(a), std::move(b)}});
}
Formula Formula::call(const char* function, std::vector<Formula> arguments) {
  return Formula(Term{.kind = Term::Kind::call, .text = function, .arguments = std::move(arguments)});
}
Formula Formula::pattern(std::string text, std::vector<Formula> arguments) {
  return Formula(
      Term{.kind = Term::Kind::pattern, .text = std::move(text), .arguments = std::move(arguments)});
}

Formula operator-(const Formula& x) {
  if (x.is_number()) return Formula(-x.term().number);
  if (x.term().kind == Term::Kind::negation) return x.term().arguments[0];
  return Formula(Term{.kind = Term::Kind::negation, .text = {}, .arguments = {x}});
}

Formula operator+(const Formula& a, const Formula& b) {
  if (a.is_number() && b.is_number()) return Formula(a.term().number + b.term().number);
  if (a.is(0)) return b;
  if (b.is(0)) return a;
  if (b.term().kind == Term::Kind::negation) return a - b.term().arguments[0];
  return Formula::infix("+", a, b);
}

Formula operator-(const Formula& a, const Formula& b) {
  if (a.is_number() && b.is_number()) return Formula(a.term().number - b.term().number);
  if (a.is(0)) return -b;
  if (b.is(0)) return a;
  if (b.term().kind == Term::Kind::negation) return a + b.term().arguments[0];
  return Formula::infix("-", a, b);
}

Formula operator*(const Formula& a, const Formula& b) {
  if (a.is_number() && b.is_number()) return Formula(a.term().number * b.term().number);
  if (a.is(1)) return b;
  if (b.is(1)) return a;
  if (a.is(-1)) return -b;
  if (b.is(-1)) return -a;
  return Formula::infix("*", a, b);  // 0 x stays: it is NaN where x is
}

Formula operator/(const Formula& a, const Formula& b) {
  if (a.is_number() && b.is_number()) return Formula(a.term().number / b.term().number);
  if (b.is(1)) return a;
  return Formula::infix("/", a, b);
}

}  // namespace gradus::detail
