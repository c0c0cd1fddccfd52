#include <cstdio>
#include <iomanip>
#include <ostream>
#include <sstream>

#include <gradus/core/error.hpp>
#include <gradus/core/expected.hpp>
#include <gradus/core/no_grad.hpp>
#include <gradus/nn/cli/judge.hpp>
#include <gradus/nn/cli/make_parts.hpp>
#include <gradus/nn/training/trainer.hpp>

namespace gradus::cli {
namespace {

void count_classes(Judgement& judgement, const nn::Dataset<>& set) {
  judgement.confusion.emplace(judgement.predictions.shape(1));
  judgement.confusion->add(set.targets, nn::predict_classes(judgement.predictions));
}
void count_classes(Judgement&, const nn::Dataset<float>&) {}

template <class Target>
Judgement judge_on(const nn::Module<float>& model, const nn::Dataset<Target>& set, const std::string& loss,
                   double label_smoothing) {
  const NoGrad off;
  Judgement judgement{.rows = set.size(), .predictions = nn::predict(model, set.inputs)};
  judgement.loss = static_cast<double>(
      make_loss<Target>(loss, label_smoothing)(Tensor<float>(judgement.predictions), set.targets).item());
  for (const auto& metric : metrics_of<Target>())
    judgement.metrics.emplace_back(metric.name, metric.of(judgement.predictions, set.targets));
  count_classes(judgement, set);
  return judgement;
}

/// Names that are not just the numbers of the classes.
bool has_names(const std::vector<std::string>& names) {
  for (std::size_t i = 0; i < names.size(); ++i)
    if (names[i] != std::to_string(i)) return true;
  return false;
}

/// In quotes where it would not be told from its neighbours in a list without.
std::string quoted(const std::string& name) {
  const bool is_clear = !name.empty() && name.find_first_of(",\"\n\r\t") == std::string::npos &&
                        name.front() != ' ' && name.back() != ' ';
  if (is_clear) return name;
  std::ostringstream text;
  text << std::quoted(name);
  return text.str();
}

}  // namespace

template <>
std::vector<nn::Metric<float, std::int64_t>> metrics_of() {
  return {nn::metric::accuracy(), nn::metric::precision(), nn::metric::recall(), nn::metric::f1()};
}
template <>
std::vector<nn::Metric<float, float>> metrics_of() {
  return {nn::metric::mse(), nn::metric::r2()};
}

Judgement judge(const nn::Module<float>& model, const AnyDataset& set, const std::string& loss,
                double label_smoothing) {
  return std::visit([&](const auto& each) { return judge_on(model, each, loss, label_smoothing); }, set);
}

std::string metric_text(const std::string& name, double value) {
  char text[40];
  const bool percent = nn::is_fraction(name);
  std::snprintf(text, sizeof text, percent ? "%.2f%%" : "%.6g", percent ? 100 * value : value);
  return text;
}

void print(std::ostream& out, const Judgement& judgement, const std::vector<std::string>& class_names) {
  out << "rows " << judgement.rows << "\nloss " << metric_text("loss", judgement.loss) << '\n';
  for (const auto& [name, value] : judgement.metrics) out << name << ' ' << metric_text(name, value) << '\n';
  if (!judgement.confusion) return;
  out << '\n' << *judgement.confusion;
  if (!has_names(class_names)) return;
  std::vector<std::string> numbered;
  for (std::size_t i = 0; i < class_names.size(); ++i)
    numbered.push_back(std::to_string(i) + ' ' + quoted(class_names[i]));
  out << "\nclasses: " << detail::listed(numbered) << '\n';
}

}  // namespace gradus::cli
