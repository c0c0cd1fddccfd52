#include <cmath>

#include <gradus/core/error.hpp>
#include <gradus/core/expected.hpp>
#include <gradus/core/number_text.hpp>

namespace gradus::detail {

std::string listed(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text.empty() ? "none" : text;
}

std::string expected_one_of(const std::vector<std::string>& names) {
  return "expected one of " + listed(names);
}

void check_option(bool is_right, std::string_view op, std::string_view option, double value,
                  std::string_view expected) {
  if (is_right) return;
  std::string message = "[";
  message.append(op).append("] ").append(option).append(" ").append(number_text(value));
  throw ValueError(message.append(": expected ").append(expected));
}

void check_positive(std::string_view op, std::string_view option, double value) {
  check_option(value > 0 && std::isfinite(value), op, option, value, "a positive, finite number");
}

void check_not_negative(std::string_view op, std::string_view option, double value) {
  check_option(value >= 0 && std::isfinite(value), op, option, value, "a finite number, not negative");
}

void check_below_one(std::string_view op, std::string_view option, double value) {
  check_option(value >= 0 && value < 1, op, option, value, "a number from 0 to below 1");
}

void check_fraction(std::string_view op, std::string_view option, double value) {
  check_option(value >= 0 && value <= 1, op, option, value, "a number from 0 to 1");
}

void check_at_least_one(std::string_view op, std::string_view option, std::size_t value) {
  check_option(value > 0, op, option, 0, "at least 1");
}

}  // namespace gradus::detail
