#pragma once

#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <gradus/core/number_text.hpp>
#include <gradus/ops/op_table.hpp>

namespace gradus::detail {

/// A number that stands for an index, a label or an extent. ValueError, which begins with `tag`, unless it is
/// whole.
inline std::int64_t whole_number(const std::string& tag, double value) {
  constexpr double largest = 9007199254740992;  // 2^53: from here on neighbours are no longer told apart
  if (!(std::trunc(value) == value && std::abs(value) <= largest))
    throw ValueError(tag + number_text(value) + " is not a whole number");
  return static_cast<std::int64_t>(value);
}

/// The attributes of something that is made or called by name, each as the type that is asked for.
/// ValueError, with the name in brackets, for one that is missing or of another type.
class AttributeReader {
 public:
  AttributeReader(std::string_view name, const Attributes& attributes)
      : tag_(std::string("[").append(name).append("] ")), attributes_(attributes) {}

  bool has(const std::string& name) const { return attributes_.contains(name); }
  /// Whether it is there, and a V.
  template <class V>
  bool holds(const std::string& name) const {
    const auto entry = attributes_.find(name);
    return entry != attributes_.end() && std::holds_alternative<V>(entry->second);
  }
  bool flag(const std::string& name, bool otherwise = false) const {
    return has(name) ? get<bool>(name, "true or false") : otherwise;
  }
  double number(const std::string& name) const { return get<double>(name, "a number"); }
  double number(const std::string& name, double otherwise) const {
    return has(name) ? number(name) : otherwise;
  }
  std::ptrdiff_t integer(const std::string& name) const {
    return static_cast<std::ptrdiff_t>(whole(get<double>(name, "a whole number")));
  }
  std::ptrdiff_t integer(const std::string& name, std::ptrdiff_t otherwise) const {
    return has(name) ? integer(name) : otherwise;
  }
  /// A whole number that is an int: an axis, a diagonal.
  int small(const std::string& name, int otherwise = 0) const {
    const std::ptrdiff_t value = integer(name, otherwise);
    if (value != static_cast<int>(value)) fail("the attribute '" + name + "' is too large");
    return static_cast<int>(value);
  }
  std::size_t extent(const std::string& name) const {
    const std::ptrdiff_t value = integer(name);
    if (value < 0) fail("the attribute '" + name + "' is " + std::to_string(value) + ": expected 0 or more");
    return static_cast<std::size_t>(value);
  }
  std::vector<std::ptrdiff_t> integers(const std::string& name) const {
    return get<std::vector<std::ptrdiff_t>>(name, "a list of whole numbers");
  }
  const std::string& text(const std::string& name) const { return get<std::string>(name, "a text"); }

  [[noreturn]] void fail(const std::string& message) const { throw ValueError(tag_ + message); }

  /// ValueError when there is one beside those `known`.
  void check_names(const std::vector<std::string>& known) const;

 protected:
  std::int64_t whole(double value) const { return whole_number(tag_, value); }

 private:
  template <class V>
  const V& get(const std::string& name, const std::string& type) const {
    const auto entry = attributes_.find(name);
    if (entry == attributes_.end()) fail("the attribute '" + name + "' is missing: expected " + type);
    if (const V* const value = std::get_if<V>(&entry->second)) return *value;
    fail("the attribute '" + name + "' is not " + type);
  }

  std::string tag_;
  const Attributes& attributes_;
};

}  // namespace gradus::detail
