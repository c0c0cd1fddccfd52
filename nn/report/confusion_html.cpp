#include <algorithm>
#include <cmath>
#include <tuple>

#include <gradus/nn/report/colour.hpp>
#include <gradus/nn/report/markup.hpp>
#include <gradus/nn/report/picture.hpp>
#include <gradus/nn/report/report_parts.hpp>

namespace gradus::nn::detail {
namespace {

constexpr std::size_t most_in_table = 26;  // classes
constexpr std::size_t most_confusions = 20;
constexpr std::size_t most_letters = 15;  // of a name in a heading
constexpr const char* number_cell = " class=\"number\"";

class ConfusionHtml {
 public:
  ConfusionHtml(const ConfusionMatrix& matrix, const std::vector<std::string>& names)
      : matrix_(matrix), names_(names), classes_(names.size()) {
    for (std::size_t i = 0; i < classes_; ++i) some_undecided_ |= matrix.undecided()(i) > 0;
  }

  std::string table() const {
    std::string head = element("td", "", "");
    for (const std::string& name : names_) head += heading("col", name);
    if (some_undecided_) head += element("th", " scope=\"col\"", "none");
    head += element("th", " scope=\"col\" title=\"recall, in percent\"", "recall");
    std::string rows = element("tr", "", head);
    for (std::size_t label = 0; label < classes_; ++label) rows += row(label);
    std::string last = element("th", " scope=\"row\" title=\"precision, in percent\"", "prec.");
    for (std::size_t i = 0; i < classes_; ++i)
      last += element("td", number_cell, share_text(matrix_.precision(i)));
    return element("p", "",
                   "How often each class was taken for each other; recall and precision in percent") +
           element("div", " class=\"wide\" tabindex=\"0\"",
                   element("table", " class=\"confusion\"", rows + element("tr", "", last)));
  }

  std::string picture() const {
    std::vector<float> shares(classes_ * classes_);
    for (std::size_t i = 0; i < classes_; ++i) {
      for (std::size_t j = 0; j < classes_; ++j)
        shares[i * classes_ + j] = static_cast<float>(i == j ? share(i, j) : -std::sqrt(share(i, j)));
    }
    return "<img class=\"matrix\" alt=\"confusion matrix, rows are true classes, columns predicted ones\" "
           "src=\"" +
           data_address(signed_picture(shares.data(), classes_, classes_)) + "\">";
  }

  std::string most_frequent() const {
    std::vector<std::tuple<std::int64_t, std::size_t, std::size_t>> found;
    for (std::size_t i = 0; i < classes_; ++i) {
      for (std::size_t j = 0; j < classes_; ++j) {
        if (i != j && matrix_.counts()(i, j) > 0) found.emplace_back(-matrix_.counts()(i, j), i, j);
      }
    }
    std::sort(found.begin(), found.end());
    found.resize(std::min(found.size(), most_confusions));
    std::string rows;
    for (const auto& [count, label, predicted] : found) {
      rows +=
          element("tr", "",
                  element("td", "", escaped(names_[label])) + element("td", "", escaped(names_[predicted])) +
                      element("td", number_cell, count_text(-count)));
    }
    const std::string head = element(
        "tr", "", "<th scope=\"col\">true</th><th scope=\"col\">predicted</th><th scope=\"col\">times</th>");
    return element("table", " class=\"list\"",
                   element("caption", "", "Most frequent confusions") + head + rows);
  }

 private:
  // In percent, the sign left out.
  static std::string share_text(double fraction) {
    return std::isnan(fraction) ? "\u2013" : fixed_text(100 * fraction, 1);
  }

  // Of the rows labelled so, those that were predicted so.
  double share(std::size_t label, std::size_t predicted) const {
    std::int64_t all = matrix_.undecided()(label);
    for (std::size_t j = 0; j < classes_; ++j) all += matrix_.counts()(label, j);
    return all == 0 ? 0 : static_cast<double>(matrix_.counts()(label, predicted)) / static_cast<double>(all);
  }

  static std::string heading(const std::string& scope, const std::string& name) {
    return element("th", " scope=\"" + scope + "\" title=\"" + escaped(name) + "\"",
                   escaped(shortened(name, most_letters)));
  }

  std::string row(std::size_t label) const {
    std::string cells = heading("row", names_[label]);
    for (std::size_t predicted = 0; predicted < classes_; ++predicted) cells += cell(label, predicted);
    if (some_undecided_) cells += element("td", number_cell, count_text(matrix_.undecided()(label)));
    cells += element("td", number_cell, share_text(matrix_.recall(label)));
    return element("tr", "", cells);
  }

  // Mistakes are few beside what is right: their colour grows with the root of the share.
  std::string cell(std::size_t label, std::size_t predicted) const {
    const bool is_right = label == predicted;
    const double part = share(label, predicted),
                 strength = is_right ? 0.15 + 0.85 * part : std::min(std::sqrt(2 * part), 1.0);
    const std::int64_t count = matrix_.counts()(label, predicted);
    const std::string about =
        escaped(names_[label] + (is_right ? " recognised" : " taken for " + names_[predicted]));
    return element("td",
                   " class=\"share\" style=\"" + paint(is_right, count == 0 ? 0 : strength) + "\" title=\"" +
                       about + "\"",
                   count == 0 && !is_right ? "<span class=\"none\">0</span>" : count_text(count));
  }

  // The ground of a cell and its letters, on a light page and on a dark one.
  static std::string paint(bool is_right, double strength) {
    const auto colours = [&](const Theme& theme) {
      const Colour ground = mixed(theme.paper, is_right ? theme.accent : theme.fault, strength);
      return css(ground) + ";--letters-" + (&theme == &dark_theme ? "dark:" : "light:") +
             css(letters_on(ground));
    };
    return "--light:" + colours(light_theme) + ";--dark:" + colours(dark_theme);
  }

  const ConfusionMatrix& matrix_;
  const std::vector<std::string>& names_;
  std::size_t classes_;
  bool some_undecided_ = false;
};

}  // namespace

std::string confusion_html(const ConfusionMatrix& matrix, const std::vector<std::string>& names) {
  const ConfusionHtml html(matrix, names);
  const std::string total = element("p", "",
                                    percent_text(matrix.accuracy(), 2) + " of " + count_text(matrix.total()) +
                                        " are right. Rows are true classes, columns what was predicted.");
  if (names.size() <= most_in_table) return total + html.table();
  return total + element("div", " class=\"beside\"", html.picture() + html.most_frequent());
}

}  // namespace gradus::nn::detail
