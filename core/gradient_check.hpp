#pragma once

#include <array>
#include <cstddef>
#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

#include <gradus/core/numerical.hpp>
#include <gradus/core/shape.hpp>

namespace gradus {

/// Why an analytic and a numerical derivative differ.
enum class Verdict {
  agrees,      ///< they do not: the relative error is within the tolerance
  kink,        ///< the function has no derivative there: a slope to the left, another to the right, and the
               ///< analytic value is one of them or lies between; or its value jumps. No failure
  truncation,  ///< the rule is right: the step asked for is too large for a function as curved as this one
  rounding,    ///< the rule is right, or nothing better can be said: the numerical derivative is noise
  undefined,   ///< NaN or infinity
  wrong,       ///< the rule, or the graph that f makes, is wrong
};
inline constexpr std::size_t verdict_count = 6;

/// |analytic - numerical| / max(|analytic|, |numerical|, 1e-8); NaN when either is NaN or infinite.
/// Source: CS231n, "Neural Networks Part 3: Learning and Evaluation", gradient checks.
double relative_error(double analytic, double numerical);

/// What a gradient check found. Printing it gives a verdict in one line, the worst element in another, and
/// then what is known of the reasons.
class GradientCheck {
 public:
  /// A stencil and step with which a derivative agrees.
  struct Suggestion {
    Stencil stencil;
    double step;
  };

  /// One element of one input, and its two derivatives.
  struct Element {
    std::size_t input = 0;
    std::string name;  ///< of the input
    Shape index;
    double analytic = 0, numerical = 0, relative_error = 0, step = 0;
    bool is_direction = false;  ///< all elements of all inputs were moved at once: check_directional()

    Verdict verdict = Verdict::agrees;
    double left_slope = 0, right_slope = 0;  ///< of a kink
    bool is_jump = false;                    ///< a kink at which the value jumps: no slopes are known
    std::optional<Suggestion> better = {};   ///< of truncation and rounding, when one was found
    Stencil stencil = Stencil::central;      ///< that was asked for
  };

  /// The recorded step whose rule disagrees with what the step computes.
  struct WrongStep {
    std::string op, name;            ///< the op, and what named() called its result
    std::size_t number = 0, of = 0;  ///< in the order of recording, from 1, among so many tensor steps
    std::uint32_t stage = 0;
    Shape shape;
    std::size_t input = 0;     ///< which input of the step
    std::string input_text;    ///< what that is: "the input 0 of f", "step 3 (tanh)"
    Shape input_shape, index;  ///< of its element
    double analytic = 0, numerical = 0, relative_error = 0, step = 0;
  };

  explicit GradientCheck(double tolerance) : tolerance_(tolerance) {}

  /// Whether every element agrees, or is at a kink where its analytic value makes sense. NaN is never ok.
  bool ok() const { return count(Verdict::agrees) + count(Verdict::kink) == size_; }
  /// Kinks are not counted.
  double max_relative_error() const { return worst_.relative_error; }
  double tolerance() const { return tolerance_; }
  /// Of the elements that are at no kink.
  const Element& worst() const { return worst_; }
  /// How many elements were compared.
  std::size_t size() const { return size_; }
  std::size_t count(Verdict verdict) const { return counts_[static_cast<std::size_t>(verdict)]; }
  /// The first `most_kinks` of them, in the order of the elements.
  const std::vector<Element>& kinks() const { return kinks_; }
  static constexpr std::size_t most_kinks = 16;
  /// The element with the largest error among those of one verdict.
  const std::optional<Element>& worst(Verdict verdict) const {
    return worst_of_[static_cast<std::size_t>(verdict)];
  }
  /// The step to blame for the worst wrong element, if one was found.
  const std::optional<WrongStep>& wrong_step() const { return wrong_step_; }
  /// What else is known of the reason.
  const std::string& remark() const { return remark_; }

  void add(const Element& element);
  void blame(std::optional<WrongStep> step, std::string remark) {
    wrong_step_ = std::move(step);
    remark_ = std::move(remark);
  }

  friend std::ostream& operator<<(std::ostream& out, const GradientCheck& check);

 private:
  double tolerance_;
  std::size_t size_ = 0;
  std::array<std::size_t, verdict_count> counts_{};
  Element worst_;
  std::array<std::optional<Element>, verdict_count> worst_of_;
  std::vector<Element> kinks_;
  std::optional<WrongStep> wrong_step_;
  std::string remark_;
};

/// What check_second_order() found of the gradients, and of the gradients of gradients.
struct [[nodiscard]] SecondOrderCheck {
  GradientCheck first, second;

  bool ok() const { return first.ok() && second.ok(); }
  friend std::ostream& operator<<(std::ostream& out, const SecondOrderCheck& check);
};

}  // namespace gradus
