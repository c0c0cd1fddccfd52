#include <gradus/core/error.hpp>
#include <gradus/core/expected.hpp>
#include <gradus/nn/cli/choices.hpp>
#include <gradus/nn/cli/make_parts.hpp>
#include <gradus/nn/losses.hpp>

namespace gradus::cli {
namespace {

template <class Target>
struct LossRow {
  std::string name;
  std::function<Loss<Target>(double label_smoothing)> make;
};

/// A row for a loss that takes predictions and targets alone.
template <class Target, class F>
LossRow<Target> plain(const char* name, F loss) {
  return {name, [loss](double) -> Loss<Target> { return loss; }};
}

using Labels = xt::xarray<std::int64_t>;
using Values = xt::xarray<float>;
using Predictions = Tensor<float>;

template <class Target>
const std::vector<LossRow<Target>>& losses();

template <>
const std::vector<LossRow<std::int64_t>>& losses() {
  static const std::vector<LossRow<std::int64_t>> rows{
      {"cross_entropy",
       [](double smoothing) -> Loss<std::int64_t> {
         return [smoothing](const Predictions& y, const Labels& t) {
           return nn::cross_entropy(y, t, {.label_smoothing = smoothing});
         };
       }},
      plain<std::int64_t>("nll", [](const Predictions& y, const Labels& t) { return nn::nll_loss(y, t); }),
      plain<std::int64_t>("multi_margin",
                          [](const Predictions& y, const Labels& t) { return nn::multi_margin_loss(y, t); })};
  return rows;
}

template <>
const std::vector<LossRow<float>>& losses() {
  static const std::vector<LossRow<float>> rows{
      plain<float>("mse", [](const Predictions& y, const Values& t) { return nn::mse_loss(y, t); }),
      plain<float>("l1", [](const Predictions& y, const Values& t) { return nn::l1_loss(y, t); }),
      plain<float>("huber", [](const Predictions& y, const Values& t) { return nn::huber_loss(y, t); }),
      plain<float>("smooth_l1",
                   [](const Predictions& y, const Values& t) { return nn::smooth_l1_loss(y, t); }),
      plain<float>("poisson_nll",
                   [](const Predictions& y, const Values& t) { return nn::poisson_nll_loss(y, t); }),
      plain<float>("binary_cross_entropy", [](const Predictions& y, const Values& t) {
        return nn::binary_cross_entropy_with_logits(y, t);
      })};
  return rows;
}

}  // namespace

template <class Target>
Loss<Target> make_loss(const std::string& name, double label_smoothing) {
  const auto& table = losses<Target>();
  const std::vector<std::string> names = names_of(table);
  const std::string& wanted = name.empty() ? names.front() : name;
  if (std::find(names.begin(), names.end(), wanted) == names.end())
    throw UsageError("--loss " + wanted + " does not go with " +
                     (std::is_same_v<Target, float> ? "values" : "classes") + ": " +
                     detail::expected_one_of(names));
  if (label_smoothing != 0 && wanted != "cross_entropy")
    throw UsageError("--label-smoothing goes with the loss cross_entropy alone, not with " + wanted);
  return row_named("--loss", table, wanted).make(label_smoothing);
}
template Loss<std::int64_t> make_loss(const std::string&, double);
template Loss<float> make_loss(const std::string&, double);

std::vector<std::string> loss_names() {
  std::vector<std::string> names = names_of(losses<std::int64_t>());
  for (const std::string& name : names_of(losses<float>())) names.push_back(name);
  return names;
}

}  // namespace gradus::cli
