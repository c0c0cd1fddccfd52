#include <cstdlib>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <gradus/nn/report/report.hpp>
#include <gradus/tests/nn/data/bytes.hpp>
#include <gradus/tests/nn/report/sample_report.hpp>
#include <gradus/tests/nn/temp_folder.hpp>

// What a browser makes of a report.

namespace gradus::nn {
namespace {

namespace fs = std::filesystem;
using testing::bytes_of, testing::sample_report, testing::TempFolder, testing::write_bytes;

bool has_browser() { return std::system("command -v chromium >/dev/null 2>&1") == 0; }

// Runs it with those flags on page.html in the folder, its output going to `out`.
int browse(const fs::path& folder, const std::string& flags, const std::string& out) {
  const std::string command = "cd '" + folder.string() +
                              "' && HOME=. timeout 60 chromium --headless --no-sandbox " +
                              "--disable-gpu --hide-scrollbars --user-data-dir=./profile " + flags +
                              " \"file://$PWD/page.html\" >" + out + " 2>messages.txt";
  return std::system(command.c_str());
}

// As it stands between quotes.
std::string quoted(const std::string& html) {
  std::string text;
  for (const char c : html) text += c == '&' ? "&amp;" : c == '"' ? "&quot;" : std::string(1, c);
  return text;
}

// What an expression over `page`, the document of the report on a screen of that width, gives. (A window is
// never narrower than 500 pixels; a frame in it may be.)
std::string answer(const fs::path& folder, const std::string& html, const std::string& expression,
                   int width) {
  write_bytes(folder / "page.html",
              "<!DOCTYPE html><html><head></head><body><iframe style=\"border:0\" height=2000 width=" +
                  std::to_string(width) + " srcdoc=\"" + quoted(html) +
                  "\"></iframe><script>const frame = document.querySelector('iframe');"
                  "frame.onload = () => { const page = frame.contentDocument, window = frame.contentWindow;"
                  "document.title = 'answer ' + (" +
                  expression + "); }</script></body></html>");
  EXPECT_EQ(browse(folder, "--dump-dom --window-size=1300,2000", "dom.html"), 0)
      << bytes_of(folder / "messages.txt");
  const std::string dom = bytes_of(folder / "dom.html"), mark = "<title>answer ";
  const std::size_t at = dom.find(mark);
  return at == std::string::npos ? "none in " + dom
                                 : dom.substr(at + mark.size(), dom.find("</title>") - at - mark.size());
}

TEST(ReportInABrowser, FindsItsCurvesPicturesAndColours) {
  if (!has_browser()) GTEST_SKIP() << "there is no chromium";
  const TempFolder folder;
  const std::string html = to_html(sample_report());
  EXPECT_EQ(answer(folder.path(), html,
                   "[page.querySelectorAll('.panel svg polyline').length,"
                   " page.querySelectorAll('.panel svg polyline')[1].points.numberOfItems,"
                   " [...page.images].every(image => image.complete && image.naturalWidth === 2),"
                   " page.querySelectorAll('table.confusion tr').length,"
                   " window.getComputedStyle(page.querySelector('polyline')).stroke,"
                   " page.querySelector('h1').textContent].join(' | ')",
                   1280),
            "3 | 8 | true | 5 | rgb(0, 114, 178) | Digits &lt;b&gt;&amp;\"bold\"&lt;/b&gt;");
}

// Ten classes of a thousand rows each, and names that are too long.
Report wide_report() {
  Report report = sample_report();
  report.command_line = std::string(300, 'x');
  report.summary = std::string(300, 'y');
  report.title = std::string(80, 'z');
  report.class_names.clear();
  report.confusion = ConfusionMatrix{10};
  std::vector<std::int64_t> labels, predicted;
  for (std::int64_t i = 0; i < 10000; ++i) {
    labels.push_back(i % 10);
    predicted.push_back(i % 7 == 0 ? i / 7 % 10 : i % 10);
  }
  const std::vector<std::size_t> shape{labels.size()};
  report.confusion->add(xt::adapt(labels, shape), xt::adapt(predicted, shape));
  report.mistakes[0].label = std::string(60, 'm');
  return report;
}

// What reaches beyond the right end of the screen and is in no box that scrolls; how much of the confusion
// matrix is hidden in its box.
constexpr const char* beyond =
    "[page.scrollingElement.scrollWidth - window.innerWidth,"
    " [...page.querySelectorAll('body *')].filter(e => !e.closest('.wide, pre') &&"
    "   e.getBoundingClientRect().right > window.innerWidth).map(e => e.outerHTML.slice(0, 80)).join(),"
    " page.querySelector('.wide').scrollWidth - page.querySelector('.wide').clientWidth].join(' | ')";

TEST(ReportInABrowser, FitsScreensOfEveryWidth) {
  if (!has_browser()) GTEST_SKIP() << "there is no chromium";
  const TempFolder folder;
  for (int width : {390, 768, 1280})
    EXPECT_EQ(answer(folder.path(), to_html(wide_report()), beyond, width), "0 |  | 0") << width;
  Report report = wide_report();  // so many columns have no place, but can be reached
  report.class_names.assign(10, std::string(40, 'n'));
  EXPECT_EQ(
      answer(folder.path(), to_html(report), "[" + std::string(beyond) + "].join().split(' | ')[1]", 390),
      "");
}

// Texts of plots that are cut at an end of their panel or run into each other, and figures that leave their
// cards.
constexpr const char* without_room = R"((() => {
  const box = e => e.getBoundingClientRect();
  const meet = (a, b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
  const found = [];
  for (const panel of page.querySelectorAll('.panel')) {
    const texts = [...panel.querySelectorAll('text')];
    texts.forEach((text, i) => {
      if (box(text).left < box(panel).left || box(text).right > box(panel).right) found.push(text.textContent);
      for (const other of texts.slice(0, i))
        if (meet(box(text), box(other))) found.push(other.textContent + ' / ' + text.textContent);
    });
  }
  for (const figure of page.querySelectorAll('dd'))
    if (figure.scrollWidth > figure.clientWidth) found.push(figure.textContent);
  return found.join();
})())";

