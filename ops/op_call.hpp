#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

#include <gradus/core/number_text.hpp>
#include <gradus/ops/axes.hpp>
#include <gradus/ops/op_table.hpp>

namespace gradus::detail {

/// A call of an op by its name, and what its row in the table asks of it.
template <class X>
class OpCall {
 public:
  OpCall(std::string_view name, const std::vector<X>& inputs, const Attributes& attributes)
      : tag_(std::string("[").append(name).append("] ")), inputs_(inputs), attributes_(attributes) {}

  const X& operator[](std::size_t i) const { return inputs_[i]; }
  const std::vector<X>& inputs() const { return inputs_; }

  bool has(const std::string& name) const { return attributes_.contains(name); }
  bool flag(const std::string& name) const { return has(name) && get<bool>(name, "true or false"); }
  double number(const std::string& name) const { return get<double>(name, "a number"); }
  std::ptrdiff_t integer(const std::string& name) const {
    return static_cast<std::ptrdiff_t>(whole(get<double>(name, "a whole number")));
  }
  std::ptrdiff_t integer(const std::string& name, std::ptrdiff_t otherwise) const {
    return has(name) ? integer(name) : otherwise;
  }
  /// Which diagonal: 0 where it is not given.
  int small(const std::string& name) const {
    const std::ptrdiff_t value = integer(name, 0);
    if (value != static_cast<int>(value)) fail("the attribute '" + name + "' is too large");
    return static_cast<int>(value);
  }
  IntList integers(const std::string& name) const {
    return get<std::vector<std::ptrdiff_t>>(name, "a list of whole numbers");
  }
  const std::string& text(const std::string& name) const { return get<std::string>(name, "a text"); }
  /// All where they are not given.
  Axes axes() const {
    return has("axes") ? Axes(get<std::vector<std::ptrdiff_t>>("axes", "a list of whole numbers")) : Axes();
  }

  /// An input as indices, labels or a mask.
  Array<std::int64_t> whole_numbers(std::size_t i) const {
    const auto& values = inputs_[i].value();
    Array<std::int64_t> result = empty_array<std::int64_t>(shape_of(values));
    for (std::size_t k = 0; k < values.size(); ++k)
      result.data()[k] = whole(static_cast<double>(values.data()[k]));
    return result;
  }

  /// Which of `count` results is asked for.
  std::size_t output(std::size_t count) const {
    const std::ptrdiff_t i = integer("output", 0);
    if (i < 0 || i >= static_cast<std::ptrdiff_t>(count))
      fail("output " + std::to_string(i) + ": there are " + std::to_string(count));
    return static_cast<std::size_t>(i);
  }

  [[noreturn]] void fail(const std::string& message) const { throw ValueError(tag_ + message); }

  void check(std::size_t fewest, std::size_t most, const std::vector<std::string>& attributes) const;

 private:
  template <class V>
  const V& get(const std::string& name, const std::string& type) const {
    const auto entry = attributes_.find(name);
    if (entry == attributes_.end()) fail("the attribute '" + name + "' is missing: expected " + type);
    if (const V* const value = std::get_if<V>(&entry->second)) return *value;
    fail("the attribute '" + name + "' is not " + type);
  }

  std::int64_t whole(double value) const {
    constexpr double largest = 9007199254740992;  // 2^53: from here on neighbours are no longer told apart
    if (!(std::trunc(value) == value && std::abs(value) <= largest))
      fail(number_text(value) + " is not a whole number");
    return static_cast<std::int64_t>(value);
  }

  std::string tag_;
  const std::vector<X>& inputs_;
  const Attributes& attributes_;
};

inline constexpr std::size_t any_number = std::numeric_limits<std::size_t>::max();

template <class X>
void OpCall<X>::check(std::size_t fewest, std::size_t most,
                      const std::vector<std::string>& attributes) const {
  if (inputs_.size() < fewest || inputs_.size() > most) {
    const std::string range = most == any_number ? " or more" : " to " + std::to_string(most);
    fail(std::to_string(inputs_.size()) + " inputs: expected " + std::to_string(fewest) +
         (most == fewest ? "" : range));
  }
  std::string known;
  for (const std::string& name : attributes) known += (known.empty() ? "" : ", ") + name;
  for (const auto& entry : attributes_)
    if (std::find(attributes.begin(), attributes.end(), entry.first) == attributes.end())
      fail("there is no attribute '" + entry.first + "': expected " + (known.empty() ? "none" : known));
}

}  // namespace gradus::detail
