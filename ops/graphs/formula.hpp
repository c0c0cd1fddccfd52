#pragma once

#include <memory>
#include <string>
#include <vector>

/// Formulas as text: a number type for the rules of ops (ops/rules/), which then say what they compute
/// instead of computing it. What is obvious is simplified: 1 x, x + 0, -(-x), and what is known beforehand.
namespace gradus::detail {

class Formula;

/// A part of a formula.
struct Term {
  enum class Kind {
    number,
    name,      // of a variable
    infix,     // text is the operator; two arguments
    negation,  // of one argument
    call,      // text is the function, by its name in ops/math.hpp, or "select"
    pattern,   // text with $0, $1 ... for arguments, and %0 ... for those that need parentheses unless they
               // are one word
  };
  Kind kind = Kind::number;
  double number = 0;
  std::string text;
  std::vector<Formula> arguments;
};

class Formula {
 public:
  Formula() : Formula(0.0) {}
  explicit Formula(double number);
  static Formula name(std::string text);
  static Formula infix(const char* op, Formula a, Formula b);
  static Formula call(const char* function, std::vector<Formula> arguments);
  static Formula pattern(std::string text, std::vector<Formula> arguments);

  const Term& term() const { return *term_; }
  bool is_number() const { return term().kind == Term::Kind::number; }
  bool is(double number) const { return is_number() && term().number == number; }
  bool is_leaf() const { return is_number() || term().kind == Term::Kind::name; }

 private:
  explicit Formula(Term term);
  friend Formula operator-(const Formula& x);

  std::shared_ptr<const Term> term_;
};

Formula operator-(const Formula& x);
Formula operator+(const Formula& a, const Formula& b);
Formula operator-(const Formula& a, const Formula& b);
Formula operator*(const Formula& a, const Formula& b);
Formula operator/(const Formula& a, const Formula& b);

#define GRADUS_COMPARISON(op)                                                               \
  inline Formula operator op(const Formula& a, const Formula& b) {                          \
    if (a.is_number() && b.is_number()) return Formula(a.term().number op b.term().number); \
    return Formula::infix(#op, a, b);                                                       \
  }
GRADUS_COMPARISON(<)
GRADUS_COMPARISON(>)
GRADUS_COMPARISON(<=)
GRADUS_COMPARISON(>=)
GRADUS_COMPARISON(==)
GRADUS_COMPARISON(!=)
#undef GRADUS_COMPARISON

inline Formula where(const Formula& condition, const Formula& a, const Formula& b) {
  if (condition.is_number()) return condition.is(0) ? b : a;
  return Formula::call("select", {condition, a, b});
}

// What ops/math.hpp finds beside a number type.
#define GRADUS_FUNCTION(name) \
  inline Formula name(const Formula& x) { return Formula::call(#name, {x}); }
GRADUS_FUNCTION(exp)
GRADUS_FUNCTION(exp2)
GRADUS_FUNCTION(expm1)
GRADUS_FUNCTION(log)
GRADUS_FUNCTION(log2)
GRADUS_FUNCTION(log10)
GRADUS_FUNCTION(log1p)
GRADUS_FUNCTION(sqrt)
GRADUS_FUNCTION(cbrt)
GRADUS_FUNCTION(abs)
GRADUS_FUNCTION(floor)
GRADUS_FUNCTION(ceil)
GRADUS_FUNCTION(round)
GRADUS_FUNCTION(sin)
GRADUS_FUNCTION(cos)
GRADUS_FUNCTION(tan)
GRADUS_FUNCTION(asin)
GRADUS_FUNCTION(acos)
GRADUS_FUNCTION(atan)
GRADUS_FUNCTION(sinh)
GRADUS_FUNCTION(cosh)
GRADUS_FUNCTION(tanh)
GRADUS_FUNCTION(asinh)
GRADUS_FUNCTION(acosh)
GRADUS_FUNCTION(atanh)
GRADUS_FUNCTION(erf)
GRADUS_FUNCTION(erfc)
GRADUS_FUNCTION(lgamma)
GRADUS_FUNCTION(digamma)
#undef GRADUS_FUNCTION

inline Formula pow(const Formula& a, const Formula& b) {
  if (b.is(1)) return a;
  return b.is(2) ? a * a : Formula::call("pow", {a, b});
}
#define GRADUS_FUNCTION(name) \
  inline Formula name(const Formula& a, const Formula& b) { return Formula::call(#name, {a, b}); }
GRADUS_FUNCTION(hypot)
GRADUS_FUNCTION(atan2)
GRADUS_FUNCTION(fmod)
GRADUS_FUNCTION(maximum)
GRADUS_FUNCTION(minimum)
GRADUS_FUNCTION(flow)
GRADUS_FUNCTION(polygamma)
#undef GRADUS_FUNCTION

}  // namespace gradus::detail
