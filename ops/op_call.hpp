#pragma once

#include <cstdint>
#include <limits>

#include <gradus/ops/attribute_reader.hpp>
#include <gradus/ops/axes.hpp>

namespace gradus::detail {

/// A call of an op by its name, and what its row in the table asks of it.
template <class X>
class OpCall : public AttributeReader {
 public:
  OpCall(std::string_view name, const std::vector<X>& inputs, const Attributes& attributes)
      : AttributeReader(name, attributes), inputs_(inputs) {}

  const X& operator[](std::size_t i) const { return inputs_[i]; }
  const std::vector<X>& inputs() const { return inputs_; }

  IntList integers(const std::string& name) const { return AttributeReader::integers(name); }
  /// All where they are not given.
  Axes axes() const { return has("axes") ? Axes(AttributeReader::integers("axes")) : Axes(); }

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

  void check(std::size_t fewest, std::size_t most, const std::vector<std::string>& attributes) const;

 private:
  const std::vector<X>& inputs_;
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
  check_names(attributes);
}

}  // namespace gradus::detail
