#include <cmath>

#include <gradus/core/error.hpp>
#include <gradus/core/number_text.hpp>
#include <gradus/nn/optimizers/state.hpp>

namespace gradus::nn {
namespace {

using Lines = std::vector<std::string>;

constexpr double largest_count = 0x1p53;  // up to there doubles have every integer

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

std::string line_of(const std::string& name, double value, const char* expected) {
  return name + " is " + gradus::detail::number_text(value) + ": expected " + expected;
}

}  // namespace

Lines mismatches(const State& state, const State& expected) {
  if (state.owner != expected.owner)
    return {"it is the state of '" + state.owner + "': expected that of '" + expected.owner + "'"};
  Lines lines;
  compare(state.arrays, expected.arrays, lines,
          [&](const std::string& name, const AnyArray& given, const AnyArray& wanted) {
            if (shape_of(given) != shape_of(wanted))
              lines.push_back(name + " has shape " + to_string(shape_of(given)) + ": expected " +
                              to_string(shape_of(wanted)));
            else if (given.index() != wanted.index())
              lines.push_back(name + " is of " + type_name(given) + ": expected " + type_name(wanted));
          });
  compare(state.numbers, expected.numbers, lines, [](const std::string&, double, double) {});
  return lines;
}

Lines negative_numbers(const State& state) {
  Lines lines;
  for (const auto& [name, value] : state.numbers)
    if (!(value >= 0 && value <= largest_count))
      lines.push_back(line_of(name, value, "a number, not negative"));
  return lines;
}

Lines no_counts(const State& state, std::initializer_list<const char*> names) {
  Lines lines;
  for (const char* name : names)
    if (const auto found = state.numbers.find(name); found != state.numbers.end())
      if (const double value = found->second;
          !(value >= 0 && value <= largest_count && value == std::floor(value)))
        lines.push_back(line_of(name, value, "a count"));
  return lines;
}

Lines Stateful::mismatches(const State& given) const { return nn::mismatches(given, state()); }

void Stateful::load_state(const State& state) {
  const Lines lines = mismatches(state);
  if (!lines.empty()) {
    std::string message = "[" + owner() + "] load_state():";
    for (const std::string& line : lines) message += (lines.size() > 1 ? "\n  " : " ") + line;
    throw ValueError(message);
  }
  put_state(state);
}

}  // namespace gradus::nn
