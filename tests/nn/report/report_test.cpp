#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <zlib.h>

#include <gradus/core/error.hpp>
#include <gradus/core/shape.hpp>
#include <gradus/nn/report/picture.hpp>
#include <gradus/nn/report/report.hpp>
#include <gradus/tests/nn/data/bytes.hpp>
#include <gradus/tests/nn/report/sample_report.hpp>
#include <gradus/tests/nn/temp_folder.hpp>

namespace gradus::nn {
namespace {

using testing::bytes_of, testing::expect_named, testing::message_of, testing::sample_report,
    testing::TempFolder;

constexpr float nan = std::numeric_limits<float>::quiet_NaN();

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

// Every element but those that have no end is closed in the right order.
bool well_formed(const std::string& html) {
  std::vector<std::string> open;
  const std::string body = html.substr(html.find("<body"));
  for (std::size_t at = body.find('<'); at != std::string::npos; at = body.find('<', at + 1)) {
    const std::size_t end = body.find('>', at);
    if (end == std::string::npos || body.find('<', at + 1) < end) return false;
    const std::string tag = body.substr(at + 1, end - at - 1), name = tag.substr(0, tag.find(' '));
    if (tag.back() == '/' || name == "img" || name == "br") continue;
    if (tag.front() != '/') {
      open.push_back(name);
    } else if (open.empty() || open.back() != tag.substr(1)) {
      return tag == "/html";
    } else {
      open.pop_back();
    }
  }
  return false;  // the end of html is missing
}

TEST(Report, ShowsAllThatItHolds) {
  const std::string html = to_html(sample_report());
  EXPECT_TRUE(well_formed(html)) << html;
  for (const char* part : {"<title>Digits &lt;b&gt;&amp;&quot;bold&quot;&lt;/b&gt;</title>",
                           "2024-05-31 18:05 UTC",
                           "took 1 h 02 min",
                           "seed 42",
                           "accuracy &lt;test&gt;",
                           "98.4 %",
                           "Loss &amp; more",
                           "train &lt;1&gt;",
                           "validation",
                           "Learning rate",
                           "0.01",
                           "&lt;dog&gt;",
                           "57.14",
                           "<b>cat</b> taken for <b>&lt;dog&gt;</b>",
                           "98.8",
                           "row 8",
                           "Linear (784) -&gt; (10)",
                           "train --label &quot;&lt;x&gt;&quot; &amp;&amp; echo",
                           "recall",
                           "none"}) {
    EXPECT_TRUE(has(html, part)) << part;
  }
  EXPECT_EQ(count(html, "<polyline"), 3u);
  EXPECT_EQ(count(html, "<svg"), 2u);
  EXPECT_EQ(count(html, "<img"), 3u);  // a mistake without a picture, one with, two units
}

TEST(Report, NeedsNothingElse) {
  const std::string html = to_html(sample_report());
  for (const char* part : {"http", "<script", "<link", "@import", "url("})
    EXPECT_FALSE(has(html, part)) << part;
  EXPECT_EQ(count(html, "src="), count(html, "src=\"data:image/png;base64,"));
}

TEST(Report, LeavesOutWhatIsEmpty) {
  const std::string html = to_html({});
  EXPECT_TRUE(well_formed(html)) << html;
  for (const char* part : {"<section", "<figure", "<table", "<pre", "<dl", "<img"})
    EXPECT_FALSE(has(html, part)) << part;
  Report report;
  report.weights = xt::xarray<float>{1, 2};  // no pictures
  report.confusion = ConfusionMatrix{2};     // nothing counted
  EXPECT_FALSE(has(to_html(report), "First layer"));
  EXPECT_FALSE(has(to_html(report), "nan"));
}

TEST(Report, ALargeConfusionMatrixIsAPictureAndAList) {
  Report report;
  report.confusion = ConfusionMatrix{60};
  report.confusion->add(xt::xarray<std::int64_t>{3, 3, 59, 1}, xt::xarray<std::int64_t>{4, 4, 58, 1});
  const std::string html = to_html(report);
  EXPECT_TRUE(well_formed(html));
  EXPECT_EQ(count(html, "<tr>"), 3u);  // a head, and two confusions, the more frequent first
  EXPECT_TRUE(has(html, "<td>3</td><td>4</td><td class=\"number\">2</td>"));
  EXPECT_LT(html.find("<td>4</td>"), html.find("<td>58</td>"));
}

TEST(Report, LongNamesCanBeToldApart) {
  Report report;
  report.confusion = ConfusionMatrix{2};
  report.class_names = {"Extraordinarily long name, one", "Extraordinarily long name, two"};
  const std::string html = to_html(report);
  for (const char* end : {"one", "two"}) {
    const std::string full = std::string("title=\"Extraordinarily long name, ") + end + "\"";
    EXPECT_EQ(count(html, full), 2u) << end;  // a row and a column
    EXPECT_EQ(count(html, std::string("me, ") + end + "</th>"), 2u) << end;
  }
}

TEST(Report, ShowsWhatItWasJudgedByAndPredictionsOfValues) {
  Report report;
  report.judged_by = "the test set";
  report.predictions = {{.title = "Predicted against true", .curves = {{"", {1, 2}, {1, 3}, false}}}};
  const std::string html = to_html(report);
  EXPECT_TRUE(has(html, "judged by the test set"));
  EXPECT_TRUE(has(html, "<h2>Predictions</h2>"));
  EXPECT_EQ(count(html, "<circle"), 2u);
  report.predictions[0].curves[0].x.pop_back();
  EXPECT_THROW(to_html(report), ValueError);
}

TEST(Report, SaysHowLongItTook) {
  const auto took = [](double seconds) {
    Report report;
    report.seconds = seconds;
    const std::string html = to_html(report);
    const std::size_t at = html.find("took ");
    return html.substr(at, html.find('<', at) - at);
  };
  EXPECT_EQ(took(0), "took 0 s");
  EXPECT_EQ(took(1.2345), "took 1.23 s");
  EXPECT_EQ(took(59.94), "took 59.9 s");
  EXPECT_EQ(took(60), "took 1 min 00 s");
  EXPECT_EQ(took(3599.7), "took 1 h 00 min");
  EXPECT_EQ(took(90061), "took 25 h 01 min");
}

TEST(Report, RefusesWhatDoesNotFitAndWritesNothing) {
  const TempFolder folder;
  Report report = sample_report();
  report.class_names.pop_back();
  expect_named(message_of<ValueError>([&] { write_report(folder.path() / "r.html", report); }),
               {"[to_html] 2 class names: expected 3"});
  report = sample_report();
  report.panels[0].curves[0].x.pop_back();
  expect_named(message_of<ValueError>([&] { write_report(folder.path() / "r.html", report); }),
               {"[to_html] curve \"train <1>\" with 7 x and 8 y"});
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
  write_report(folder.path() / "r.html", sample_report());
  EXPECT_EQ(bytes_of(folder.path() / "r.html"), to_html(sample_report()));
  EXPECT_THROW(write_report(folder.path() / "absent" / "r.html", {}), DataError);
}

// The inverse of data_address(), as a PNG reader would go about it.
detail::Picture picture_of(const std::string& address) {
  const std::string letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string png;
  std::uint32_t bits = 0, have = 0;
  for (char c : address.substr(address.find(',') + 1)) {
    if (c == '=') break;
    bits = bits << 6 | static_cast<std::uint32_t>(letters.find(c));
    if ((have += 6) >= 8) png += static_cast<char>(bits >> (have -= 8) & 0xff);
  }
  const auto word = [&](std::size_t at) {
    std::uint32_t number = 0;
    for (std::size_t i = 0; i < 4; ++i) number = number << 8 | static_cast<std::uint8_t>(png[at + i]);
    return number;
  };
  EXPECT_EQ(png.substr(0, 8), "\x89PNG\r\n\x1a\n");
  detail::Picture picture;
  std::vector<std::uint8_t> rows;
  std::string ends;
  for (std::size_t at = 8; at < png.size(); at += 12 + word(at)) {
    const std::uint32_t length = word(at);
    const std::string name = png.substr(at + 4, 4);
    EXPECT_EQ(crc32(0, reinterpret_cast<const Bytef*>(&png[at + 4]), length + 4), word(at + 8 + length))
        << name;
    if (name == "IHDR") {
      picture.width = word(at + 8);
      picture.height = word(at + 12);
      picture.channels = png[at + 17] == 2 ? 3 : 1;
    } else if (name == "IDAT") {
      rows.resize(picture.height * (1 + picture.width * picture.channels));
      uLongf size = rows.size();
      EXPECT_EQ(uncompress(rows.data(), &size, reinterpret_cast<const Bytef*>(&png[at + 8]), length), Z_OK);
      EXPECT_EQ(size, rows.size());
    }
    ends = name;
  }
  EXPECT_EQ(ends, "IEND");
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (i % (1 + picture.width * picture.channels) != 0) picture.bytes.push_back(rows[i]);
  }
  return picture;
}

using Bytes = std::vector<std::uint8_t>;

TEST(Picture, GreyNumbers) {
  const float unit[] = {0, 0.5f, 1, nan, 0.25f, 1}, wide[] = {-1, 3, 1, nan};
  EXPECT_EQ(detail::grey_picture(unit, 2, 3).bytes, (Bytes{0, 128, 255, 0, 64, 255}));
  EXPECT_EQ(detail::grey_picture(wide, 2, 2).bytes, (Bytes{0, 255, 128, 0}));
  EXPECT_EQ(detail::grey_picture(unit, 1, 2, 3).bytes.size(), 6u);
}

TEST(Picture, SignedNumbersAreWhiteAtZero) {
  const float numbers[] = {0, 2, -2, nan, 1};
  const Bytes bytes = detail::signed_picture(numbers, 1, 5).bytes;
  EXPECT_EQ(bytes, (Bytes{255, 255, 255, 0, 90, 156, 190, 80, 0, 128, 128, 128, 128, 173, 206}));
  const float none[] = {0, 0};
  EXPECT_EQ(detail::signed_picture(none, 1, 2).bytes, (Bytes{255, 255, 255, 255, 255, 255}));
}

TEST(Picture, IsAPng) {
  for (std::size_t channels : {1, 3}) {
    for (std::size_t width : {1, 2, 3, 100}) {
      detail::Picture picture{5, width, channels, Bytes(5 * width * channels)};
      for (std::size_t i = 0; i < picture.bytes.size(); ++i)
        picture.bytes[i] = static_cast<std::uint8_t>(i * 37);
      const detail::Picture again = picture_of(detail::data_address(picture));
      EXPECT_EQ(again.bytes, picture.bytes);
      EXPECT_EQ(again.width, width);
      EXPECT_EQ(again.height, 5u);
      EXPECT_EQ(again.channels, channels);
    }
  }
}

TEST(MostConfidentMistakes, TheSurestFirst) {
  const xt::xarray<float> inputs{{0, 0}, {1, 1}, {2, 2}, {3, 3}, {4, 4}};
  const xt::xarray<float> logits{{5, 0, 0}, {0, 1, 0}, {0, 0, 900}, {nan, 9, 0}, {0, 2, 0}};
  const xt::xarray<std::int64_t> targets{0, 0, 1, 0, 2};
  const auto mistakes =
      most_confident_mistakes(inputs, logits, targets, {.class_names = {"a", "b", "c"}, .picture = {1, 2}});
  ASSERT_EQ(mistakes.size(), 3u);
  EXPECT_EQ(mistakes[0].row, 2u);
  EXPECT_EQ(mistakes[0].label, "b");
  EXPECT_EQ(mistakes[0].predicted, "c");
  EXPECT_EQ(mistakes[0].confidence, 1);
  EXPECT_EQ(mistakes[1].row, 4u);
  EXPECT_NEAR(mistakes[1].confidence, std::exp(2.0) / (2 + std::exp(2.0)), 1e-12);
  EXPECT_EQ(mistakes[2].picture, (xt::xarray<float>{{1, 1}}));
  EXPECT_EQ(most_confident_mistakes(inputs, logits, targets, {.most = 1}).size(), 1u);
  EXPECT_EQ(most_confident_mistakes(inputs, logits, targets)[0].predicted, "2");
  EXPECT_EQ(most_confident_mistakes(inputs, logits, targets)[0].picture.dimension(), 0u);
}

TEST(MostConfidentMistakes, RowsAreCalledAsWhereTheyComeFrom) {
  const xt::xarray<float> inputs{{0, 0}, {1, 1}, {2, 2}}, logits{{5, 0}, {0, 1}, {0, 9}};
  const xt::xarray<std::int64_t> targets{0, 0, 0};
  const auto mistakes =
      most_confident_mistakes(inputs, logits, targets, {.picture = {1, 2}, .rows = {40, 50, 60}});
  ASSERT_EQ(mistakes.size(), 2u);
  EXPECT_EQ(mistakes[0].row, 60u);
  EXPECT_EQ(mistakes[0].picture, (xt::xarray<float>{{2, 2}}));
  EXPECT_EQ(mistakes[1].row, 50u);
  EXPECT_EQ(mistakes[1].picture, (xt::xarray<float>{{1, 1}}));
  EXPECT_THROW(most_confident_mistakes(inputs, logits, targets, {.rows = {1, 2}}), ShapeError);
}

TEST(MostConfidentMistakes, RefusesWhatDoesNotFit) {
  const xt::xarray<float> inputs{{0, 0}, {1, 1}}, logits{{5, 0}, {0, 1}};
  const xt::xarray<std::int64_t> targets{0, 1}, three{0, 1, 0}, beyond{0, 2};
  EXPECT_THROW(most_confident_mistakes(inputs, logits, three), ShapeError);
  EXPECT_THROW(most_confident_mistakes(logits, inputs, beyond), ValueError);
  EXPECT_THROW(most_confident_mistakes(inputs, logits, targets, {.class_names = {"a"}}), ValueError);
  EXPECT_THROW(most_confident_mistakes(inputs, logits, targets, {.picture = {2, 2}}), ShapeError);
}

TEST(WeightPictures, AreTheColumns) {
  const xt::xarray<float> weight{{1, 2, 3}, {4, 5, 6}, {7, 8, 9}, {10, 11, 12}};
  EXPECT_EQ(weight_pictures(weight, 2, 2, 2), (xt::xarray<float>{{{1, 4}, {7, 10}}, {{2, 5}, {8, 11}}}));
  EXPECT_EQ(weight_pictures(weight, 1, 4).shape(), (Shape{3, 1, 4}));
  EXPECT_THROW(weight_pictures(weight, 2, 3), ShapeError);
}

TEST(CurrentDate, HasItsForm) {
  const std::string date = current_date();
  ASSERT_EQ(date.size(), std::string("2024-05-31 18:05 UTC").size());
  EXPECT_EQ(date.substr(0, 2), "20");
}

}  // namespace
}  // namespace gradus::nn
