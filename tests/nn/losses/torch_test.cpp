#include <fstream>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <gradus/core/backward.hpp>
#include <gradus/nn/losses.hpp>

// Values and gradients as PyTorch has them (generate.py).
namespace gradus::nn {
namespace {

using Json = nlohmann::json;

Shape shape_of_stored(const Json& stored) {
  const auto extents = stored.at("shape").get<std::vector<std::size_t>>();
  return Shape(extents.begin(), extents.end());
}

Array<double> array_of(const Json& stored) {
  Array<double> result = empty_array<double>(shape_of_stored(stored));
  const auto values = stored.at("values").get<std::vector<double>>();
  std::copy(values.begin(), values.end(), result.begin());
  return result;
}

/// Weights of one row or of one axis.
Tensor<double> tensor_of(const Json& nested) {
  const Json& row = nested.at(0).is_array() ? nested.at(0) : nested;
  const auto values = row.get<std::vector<double>>();
  Array<double> result = empty_array<double>({values.size()});
  std::copy(values.begin(), values.end(), result.begin());
  return result;
}

Reduction reduction_of(const Json& options) {
  const auto text = options.at("reduction").get<std::string>();
  return text == "sum" ? Reduction::sum : text == "none" ? Reduction::none : Reduction::mean;
}

/// A loss with its inputs, its targets and what it is told.
struct Call {
  std::vector<Tensor<double>> in;
  std::vector<Array<double>> targets;
  bool has_labels;
  const Json& options;

  Reduction reduction() const { return reduction_of(options); }
  template <class V>
  V option(const char* name, V otherwise) const {
    return options.value(name, otherwise);
  }
  std::optional<Tensor<double>> weights(const char* name) const {
    if (!options.contains(name)) return {};
    return tensor_of(options.at(name));
  }
  template <class Options>
  Options of_classes(Options told) const {
    told.reduction = reduction();
    told.class_weights = option("class_weights", std::vector<double>{});
    if (options.contains("ignore_index")) told.ignore_index = options.at("ignore_index").get<std::int64_t>();
    return told;
  }
  xt::xarray<std::int64_t> labels() const { return xt::xarray<std::int64_t>(targets[0]); }
};

Tensor<double> cross_entropy_of(const Call& c) {
  CrossEntropyOptions options = c.of_classes(CrossEntropyOptions{});
  options.label_smoothing = c.option("label_smoothing", 0.0);
  return c.has_labels ? cross_entropy(c.in[0], c.labels(), options)
                      : cross_entropy(c.in[0], c.targets[0], options);
}

const std::map<std::string, std::function<Tensor<double>(const Call&)>> losses{
    {"mse_loss", [](auto& c) { return mse_loss(c.in[0], c.targets[0], {.reduction = c.reduction()}); }},
    {"l1_loss", [](auto& c) { return l1_loss(c.in[0], c.targets[0], {.reduction = c.reduction()}); }},
    {"huber_loss",
     [](auto& c) {
       return huber_loss(c.in[0], c.targets[0],
                         {.reduction = c.reduction(), .delta = c.option("delta", 1.0)});
     }},
    {"smooth_l1_loss",
     [](auto& c) {
       return smooth_l1_loss(c.in[0], c.targets[0],
                             {.reduction = c.reduction(), .beta = c.option("beta", 1.0)});
     }},
    {"poisson_nll_loss",
     [](auto& c) {
       return poisson_nll_loss(c.in[0], c.targets[0],
                               {.reduction = c.reduction(),
                                .log_input = c.option("log_input", true),
                                .full = c.option("full", false)});
     }},
    {"binary_cross_entropy",
     [](auto& c) {
       return binary_cross_entropy(c.in[0], c.targets[0],
                                   {.reduction = c.reduction(), .weight = c.weights("weight")});
     }},
    {"binary_cross_entropy_with_logits",
     [](auto& c) {
       return binary_cross_entropy_with_logits(c.in[0], c.targets[0],
                                               {.reduction = c.reduction(),
                                                .weight = c.weights("weight"),
                                                .pos_weight = c.weights("pos_weight")});
     }},
    {"hinge_loss",
     [](auto& c) {
       return hinge_loss(c.in[0], c.targets[0],
                         {.reduction = c.reduction(), .margin = c.option("margin", 1.0)});
     }},
    {"kl_div",
     [](auto& c) {
       return kl_div(c.in[0], c.targets[0],
                     {.reduction = c.reduction(),
                      .log_target = c.option("log_target", false),
                      .batch_mean = c.option("batch_mean", false)});
     }},
    {"cosine_embedding_loss",
     [](auto& c) {
       return cosine_embedding_loss(c.in[0], c.in[1], c.targets[0],
                                    {.reduction = c.reduction(), .margin = c.option("margin", 0.0)});
     }},
    {"cross_entropy", cross_entropy_of},
    {"nll_loss", [](auto& c) { return nll_loss(c.in[0], c.labels(), c.of_classes(ClassLossOptions{})); }},
    {"multi_margin_loss",
     [](auto& c) {
       return multi_margin_loss(c.in[0], c.labels(),
                                {.reduction = c.reduction(),
                                 .margin = c.option("margin", 1.0),
                                 .squared = c.option("squared", false),
                                 .averages_classes = c.option("averages_classes", false)});
     }},
};

void expect_near(const Array<double>& ours, const Array<double>& theirs) {
  ASSERT_EQ(shape_of(ours), shape_of(theirs));
  for (std::size_t i = 0; i < ours.size(); ++i)
    EXPECT_NEAR(ours.data()[i], theirs.data()[i], 1e-11 * std::max(1.0, std::abs(theirs.data()[i]))) << i;
}

TEST(Losses, AreThoseOfPyTorch) {
  std::ifstream file(GRADUS_SOURCE_DIR "/tests/nn/losses/torch_losses.json");
  const Json cases = Json::parse(file);
  std::set<std::string> compared;
  for (const Json& each : cases) {
    const auto name = each.at("loss").get<std::string>();
    SCOPED_TRACE(name + " " + each.at("options").dump());
    Call call{.in = {}, .targets = {}, .has_labels = false, .options = each.at("options")};
    for (const Json& input : each.at("inputs")) call.in.push_back(variable(array_of(input)));
    for (const Json& target : each.at("targets")) {
      call.targets.push_back(array_of(target));
      call.has_labels = target.at("integral").get<bool>();
    }
    const Tensor<double> loss = losses.at(name)(call);
    expect_near(loss.value(), array_of(each.at("value")));
    Array<double> seed = empty_array<double>(loss.shape());
    for (std::size_t i = 0; i < seed.size(); ++i) seed.data()[i] = static_cast<double>(i + 1);
    loss.backward(seed);
    for (std::size_t i = 0; i < call.in.size(); ++i)
      expect_near(call.in[i].grad(), array_of(each.at("gradients").at(i)));
    compared.insert(name);
  }
  EXPECT_EQ(compared.size(), losses.size());
}

}  // namespace
}  // namespace gradus::nn
