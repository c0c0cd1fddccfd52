#include <cmath>

#include <gradus/nn/cli/limits.hpp>

namespace gradus::cli {
namespace {

template <class Holds>
CLI::Validator number_where(const char* expected, const Holds& holds) {
  return CLI::Validator(
      [=](std::string& text) -> std::string {
        double value = 0;
        if (CLI::detail::lexical_cast(text, value) && holds(value)) return {};
        return "'" + text + "': expected " + expected;
      },
      "");
}

CLI::Validator whole_from(unsigned least) {
  return CLI::Validator(
      [least](std::string& text) -> std::string {
        const bool is_whole = !text.empty() && text.find_first_not_of("0123456789") == std::string::npos;
        if (is_whole && text.size() <= 10) {
          const auto value = std::stoull(text);
          if (value >= least && value <= 1'000'000'000) return {};
        }
        return "'" + text + "': expected a whole number from " + std::to_string(least) + " to 1000000000";
      },
      "");
}

}  // namespace

CLI::Validator whole() { return whole_from(0); }
CLI::Validator whole_from_one() { return whole_from(1); }

CLI::Validator positive() {
  return number_where("a number above 0", [](double x) { return x > 0 && std::isfinite(x); });
}

CLI::Validator not_negative() {
  return number_where("a number, 0 or above", [](double x) { return x >= 0 && std::isfinite(x); });
}

CLI::Validator fraction() {
  return number_where("a number from 0 to 1", [](double x) { return x >= 0 && x <= 1; });
}

CLI::Validator fraction_below() {
  return number_where("a number from 0 to below 1", [](double x) { return x >= 0 && x < 1; });
}

CLI::Validator delimiter() {
  return CLI::Validator(
      [](std::string& text) -> std::string {
        if (text == "tab" || text == "\\t") text = "\t";
        return text.size() == 1 ? "" : "'" + text + "': expected one character, or tab";
      },
      "");
}

}  // namespace gradus::cli
