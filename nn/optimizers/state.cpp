#include <gradus/core/error.hpp>
#include <gradus/core/number_text.hpp>
#include <gradus/nn/optimizers/state.hpp>

namespace gradus::nn {
namespace {

constexpr double largest_count = 9007199254740992;  // up to 2^53 doubles have every integer

using Lines = std::vector<std::string>;

/// Adds lines about names that only one of both has, and calls both(name, given, expected) for the others.
template <class Map, class Both>
void compare(const Map& given, const Map& expected, Lines& lines, const Both& both) {
  for (const auto& [name, wanted] : expected) {
    const auto found = given.find(name);
    if (found == given.end())
      lines.push_back(name + " is missing");
    else
      both(name, found->second, wanted);
  }
  for (const auto& [name, value] : given)
    if (!expected.contains(name)) lines.push_back(name + " is unexpected");
}

}  // namespace

template <class T>
Lines mismatches(const OptimizerState<T>& state, const OptimizerState<T>& expected) {
  if (state.owner != expected.owner)
    return {"it is the state of '" + state.owner + "': expected that of '" + expected.owner + "'"};
  Lines lines;
  compare(state.arrays, expected.arrays, lines,
          [&](const std::string& name, const Array<T>& given, const Array<T>& wanted) {
            if (shape_of(given) != shape_of(wanted))
              lines.push_back(name + " has shape " + to_string(shape_of(given)) + ": expected " +
                              to_string(shape_of(wanted)));
          });
  compare(state.numbers, expected.numbers, lines, [&](const std::string& name, double given, double) {
    if (!(given >= 0 && given <= largest_count))
      lines.push_back(name + " is " + detail::number_text(given) + ": expected a number, not negative");
  });
  return lines;
}

void check_state(const std::string& owner, const Lines& mismatches) {
  if (mismatches.empty()) return;
  std::string message = "[" + owner + "] load_state():";
  for (const std::string& line : mismatches) message += (mismatches.size() > 1 ? "\n  " : " ") + line;
  throw ValueError(message);
}

template Lines mismatches(const OptimizerState<float>&, const OptimizerState<float>&);
template Lines mismatches(const OptimizerState<double>&, const OptimizerState<double>&);

}  // namespace gradus::nn
