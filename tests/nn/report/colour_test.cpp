#include <gtest/gtest.h>

#include <gradus/nn/report/colour.hpp>
#include <gradus/nn/report/markup.hpp>

namespace gradus::nn::detail {
namespace {

constexpr Colour black{0, 0, 0}, white{255, 255, 255};

TEST(Colour, ContrastIsThatOfTheGuidelines) {
  EXPECT_NEAR(contrast(black, white), 21, 1e-12);
  EXPECT_NEAR(contrast(white, white), 1, 1e-12);
  EXPECT_NEAR(contrast(white, {119, 119, 119}), 4.48, 0.005);  // the grey that just fails
  EXPECT_NEAR(contrast({118, 118, 118}, white), 4.54, 0.005);  // and the one that passes
  EXPECT_NEAR(contrast({255, 0, 0}, white), 4.00, 0.005);
}

TEST(Colour, Texts) {
  EXPECT_EQ(css({0, 10, 255}), "#000aff");
  EXPECT_EQ(mixed(black, {200, 100, 50}, 0.5), (Colour{100, 50, 25}));
  EXPECT_EQ(mixed(black, white, 0), black);
  EXPECT_EQ(mixed(black, white, 1), white);
}

TEST(Colour, LettersCanBeReadOnEveryGround) {
  for (const Theme& theme : {light_theme, dark_theme})
    for (const Colour full : {theme.accent, theme.fault})
      for (int step = 0; step <= 1000; ++step) {
        const Colour ground = mixed(theme.paper, full, step / 1000.0);
        ASSERT_GE(contrast(ground, letters_on(ground)), 4.5) << css(ground);
      }
  for (int grey = 0; grey < 256; ++grey) {
    const auto c = static_cast<std::uint8_t>(grey);
    ASSERT_GE(contrast({c, c, c}, letters_on({c, c, c})), 4.5) << grey;
  }
}

TEST(Shortened, KeepsBothEnds) {
  EXPECT_EQ(shortened("short", 5), "short");
  EXPECT_EQ(shortened("Extraordinarily long one", 9), "Extr\u2026 one");
  EXPECT_NE(shortened("Extraordinarily long one", 9), shortened("Extraordinarily long two", 9));
  EXPECT_EQ(shortened("\u00fc\u00e4\u00f6\u00fc\u00e4\u00f6", 5), "\u00fc\u00e4\u2026\u00e4\u00f6");
  EXPECT_EQ(shortened("", 5), "");
}

}  // namespace
}  // namespace gradus::nn::detail
