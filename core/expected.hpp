#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

/// What errors say in the same words wherever they are thrown.
namespace gradus::detail {

/// "a, b, c"; "none" when there is none.
std::string listed(const std::vector<std::string>& names);
/// "expected one of a, b, c".
std::string expected_one_of(const std::vector<std::string>& names);

/// ValueError, "[op] option value: expected ...", unless the option's value is right.
void check_option(bool is_right, std::string_view op, std::string_view option, double value,
                  std::string_view expected);
// The same for what is expected most often: above 0 and finite; 0 or above and finite; 0 <= value < 1;
// 0 <= value <= 1; a count that is not 0.
void check_positive(std::string_view op, std::string_view option, double value);
void check_not_negative(std::string_view op, std::string_view option, double value);
void check_below_one(std::string_view op, std::string_view option, double value);
void check_fraction(std::string_view op, std::string_view option, double value);
void check_at_least_one(std::string_view op, std::string_view option, std::size_t value);

}  // namespace gradus::detail
