#include <cmath>
#include <functional>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include <gradus/core/error.hpp>
#include <gradus/core/expected.hpp>

namespace gradus::detail {
namespace {

std::string message_of(const std::function<void()>& call) {
  try {
    call();
  } catch (const ValueError& error) {
    return error.what();
  }
  return "";
}

TEST(Expected, ListsNames) {
  EXPECT_EQ(listed({}), "none");
  EXPECT_EQ(listed({"a"}), "a");
  EXPECT_EQ(expected_one_of({"a", "b", "c"}), "expected one of a, b, c");
}

TEST(Expected, NamesOpOptionAndValue) {
  EXPECT_EQ(message_of([] { check_positive("f", "lr", -0.5); }),
            "[f] lr -0.5: expected a positive, finite number");
  EXPECT_EQ(message_of([] { check_at_least_one("f", "k", 0); }), "[f] k 0: expected at least 1");
  EXPECT_EQ(message_of([] { check_option(false, "f", "p", 2, "an odd number"); }),
            "[f] p 2: expected an odd number");
  EXPECT_EQ(message_of([] { check_option(true, "f", "p", 2, "an odd number"); }), "");
}

TEST(Expected, KnowsWhatIsInARange) {
  const double infinity = std::numeric_limits<double>::infinity();
  const double values[]{-infinity, -1, 0, 0.5, 1, 7, infinity, std::nan("")};
  struct Row {
    void (*check)(std::string_view, std::string_view, double);
    std::vector<int> is_right;
  };
  for (const Row& row : {Row{check_positive, {0, 0, 0, 1, 1, 1, 0, 0}},
                         {check_not_negative, {0, 0, 1, 1, 1, 1, 0, 0}},
                         {check_below_one, {0, 0, 1, 1, 0, 0, 0, 0}},
                         {check_fraction, {0, 0, 1, 1, 1, 0, 0, 0}}}) {
    std::vector<int> is_right;
    for (const double value : values)
      is_right.push_back(message_of([&] { row.check("f", "x", value); }).empty());
    EXPECT_EQ(is_right, row.is_right);
  }
}

}  // namespace
}  // namespace gradus::detail
