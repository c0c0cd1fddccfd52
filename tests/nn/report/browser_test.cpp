#include <cstdlib>
#include <filesystem>
#include <string>

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

// The page with a script that puts into its title what the expression gives.
std::string asking(const std::string& html, const std::string& expression) {
  std::string page = html;
  return page.insert(page.find("</body>"),
                     "<script>document.title = 'answer ' + (" + expression + ")</script>");
}

std::string answer(const fs::path& folder, const std::string& html, const std::string& expression,
                   int width) {
  write_bytes(folder / "page.html", asking(html, expression));
  EXPECT_EQ(browse(folder, "--dump-dom --window-size=" + std::to_string(width) + ",2000", "dom.html"), 0)
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
                   "[document.querySelectorAll('.panel svg polyline').length,"
                   " document.querySelectorAll('.panel svg polyline')[1].points.numberOfItems,"
                   " [...document.images].every(image => image.complete && image.naturalWidth === 2),"
                   " document.querySelectorAll('table.confusion tr').length,"
                   " getComputedStyle(document.querySelector('polyline')).stroke,"
                   " document.querySelector('h1').textContent].join(' | ')",
                   1280),
            "3 | 8 | true | 5 | rgb(0, 114, 178) | Digits &lt;b&gt;&amp;\"bold\"&lt;/b&gt;");
}

TEST(ReportInABrowser, FitsScreensOfEveryWidth) {
  if (!has_browser()) GTEST_SKIP() << "there is no chromium";
  const TempFolder folder;
  Report report = sample_report();
  report.command_line = std::string(300, 'x');
  report.summary = std::string(300, 'y');
  report.title = std::string(80, 'z');
  for (int width :
       {390, 1280}) {  // a window has 500 pixels at least, where the layout for narrow ones begins
    const std::string wanted = std::to_string(width);
    const std::string expression =
        "(document.body.style.width = '" + wanted + "px', document.body.scrollWidth)";
    EXPECT_EQ(answer(folder.path(), to_html(report), expression, width), wanted);
  }
}

TEST(ReportInABrowser, IsDrawn) {
  if (!has_browser()) GTEST_SKIP() << "there is no chromium";
  const TempFolder folder;
  write_report(folder.path() / "page.html", sample_report());
  for (int width : {390, 1280}) {
    const std::string picture = "screen" + std::to_string(width) + ".png";
    ASSERT_EQ(
        browse(folder.path(), "--screenshot=" + picture + " --window-size=" + std::to_string(width) + ",2000",
               "out.txt"),
        0)
        << bytes_of(folder.path() / "messages.txt");
    const std::string png = bytes_of(folder.path() / picture);
    ASSERT_GT(png.size(), 20000u);  // an empty page takes 10 kB
    EXPECT_EQ(static_cast<unsigned char>(png[18]) * 256 + static_cast<unsigned char>(png[19]), width);
  }
}

}  // namespace
}  // namespace gradus::nn
