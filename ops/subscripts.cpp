#include <algorithm>
#include <string>

#include <gradus/core/error.hpp>
#include <gradus/ops/op_name.hpp>
#include <gradus/ops/subscripts.hpp>

namespace gradus::detail {
namespace {

constexpr std::string_view ellipsis = "...";

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

std::string without_spaces(std::string_view text) {
  std::string result(text);
  std::erase(result, ' ');
  return result;
}

std::vector<std::string> split(const std::string& text, char at) {
  std::vector<std::string> parts(1);
  for (const char c : text)
    if (c == at)
      parts.emplace_back();
    else
      parts.back() += c;
  return parts;
}

class Parser {
 public:
  Parser(std::string_view text, const std::vector<Shape>& shapes)
      : text_(without_spaces(text)), shapes_(shapes) {}

  Subscripts parse() {
    const std::size_t arrow = text_.find("->");
    terms_ = split(text_.substr(0, arrow), ',');
    if (terms_.size() != shapes_.size())
      fail("subscripts for " + std::to_string(terms_.size()) + " operands, " +
           std::to_string(shapes_.size()) + " are given");
    for (std::size_t i = 0; i < terms_.size(); ++i) read_input(i);
    if (arrow == std::string::npos)
      imply_output();
    else
      read_output(text_.substr(arrow + 2));
    return std::move(result_);
  }

 private:
  template <class E = ValueError>
  [[noreturn]] void fail(const std::string& why) const {
    throw E(OpName::einsum.tag() + "'" + text_ + "': " + why);
  }

  /// A term around its ellipsis: letters only.
  struct Around {
    std::string before, after;
    bool has_ellipsis;
  };
  Around take_apart(const std::string& term) const {
    const std::size_t dots = term.find(ellipsis);
    Around parts{term.substr(0, dots), "", dots != std::string::npos};
    if (parts.has_ellipsis) parts.after = term.substr(dots + ellipsis.size());
    for (const char c : parts.before + parts.after)
      if (!is_letter(c))
        fail(std::string{'\'', c} + "' in '" + term +
             "': expected letters, one ellipsis (...) a term, commas and one arrow (->)");
    return parts;
  }

  /// `rank` labels for the axes that an ellipsis stands for.
  static Labels ellipsis_labels(std::size_t rank) {
    Labels labels;
    for (std::size_t left = rank; left > 0; --left) labels.push_back(-static_cast<Label>(left));
    return labels;
  }

  static Labels labels_of(const Around& parts, std::size_t ellipsis_rank) {
    Labels labels(parts.before.begin(), parts.before.end());
    const Labels between = ellipsis_labels(ellipsis_rank);
    labels.insert(labels.end(), between.begin(), between.end());
    labels.insert(labels.end(), parts.after.begin(), parts.after.end());
    return labels;
  }

  void read_input(std::size_t i) {
    const Shape& shape = shapes_[i];
    const Around parts = take_apart(terms_[i]);
    const std::size_t letters = parts.before.size() + parts.after.size();
    if (parts.has_ellipsis ? shape.size() < letters : shape.size() != letters)
      fail<ShapeError>("operand " + std::to_string(i) + " has shape " + to_string(shape) + ", '" + terms_[i] +
                       "' names " + (parts.has_ellipsis ? "at least " : "") + std::to_string(letters) +
                       " axes");
    const std::size_t rank = shape.size() - letters;
    ellipsis_rank_ = std::max(ellipsis_rank_, rank);
    result_.inputs.push_back(labels_of(parts, rank));
    for (std::size_t axis = 0; axis < shape.size(); ++axis) note_extent(i, axis);
  }

  /// Extents of one label must be the same, or 1 where others are larger; along a diagonal the same.
  void note_extent(std::size_t i, std::size_t axis) {
    const Labels& labels = result_.inputs[i];
    const std::size_t extent = shapes_[i][axis];
    const auto first =
        static_cast<std::size_t>(std::find(labels.begin(), labels.end(), labels[axis]) - labels.begin());
    const auto [known, is_new] = result_.extents.emplace(labels[axis], extent);
    const bool fits = first < axis ? shapes_[i][first] == extent
                                   : known->second == extent || known->second == 1 || extent == 1;
    if (!fits)
      fail<ShapeError>("axis " + std::to_string(axis) + " of operand " + std::to_string(i) + ", shape " +
                       to_string(shapes_[i]) + ", has " + std::to_string(extent) + ", " + name(labels[axis]) +
                       " was " + std::to_string(first < axis ? shapes_[i][first] : known->second) +
                       " before");
    if (known->second == 1) known->second = extent;
  }

  static std::string name(Label label) {
    std::string text(label < 0 ? "axis " : "'");
    if (label < 0)
      text += std::to_string(label) + " of the ellipsis";
    else
      text.append({static_cast<char>(label), '\''});
    return text;
  }

  /// NumPy's: the axes of the ellipsis, then the letters that occur once, in alphabetical order.
  void imply_output() {
    result_.output = ellipsis_labels(ellipsis_rank_);
    for (const auto& [label, extent] : result_.extents) {
      std::ptrdiff_t uses = 0;
      for (const Labels& labels : result_.inputs) uses += std::count(labels.begin(), labels.end(), label);
      if (label > 0 && uses == 1) result_.output.push_back(label);
    }
  }

  void read_output(const std::string& term) {
    const Around parts = take_apart(term);
    if (!parts.has_ellipsis && ellipsis_rank_ > 0)
      fail("the ellipsis stands for " + std::to_string(ellipsis_rank_) +
           " axes: expected one in the output too, or sum() over them first");
    result_.output = labels_of(parts, ellipsis_rank_);
    for (const Label label : result_.output) {
      if (!result_.extents.contains(label)) fail("no operand has " + name(label) + " of the output");
      if (std::count(result_.output.begin(), result_.output.end(), label) > 1)
        fail(name(label) + " is twice in the output");
    }
  }

  std::string text_;
  const std::vector<Shape>& shapes_;
  std::vector<std::string> terms_;
  std::size_t ellipsis_rank_ = 0;
  Subscripts result_;
};

}  // namespace

Subscripts parse_subscripts(std::string_view text, const std::vector<Shape>& shapes) {
  return Parser(text, shapes).parse();
}

}  // namespace gradus::detail
