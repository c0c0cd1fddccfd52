#include "wrong_calls.hpp"
#include <gtest/gtest.h>

// Every wrong call throws the right error, which says what was given and what would have been right.
namespace gradus::wrong_calls {
namespace {

template <class E>
bool is(const Error& error) {
  return dynamic_cast<const E*>(&error) != nullptr;
}

bool has_kind(const Error& error, Kind kind) {
  switch (kind) {
    case Kind::shape:
      return is<ShapeError>(error);
    case Kind::value:
      return is<ValueError>(error);
    case Kind::graph:
      return is<GraphError>(error);
    case Kind::data:
      return is<DataError>(error);
  }
  return false;
}

void expect_error(const WrongCall& wrong) {
  try {
    wrong.call();
    ADD_FAILURE() << wrong.op << ": nothing was thrown";
  } catch (const Error& error) {
    EXPECT_TRUE(has_kind(error, wrong.kind)) << wrong.op << ": another kind of error: " << error.what();
    for (const std::string& part : wrong.says)
      EXPECT_NE(std::string(error.what()).find(part), std::string::npos)
          << wrong.op << ": no '" << part << "' in: " << error.what();
  }
}

TEST(Errors, WrongCallsSayWhatIsWrong) {
  for (const auto& family :
       {of_elementwise_ops(), of_shape_ops(), of_reductions(), of_products(), of_linalg()})
    for (const WrongCall& wrong : family) expect_error(wrong);
}

}  // namespace
}  // namespace gradus::wrong_calls
