#include <algorithm>
#include <fstream>
#include <limits>
#include <locale>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <gradus/core/error.hpp>
#include <gradus/nn/report/curve_svg.hpp>
#include <gradus/nn/report/markup.hpp>
#include <gradus/tests/nn/temp_folder.hpp>

namespace gradus::nn {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();

std::string svg_of(const std::vector<Panel>& panels) {
  std::ostringstream out;
  write_svg(out, panels);
  return out.str();
}

// Every piece of the text that stands after `start` and before the next `end`.
std::vector<std::string> between(const std::string& text, const std::string& start, const std::string& end) {
  std::vector<std::string> found;
  for (std::size_t at = text.find(start); at != std::string::npos; at = text.find(start, at)) {
    at += start.size();
    found.push_back(text.substr(at, text.find(end, at) - at));
  }
  return found;
}

std::vector<std::string> labels(const std::string& svg) {
  std::vector<std::string> all;
  for (const std::string& element : between(svg, "<text", "</text>")) {
    all.push_back(element.substr(element.find('>') + 1));
  }
  return all;
}

bool has_label(const std::string& svg, const std::string& label) {
  const std::vector<std::string> all = labels(svg);
  return std::find(all.begin(), all.end(), label) != all.end();
}

using Polyline = std::vector<std::pair<double, double>>;

std::vector<Polyline> polylines(const std::string& svg) {
  std::vector<Polyline> lines;
  for (const std::string& points : between(svg, "<polyline points=\"", "\"")) {
    std::istringstream in(points);
    Polyline line;
    double x = 0, y = 0;
    char comma = 0;
    while (in >> x >> comma >> y) line.emplace_back(x, y);
    lines.push_back(line);
  }
  return lines;
}

// Every element is closed, in the right order, and no bare '<' or '&' is left over.
bool well_formed(const std::string& svg) {
  std::vector<std::string> open;
  for (std::size_t at = svg.find('<'); at != std::string::npos; at = svg.find('<', at + 1)) {
    const std::size_t end = svg.find('>', at);
    if (end == std::string::npos || svg.find('<', at + 1) < end) return false;
    const std::string tag = svg.substr(at + 1, end - at - 1);
    if (tag.back() == '/') continue;
    if (tag.front() != '/') {
      open.push_back(tag.substr(0, tag.find(' ')));
    } else if (open.empty() || open.back() != tag.substr(1)) {
      return false;
    } else {
      open.pop_back();
    }
  }
  for (const std::string& entity : between(svg, "&", ";")) {
    if (entity != "amp" && entity != "lt" && entity != "gt" && entity != "quot") return false;
  }
  return open.empty();
}

TEST(WriteSvg, DrawsEachCurveInItsPlaceAndColour) {
  const std::string svg =
      svg_of({{.title = "Fit",
               .x_label = "x",
               .curves = {{"rising", {0, 1, 2}, {0, 5, 10}}, {"falling", {0, 2}, {10, 0}}}}});
  EXPECT_TRUE(well_formed(svg)) << svg;
  for (const char* label : {"Fit", "x", "rising", "falling", "0", "2", "10"}) {
    EXPECT_TRUE(has_label(svg, label)) << label;
  }
  const std::vector<Polyline> lines = polylines(svg);
  ASSERT_EQ(lines.size(), 2u);
  ASSERT_EQ(lines[0].size(), 3u);
  EXPECT_EQ(lines[0].front().first, lines[1].front().first);
  EXPECT_EQ(lines[0].front().second, lines[1].back().second);
  EXPECT_EQ(lines[0].back().second, lines[1].front().second);
  EXPECT_NEAR(lines[0][1].first, (lines[0][0].first + lines[0][2].first) / 2, 0.1);
  EXPECT_NEAR(lines[0][1].second, (lines[0][0].second + lines[0][2].second) / 2, 0.1);
  EXPECT_GT(lines[0].front().second, lines[0].back().second);  // up is up
  const std::vector<std::string> strokes = between(svg, "fill=\"none\" stroke=\"", "\"");
  ASSERT_EQ(strokes.size(), 2u);
  EXPECT_NE(strokes[0], strokes[1]);
}

TEST(WriteSvg, BreaksALineWhereAValueIsNotFinite) {
  const std::string svg =
      svg_of({{.curves = {{"c", {0, 1, 2, 3, 4, 5, nan}, {1, 2, nan, 3, infinity, 1e200, 1}}}}});
  const std::vector<Polyline> lines = polylines(svg);
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(lines[0].size(), 2u);
  EXPECT_EQ(lines[1].size(), 1u);
  EXPECT_EQ(between(svg, "<circle", ">").size(), 3u);  // a lone point would not show as a line
  for (const char* text : {"nan", "inf"}) EXPECT_EQ(svg.find(text), std::string::npos);
}

TEST(WriteSvg, KeepsEveryPointInsideThePictureWhateverTheRange) {
  const std::vector<std::vector<double>> ranges{{5, 5, 5},         {0, 0, 0},         {-1, 0, 1},
                                                {1e-12, 2e-12, 0}, {-3e9, 5e8, 1e9},  {1e99, -1e99, 0},
                                                {-7, -7, -7},      {1, 1 + 1e-15, 1}, {-2, -1, -3}};
  for (const std::vector<double>& values : ranges) {
    for (bool percent : {false, true}) {
      if (percent && *std::max_element(values.begin(), values.end()) > 1) continue;
      if (percent && *std::min_element(values.begin(), values.end()) < 0) continue;
      const std::string svg = svg_of({{.curves = {{"c", values, values}}, .percent = percent}});
      const std::vector<Polyline> lines = polylines(svg);
      ASSERT_EQ(lines.size(), 1u);
      for (const auto& [x, y] : lines[0]) {
        EXPECT_TRUE(x >= 64 && x <= 460 && y >= 52 && y <= 290) << x << ' ' << y << " of " << values[0];
      }
      EXPECT_GE(labels(svg).size(), 5u) << svg;
      EXPECT_LE(labels(svg).size(), 25u) << svg;
    }
  }
}

TEST(WriteSvg, ScatteredPointsHaveNoLine) {
  const std::string svg = svg_of({{.x_label = "true", .curves = {{"", {3, 4, nan}, {5, 6, 7}, false}}}});
  EXPECT_TRUE(well_formed(svg)) << svg;
  EXPECT_TRUE(polylines(svg).empty());
  EXPECT_EQ(between(svg, "<circle", ">").size(), 2u);
  EXPECT_NE(svg.find("<title>6 at true 4</title>"), std::string::npos);
  const std::vector<double> many(100'000, 1.0);
  EXPECT_LT(between(svg_of({{.curves = {{"", many, many, false}}}}), "<circle", ">").size(), 2001u);
}

TEST(WriteSvg, AxesBeginAtZeroUnlessAskedOtherwise) {
  const Curve far{"", {1000, 1001}, {50.5, 51}};
  EXPECT_TRUE(has_label(svg_of({{.curves = {far}}}), "0"));
  const std::string close = svg_of({{.curves = {far}, .from_zero = false}});
  EXPECT_FALSE(has_label(close, "0"));
  EXPECT_TRUE(has_label(close, "1000"));
  EXPECT_TRUE(has_label(close, "50.5"));
}

TEST(WriteSvg, WholeNumbersHaveNoTicksBetweenThem) {
  for (const double epochs : {1.0, 2.0, 3.0}) {
    const std::vector<std::string> all = labels(svg_of({{.curves = {{"", {1, epochs}, {10, 20}}}}}));
    for (const std::string& label : all) EXPECT_EQ(label.find('.'), std::string::npos) << label;
    EXPECT_NE(std::find(all.begin(), all.end(), "1"), all.end());
  }
  EXPECT_TRUE(has_label(svg_of({{.curves = {{"", {0, 0.5, 1}, {10, 20, 30}}}}}), "0.2"));
}

TEST(WriteSvg, TicksAreRoundNumbers) {
  const auto ticks = [](double hi) { return labels(svg_of({{.curves = {{"", {0, 1}, {0, hi}}}}})); };
  const auto expect_ticks = [&](double hi, const std::vector<std::string>& expected) {
    const std::vector<std::string> all = ticks(hi);
    for (const std::string& tick : expected) {
      EXPECT_NE(std::find(all.begin(), all.end(), tick), all.end()) << tick << " of " << hi;
    }
  };
  expect_ticks(2.3, {"0.0", "0.5", "1.0", "2.5"});
  expect_ticks(7, {"0", "2", "8"});
  expect_ticks(0.04, {"0.00", "0.01", "0.04"});
  expect_ticks(7e9, {"0", "2e9", "8e9"});
  expect_ticks(1.6e9, {"5e8", "1.5e9", "2e9"});
  expect_ticks(4e-9, {"0", "1e-9", "4e-9"});
  expect_ticks(4e5, {"0", "100000", "400000"});
  expect_ticks(1.4e6, {"0", "5e5", "1e6", "1.5e6"});
  expect_ticks(-1.4e6, {"-1.5e6", "-5e5", "0"});
}

TEST(WriteSvg, TicksOfANarrowRangeKeepTheirDigits) {
  const std::string svg =
      svg_of({{.curves = {{"", {1234567, 1234570}, {-10.0002, -10}}}, .from_zero = false}});
  for (const char* tick : {"1234567", "1234570", "-10.00020", "-10.00000"})
    EXPECT_TRUE(has_label(svg, tick)) << tick;
}

// Where a text begins and ends in a wide font of that size (14 on small screens): digits of 0.64 of it.
std::pair<double, double> ends_of(const std::string& element, double size) {
  const std::string text = element.substr(element.find('>') + 1);
  const double x = std::stod(between(element, " x=\"", "\"").at(0));
  const double width = 0.64 * size * static_cast<double>(text.size());
  const std::string anchor = between(element, "text-anchor=\"", "\"").at(0);
  const double begin = anchor == "start" ? x : anchor == "middle" ? x - width / 2 : x - width;
  return {begin, begin + width};
}

TEST(WriteSvg, TicksHaveRoomInThePanelAndBesideTheLabelOfTheAxis) {
  const std::vector<std::pair<double, double>> ranges{
      {300'000, 1'500'000}, {-1'500'000, -300'000}, {1'234'567, 1'234'570}, {-10.0002, -10}, {-3e9, 5e8},
      {0.1, 0.9},           {1e-12, 2e-12},         {99'990, 100'010}};
  for (const auto& [lo, hi] : ranges) {
    for (const std::string& name : {std::string("predicted"), std::string()}) {
      const std::string svg =
          svg_of({{.curves = {{"", {lo, hi}, {lo, hi}}}, .y_label = name, .from_zero = false}});
      std::size_t ticks = 0;
      for (const std::string& element : between(svg, "<text", "</text>")) {
        const std::string text = element.substr(element.find('>') + 1);
        if (text.empty() || text == name) continue;
        const auto [begin, end] = ends_of(element, 14);
        EXPECT_GE(begin, name.empty() || element.find("\"end\"") == std::string::npos ? 0 : 18) << element;
        EXPECT_LE(end, 480) << element;
        ++ticks;
      }
      EXPECT_GE(ticks, 4u) << svg;
    }
  }
}

TEST(WriteSvg, OnALogarithmicAxisEqualFactorsAreEqualDistances) {
  const std::string svg =
      svg_of({{.curves = {{"c", {0, 1, 2, 3, 4}, {1, 0.1, 0.01, 0, 0.001}}}, .log = true, .y_label = "lr"}});
  const std::vector<Polyline> lines = polylines(svg);
  ASSERT_EQ(lines.size(), 2u);  // a gap at 0, which has no logarithm
  ASSERT_EQ(lines[0].size(), 3u);
  const double step = lines[0][1].second - lines[0][0].second;
  EXPECT_GT(step, 10);
  EXPECT_NEAR(lines[0][2].second - lines[0][1].second, step, 0.2);
  EXPECT_NEAR(lines[1][0].second - lines[0][2].second, step, 0.2);
  for (const char* tick : {"1", "0.1", "0.01", "0.001", "lr"}) EXPECT_TRUE(has_label(svg, tick)) << tick;
}

TEST(WriteSvg, LogarithmicAxesOfEveryRangeHaveTicksAndHoldTheirPoints) {
  const std::vector<std::vector<double>> ranges{{0.1, 0.1},    {0.9, 1.1},   {3, 4},   {2, 30},
                                                {1e-90, 1e90}, {1e-5, 2e-5}, {5, 5e7}, {0, -1}};
  for (const std::vector<double>& values : ranges) {
    const std::string svg = svg_of({{.curves = {{"c", {0, 0.5}, values}}, .log = true}});
    for (const Polyline& line : polylines(svg)) {
      for (const auto& [x, y] : line) EXPECT_TRUE(y >= 52 && y <= 290) << y << " of " << values[0];
    }
    EXPECT_GE(labels(svg).size(), 9u) << values[0];
    EXPECT_LE(labels(svg).size(), 25u) << values[0];
  }
}

TEST(WriteSvg, ALongCurveKeepsItsExtremes) {
  for (std::size_t count : {2000, 3999, 4000, 100001}) {
    Curve curve;
    for (std::size_t i = 0; i < count; ++i) {
      curve.x.push_back(static_cast<double>(i));
      curve.y.push_back(i == count / 3 ? 10 : i == count / 2 ? -5 : i % 7 == 0 ? 1 : 0);
    }
    const std::string svg = svg_of({{.curves = {curve}}});
    const Polyline line = polylines(svg).at(0);
    EXPECT_LE(line.size(), 4000u);
    EXPECT_EQ(line.size() == count, count < 4000) << line.size();
    double left = 0, lowest = 0, highest = 1000;
    for (const auto& [x, y] : line) {
      EXPECT_GE(x, left);
      left = x;
      lowest = std::max(lowest, y);
      highest = std::min(highest, y);
    }
    EXPECT_NEAR(highest, 52, 0.1);
    EXPECT_NEAR(lowest, 290, 0.1);
  }
}

TEST(WriteSvg, ALongLegendTakesSeveralRows) {
  std::vector<Curve> curves;
  for (int i = 0; i < 9; ++i) curves.push_back({"a rather long name " + std::to_string(i), {0, 1}, {0, 1}});
  const std::string svg = svg_of({{.curves = curves}});
  for (const std::string& element : between(svg, "<text x=\"", "\"")) EXPECT_GE(std::stod(element), 10);
  for (const Polyline& line : polylines(svg)) EXPECT_GT(line[1].second, 52);
}

TEST(WriteSvg, PointsSayTheirValues) {
  const std::string svg = svg_of({{.x_label = "epoch", .curves = {{"a<b", {1, 2}, {0.123456789, 3}}}}});
  EXPECT_EQ(between(svg, "<title>", "</title>"),
            (std::vector<std::string>{"a&lt;b 0.12346 at epoch 1", "a&lt;b 3 at epoch 2"}));
}

TEST(WriteSvg, EscapesNames) {
  const std::string svg = svg_of({{.title = "a < b & \"c\" > d", .curves = {{"<svg>", {0, 1}, {0, 1}}}}});
  EXPECT_TRUE(well_formed(svg));
  EXPECT_TRUE(has_label(svg, "a &lt; b &amp; &quot;c&quot; &gt; d"));
  EXPECT_TRUE(has_label(svg, "&lt;svg&gt;"));
}

TEST(Escaped, WhatIsNoCharacterOfXmlDoesNotGetThrough) {
  EXPECT_EQ(detail::escaped("a\x01<\xff>\n\"&\"\n\xc3\xa9"), "a &lt;?&gt;\n&quot;&amp;&quot;\n\xc3\xa9");
  EXPECT_EQ(detail::escaped(""), "");
  EXPECT_EQ(detail::escaped("\n"), "\n");
}

TEST(WriteSvg, EmptyPanelsAreAxesOnly) {
  EXPECT_TRUE(well_formed(svg_of({})));
  const std::string svg = svg_of({{.title = "none"}, {.title = "empty", .curves = {{"c", {}, {}}}}});
  EXPECT_TRUE(well_formed(svg));
  EXPECT_TRUE(polylines(svg).empty());
  EXPECT_TRUE(has_label(svg, "none"));
}

struct CommaForPoint : std::numpunct<char> {
  char do_decimal_point() const override { return ','; }
  std::string do_grouping() const override { return "\3"; }
};

TEST(WriteSvg, DoesNotDependOnTheStreamsLocale) {
  const std::vector<Panel> panels{{.curves = {{"c", {0, 1234.5}, {0, 0.25}}}}};
  std::ostringstream out;
  out.imbue(std::locale(std::locale::classic(), new CommaForPoint));
  write_svg(out, panels);
  EXPECT_EQ(out.str(), svg_of(panels));
}

TEST(WriteSvg, RefusesACurveOfUnequalLengthsAndWritesNothing) {
  const testing::TempFolder folder;
  const std::vector<Panel> panels{{.curves = {{"c", {0, 1, 2}, {0, 1}}}}};
  try {
    write_svg(folder.path() / "curve.svg", panels);
    FAIL();
  } catch (const ValueError& error) {
    EXPECT_STREQ(error.what(), "[write_svg] curve \"c\" with 3 x and 2 y: expected as many x as y");
  }
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "curve.svg"));
}

TEST(WriteSvg, WritesAFileOrNamesIt) {
  const testing::TempFolder folder;
  const std::vector<Panel> panels{{.title = "t", .curves = {{"c", {0, 1}, {0, 1}}}}};
  write_svg(folder.path() / "curve.svg", panels);
  std::ifstream in(folder.path() / "curve.svg");
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(in), {}), svg_of(panels));
  const std::filesystem::path nowhere = folder.path() / "absent" / "curve.svg";
  try {
    write_svg(nowhere, panels);
    FAIL();
  } catch (const DataError& error) {
    EXPECT_NE(std::string(error.what()).find(nowhere.string()), std::string::npos);
  }
}

}  // namespace
}  // namespace gradus::nn
