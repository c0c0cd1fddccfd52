#include <algorithm>
#include <cmath>
#include <ostream>

#include <gradus/core/gradient_check.hpp>

namespace gradus {

double relative_error(double analytic, double numerical) {
  const double error = std::abs(analytic - numerical);
  return error / std::max({std::abs(analytic), std::abs(numerical), 1e-8});
}

namespace {

bool is_worse(const GradientCheck::Element& element, const GradientCheck::Element& than) {
  return !(element.relative_error <= than.relative_error) && !std::isnan(than.relative_error);
}

/// "input 1 'weight' at (1,2)"
void print_place(std::ostream& out, const GradientCheck::Element& element) {
  if (element.is_direction) {
    out << "along one random direction";
    return;
  }
  out << "input " << element.input;
  if (!element.name.empty()) out << " '" << element.name << "'";
  out << " at " << to_string(element.index);
}

template <class Compared>
void print_error(std::ostream& out, const Compared& c) {
  out << "analytic " << c.analytic << ", numerical " << c.numerical;
  const auto digits = out.precision(6);
  out << ", relative error " << c.relative_error << ", step " << c.step;
  out.precision(digits);
}

void print_kink(std::ostream& out, const GradientCheck::Element& kink) {
  out << (kink.is_jump ? "\n  jump, no failure: " : "\n  kink, no failure: ");
  print_place(out, kink);
  if (kink.is_jump)
    out << ": the value jumps, analytic " << kink.analytic << " is the slope beside it";
  else
    out << ": slope " << kink.left_slope << " on the left, " << kink.right_slope << " on the right, analytic "
        << kink.analytic;
}

void print_reason(std::ostream& out, const GradientCheck::Element& element) {
  const bool is_truncated = element.verdict == Verdict::truncation;
  out << (is_truncated ? "\n  truncation: " : "\n  rounding: ");
  print_place(out, element);
  if (!element.better && !is_truncated) {
    out << ": numerical differentiation is too noisy to judge the rule";
    return;
  }
  out << ": the rule is not to blame, a step of " << element.step << " is too "
      << (is_truncated ? "large" : "small") << " for Stencil::" << detail::name_of(element.stencil);
  if (!element.better) return;
  out << "; Stencil::" << detail::name_of(element.better->stencil) << " with a step of "
      << element.better->step << " agrees";
}

void print_wrong_step(std::ostream& out, const GradientCheck::WrongStep& step) {
  out << "\n  wrong: " << step.op;
  if (!step.name.empty()) out << " '" << step.name << "'";
  out << ", step " << step.number << " of " << step.of << " (stage " << step.stage << ", shape "
      << to_string(step.shape) << "): its rule disagrees with what it computes\n    input " << step.input
      << " (" << step.input_text << ", shape " << to_string(step.input_shape) << ") at "
      << to_string(step.index) << ": ";
  print_error(out, step);
}

}  // namespace

void GradientCheck::add(const Element& element) {
  const auto verdict = static_cast<std::size_t>(element.verdict);
  ++counts_[verdict];
  if (!worst_of_[verdict] || is_worse(element, *worst_of_[verdict])) worst_of_[verdict] = element;
  if (element.verdict == Verdict::kink) {
    if (kinks_.size() < most_kinks) kinks_.push_back(element);
  } else if (size_ == count(Verdict::kink) || is_worse(element, worst_)) {
    worst_ = element;
  }
  ++size_;
}

std::ostream& operator<<(std::ostream& out, const GradientCheck& check) {
  const auto digits = out.precision(6);
  const std::size_t kinks = check.count(Verdict::kink);
  out << "gradients " << (check.ok() ? "agree" : "DIFFER") << ": largest relative error "
      << check.max_relative_error() << " (tolerance " << check.tolerance() << ") in " << check.size()
      << (check.size() == 1 ? " element" : " elements");
  if (kinks > 0) out << ", but for " << kinks << (kinks == 1 ? " kink" : " kinks");
  out.precision(10);
  if (check.size() > kinks) {
    out << "\n  worst: ";
    print_place(out, check.worst());
    out << ": ";
    print_error(out, check.worst());
  }
  if (!check.ok()) {
    const char* separator = "\n  ";
    for (const auto& [verdict, text] : {std::pair{Verdict::wrong, " wrong"},
                                        {Verdict::undefined, " NaN or infinite"},
                                        {Verdict::truncation, " spoilt by truncation"},
                                        {Verdict::rounding, " spoilt by rounding"},
                                        {Verdict::kink, " at kinks"},
                                        {Verdict::agrees, " right"}}) {
      if (check.count(verdict) == 0) continue;
      out << separator << check.count(verdict) << text;
      separator = ", ";
    }
  }
  for (const GradientCheck::Element& kink : check.kinks()) print_kink(out, kink);
  if (kinks > check.kinks().size()) out << "\n  and " << kinks - check.kinks().size() << " kinks more";
  for (const Verdict verdict : {Verdict::truncation, Verdict::rounding})
    if (check.worst(verdict)) print_reason(out, *check.worst(verdict));
  if (check.wrong_step()) print_wrong_step(out, *check.wrong_step());
  if (!check.remark().empty()) out << "\n  " << check.remark();
  out.precision(digits);
  return out;
}

std::ostream& operator<<(std::ostream& out, const SecondOrderCheck& check) {
  return out << "first order: " << check.first << "\nsecond order: " << check.second;
}

}  // namespace gradus
