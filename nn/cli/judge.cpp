#include <cstdio>
#include <iomanip>
#include <ostream>
#include <sstream>

#include <gradus/core/error.hpp>
#include <gradus/core/expected.hpp>
#include <gradus/core/no_grad.hpp>
#include <gradus/nn/cli/judge.hpp>
#include <gradus/nn/cli/target_scale.hpp>
#include <gradus/nn/training/trainer.hpp>

namespace gradus::cli {
namespace {

/// What the model gives as it is.
xt::xarray<float> outputs_of(const nn::Module<float>& model, const Preprocessing& preprocessing,
                             const xt::xarray<float>& inputs) {
  xt::xarray<float> outputs = nn::predict(model, inputs);
  const std::size_t names = preprocessing.class_names.size();
  if (names > 0 && (outputs.dimension() != 2 || outputs.shape(1) != names))
    throw DataError("the model gives " + to_string(Shape(outputs.shape())) + ", and its file names " +
                    std::to_string(names) + " classes: expected (n," + std::to_string(names) + ")");
  return outputs;
}

void count_classes(Judgement& judgement, const nn::Dataset<>& set) {
  judgement.confusion.emplace(judgement.predictions.shape(1));
  judgement.confusion->add(set.targets, nn::predict_classes(judgement.predictions));
}
void count_classes(Judgement&, const nn::Dataset<float>&) {}

template <class Target>
Judgement judge_on(const nn::Module<float>& model, const Preprocessing& preprocessing,
                   const nn::Dataset<Target>& set, const std::string& loss, double label_smoothing) {
  const NoGrad off;
  xt::xarray<float> outputs = outputs_of(model, preprocessing, set.inputs);
  Judgement judgement{.rows = set.size(), .predictions = {}};
  judgement.loss = static_cast<double>(
      scaled_loss<Target>(loss, label_smoothing, preprocessing)(Tensor<float>(outputs), set.targets).item());
  judgement.predictions = in_units(preprocessing, std::move(outputs));
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

Judgement judge(const nn::Module<float>& model, const Preprocessing& preprocessing, const AnyDataset& set,
                const std::string& loss, double label_smoothing) {
  return std::visit(
      [&](const auto& each) { return judge_on(model, preprocessing, each, loss, label_smoothing); }, set);
}

xt::xarray<float> predict_in_units(const nn::Module<float>& model, const Preprocessing& preprocessing,
                                   const xt::xarray<float>& inputs) {
  return in_units(preprocessing, outputs_of(model, preprocessing, inputs));
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
  constexpr std::size_t most = 40;  // classes whose matrix can be read
  const std::size_t classes = judgement.confusion->counts().shape(0);
  if (classes > most) {
    out << "\nthe confusion matrix of " << classes << " classes is too large to be shown\n";
    return;
  }
  out << '\n' << *judgement.confusion;
  if (!has_names(class_names)) return;
  std::vector<std::string> numbered;
  for (std::size_t i = 0; i < class_names.size(); ++i)
    numbered.push_back(std::to_string(i) + ' ' + quoted(class_names[i]));
  out << "\nclasses: " << detail::listed(numbered) << '\n';
}

}  // namespace gradus::cli
