#include <algorithm>
#include <array>
#include <map>
#include <ostream>
#include <utility>

#include <gradus/core/no_grad.hpp>
#include <gradus/nn/modules/summary.hpp>

namespace gradus::nn {
namespace {

/// Notes what run_child() runs while it lives.
class Watch {
 public:
  Watch() : before_(std::exchange(detail::child_runs, &runs_)) {}
  ~Watch() { detail::child_runs = before_; }
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

  const std::vector<detail::ChildRun>& runs() const { return runs_; }

 private:
  std::vector<detail::ChildRun> runs_;
  std::vector<detail::ChildRun>* before_;
};

using ShapesByPath = std::map<std::string, Shape>;

/// The shapes of what the modules gave, under their paths from the model; the model's own is "".
template <class T>
ShapesByPath run(const Module<T>& model, const Shape& input_shape) {
  const NoGrad off;
  const EvalMode eval{model};
  const Watch watch;
  ShapesByPath shapes;
  shapes[""] = model(Tensor<T>(full_array<T>(input_shape, T(0)))).shape();
  const std::string outside = current_scope();
  for (const auto& [path, shape] : watch.runs())
    shapes[outside.empty() ? path : path.substr(outside.size() + 1)] = shape;
  return shapes;
}

template <class Named, class Size>
std::size_t total(const std::vector<Named>& all, const Size& size) {
  std::size_t sum = 0;
  for (const Named& each : all) sum += size(each);
  return sum;
}

template <class T>
void add_rows(std::vector<SummaryRow>& rows, const Module<T>& module, SummaryRow row, const std::string& path,
              const ShapesByPath& shapes) {
  const ModuleParts<T> parts = module.parts();
  row.type = parts.type;
  row.parameters = total(named_parameters(parts), [](const auto& each) { return each.tensor.size(); });
  if (const auto found = shapes.find(path); found != shapes.end()) row.output_shape = found->second;
  rows.push_back(row);
  for (const auto& [name, child] : parts.children)
    add_rows(rows, child, {.name = name, .depth = row.depth + 1}, path.empty() ? name : path + "." + name,
             shapes);
}

/// 1,234,567
std::string grouped(std::size_t n) {
  const std::string digits = std::to_string(n);
  std::string text;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % 3 == 0) text += ',';
    text += digits[i];
  }
  return text;
}

std::string label(const SummaryRow& row) {
  const std::string type = row.type.empty() ? "function" : row.type;
  return std::string(2 * row.depth, ' ') + (row.name.empty() ? type : row.name + " " + type);
}

std::string padded(std::string text, std::size_t width, bool to_the_right = false) {
  return to_the_right ? std::string(width - text.size(), ' ') + text
                      : text + std::string(width - text.size(), ' ');
}

}  // namespace

template <class T>
Summary summary(const Module<T>& model, const Shape& input_shape) {
  Summary result{.input_shape = input_shape};
  add_rows(result.rows, model, {}, "", run(model, input_shape));
  const auto parameters = model.named_parameters();
  result.parameters = total(parameters, [](const auto& each) { return each.tensor.size(); });
  result.trainable = total(
      parameters, [](const auto& each) { return each.tensor.requires_grad() ? each.tensor.size() : 0; });
  result.buffers = total(model.named_buffers(), [](const auto& each) { return each.buffer.value().size(); });
  result.bytes = (result.parameters + result.buffers) * sizeof(T);
  return result;
}
template Summary summary(const Module<float>&, const Shape&);
template Summary summary(const Module<double>&, const Shape&);

std::string Summary::text() const {
  std::vector<std::array<std::string, 3>> cells{{"layer", "output shape", "parameters"},
                                                {"input", gradus::to_string(input_shape), ""}};
  for (const SummaryRow& row : rows)
    cells.push_back(
        {label(row), row.output_shape ? gradus::to_string(*row.output_shape) : "-", grouped(row.parameters)});
  std::array<std::size_t, 3> widths{};
  for (const auto& line : cells)
    for (std::size_t i = 0; i < 3; ++i) widths[i] = std::max(widths[i], line[i].size());

  std::string table;
  for (const auto& [layer, shape, numbers] : cells) {
    table +=
        padded(layer, widths[0]) + "  " + padded(shape, widths[1]) + "  " + padded(numbers, widths[2], true);
    table.erase(table.find_last_not_of(' ') + 1);
    table += '\n';
  }
  return table + "parameters " + grouped(parameters) + ", of which trainable " + grouped(trainable) +
         "; buffers " + grouped(buffers) + "; bytes " + grouped(bytes) + '\n';
}

std::ostream& operator<<(std::ostream& out, const Summary& summary) { return out << summary.text(); }

}  // namespace gradus::nn