TEST(ReportInABrowser, LargeNumbersHaveRoom) {
  if (!has_browser()) GTEST_SKIP() << "there is no chromium";
  const TempFolder folder;
  Report report{.figures = {{"mse", "6.86998e+08"}, {"loss", "-6.869981234567e+108"}, {"r2", "0.991294"}}};
  for (const auto& [lo, hi] : {std::pair{3e5, 1.5e6}, {-1.5e6, 3e5}, {1234567., 1234570.}, {-3e9, 5e8}})
    report.predictions.push_back({.title = "Predicted against true",
                                  .x_label = "true",
                                  .curves = {{"predicted = true", {lo, hi}, {lo, hi}}},
                                  .y_label = "predicted",
                                  .from_zero = false});
  for (int width : {390, 768, 1280})
    EXPECT_EQ(answer(folder.path(), to_html(report), without_room, width), "") << width;
}

TEST(ReportInABrowser, ALonePanelIsNoLargerThanOneOfMany) {
  if (!has_browser()) GTEST_SKIP() << "there is no chromium";
  const TempFolder folder;
  Report report = sample_report();
  const std::string width = "Math.round(page.querySelector('.panel').getBoundingClientRect().width)";
  const std::string many = answer(folder.path(), to_html(report), width, 1280);
  report.panels.resize(1);
  EXPECT_EQ(answer(folder.path(), to_html(report), width, 1280), many);
}

// The worst contrast of letters to their ground in the cells of the confusion matrix.
constexpr const char* worst_contrast = R"((() => {
  const luminance = css => {
    const [r, g, b] = css.match(/\d+/g).map(c => c / 255)
      .map(c => c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  return Math.min(...[...page.querySelectorAll('td.share, td.share span')].map(cell => {
    const letters = luminance(window.getComputedStyle(cell).color);
    const ground = luminance(window.getComputedStyle(cell.closest('td')).backgroundColor);
    return (Math.max(letters, ground) + 0.05) / (Math.min(letters, ground) + 0.05);
  })) >= 4.5;
})())";

TEST(ReportInABrowser, CellsOfEveryShareCanBeRead) {
  if (!has_browser()) GTEST_SKIP() << "there is no chromium";
  const TempFolder folder;
  Report report;
  report.confusion =
      ConfusionMatrix{12};  // class i is right in i of 11 cases, taken for the next in the others
  for (std::int64_t label = 0; label < 12; ++label)
    for (std::int64_t i = 0; i < 11; ++i)
      report.confusion->add(xt::xarray<std::int64_t>{label},
                            xt::xarray<std::int64_t>{i < label ? label : (label + 1) % 12});
  EXPECT_EQ(answer(folder.path(), to_html(report), worst_contrast, 1280), "true");
}

}  // namespace
}  // namespace gradus::nn
