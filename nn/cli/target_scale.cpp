#include <gradus/nn/cli/choices.hpp>
#include <gradus/nn/cli/target_scale.hpp>
#include <gradus/ops/elementwise.hpp>

namespace gradus::cli {
namespace {

/// Those that are the same of what is shifted, and in proportion of what is scaled (or nearly).
bool measures_distance(const std::string& loss) {
  for (const char* name : {"", "mse", "l1", "huber", "smooth_l1"})
    if (loss == name) return true;
  return false;
}

}  // namespace

std::shared_ptr<const nn::Transform> learn_target_scale(const TrainSettings& settings,
                                                        const AnyDataset& train) {
  const auto* const values = std::get_if<nn::Dataset<float>>(&train);
  const std::string& asked = settings.scale_targets;
  if (!asked.empty() && !values) throw UsageError("--scale-targets goes with values, and these are classes");
  if (asked == "standardize" && !measures_distance(settings.loss))
    throw UsageError("--scale-targets standardize does not go with --loss " + settings.loss +
                     ": expected mse, l1, huber or smooth_l1");
  if (!values || asked == "none" || !measures_distance(settings.loss)) return nullptr;
  const auto scale = std::make_shared<nn::Standardize>();
  scale->fit(values->targets);
  return scale;
}

std::string link_of(const std::string& loss) {
  if (loss == "poisson_nll") return "log";
  return loss == "binary_cross_entropy" ? "logit" : "";
}

xt::xarray<float> in_units(const Preprocessing& preprocessing, xt::xarray<float> outputs) {
  if (preprocessing.link == "log") return exp(Tensor<float>(outputs)).value();
  if (preprocessing.link == "logit") return sigmoid(Tensor<float>(outputs)).value();
  return preprocessing.target_scale ? preprocessing.target_scale->invert(outputs) : std::move(outputs);
}

template <>
Loss<std::int64_t> scaled_loss(const std::string& name, double label_smoothing, const Preprocessing&) {
  return make_loss<std::int64_t>(name, label_smoothing);
}
template <>
Loss<float> scaled_loss(const std::string& name, double label_smoothing, const Preprocessing& preprocessing) {
  Loss<float> loss = make_loss<float>(name, label_smoothing);
  if (!preprocessing.target_scale) return loss;
  return [loss, scale = preprocessing.target_scale](const Tensor<float>& y, const xt::xarray<float>& t) {
    return loss(y, scale->apply(t));
  };
}

template <class Target>
std::vector<nn::Metric<float, Target>> in_units(const Preprocessing& preprocessing,
                                                std::vector<nn::Metric<float, Target>> metrics) {
  const Preprocessing units{.target_scale = preprocessing.target_scale, .link = preprocessing.link};
  if (!units.target_scale && units.link.empty()) return metrics;
  for (auto& metric : metrics)
    metric.of = [of = metric.of, units](const xt::xarray<float>& y, const xt::xarray<Target>& t) {
      return of(in_units(units, y), t);
    };
  return metrics;
}
template std::vector<nn::Metric<float, std::int64_t>> in_units(const Preprocessing&,
                                                               std::vector<nn::Metric<float, std::int64_t>>);
template std::vector<nn::Metric<float, float>> in_units(const Preprocessing&,
                                                        std::vector<nn::Metric<float, float>>);

}  // namespace gradus::cli
