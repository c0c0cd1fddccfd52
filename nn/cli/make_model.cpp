#include <charconv>

#include <gradus/core/error.hpp>
#include <gradus/nn/checkpoint/describe.hpp>
#include <gradus/nn/cli/choices.hpp>
#include <gradus/nn/cli/make_parts.hpp>
#include <gradus/nn/files/gzip.hpp>
#include <gradus/nn/modules/activations.hpp>
#include <gradus/nn/modules/batch_norm.hpp>
#include <gradus/nn/modules/dropout.hpp>
#include <gradus/nn/modules/init.hpp>
#include <gradus/nn/modules/linear.hpp>
#include <gradus/nn/modules/sequential.hpp>
#include <gradus/nn/modules/usual_init.hpp>

namespace gradus::cli {
namespace {

struct InitRow {
  std::string name;
  nn::Initializer draw;
};

const std::vector<InitRow>& initializers() {
  static const std::vector<InitRow> rows{{"auto", {}},
                                         {"xavier", nn::init::xavier()},
                                         {"he", nn::init::he()},
                                         {"normal", nn::init::normal(0.01)},
                                         {"uniform", nn::init::uniform(-0.05, 0.05)},
                                         {"zeros", nn::init::zeros()}};
  return rows;
}

/// "512,512", "512" "512" or "none" alone.
std::vector<std::size_t> widths_of(const std::vector<std::string>& texts) {
  if (texts == std::vector<std::string>{"none"}) return {};
  std::vector<std::size_t> widths;
  for (const std::string& text : parts_of(texts)) {
    std::size_t width = 0;
    const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), width);
    if (error != std::errc() || stop != text.data() + text.size() || width < 1 || width > 1'000'000)
      throw UsageError("--hidden: '" + text +
                       "': expected whole numbers from 1 to 1000000, such as 512,512, or none");
    widths.push_back(width);
  }
  return widths;
}

nn::Module<float> make_perceptron(const ModelSettings& settings, std::size_t features, std::size_t outputs,
                                  Rng& rng) {
  const nn::Activation activation = nn::activation_named(settings.activation);
  const nn::Initializer chosen = row_named("--init", initializers(), settings.init).draw;
  const nn::Initializer hidden_init = chosen ? chosen : nn::usual_init(activation);
  std::vector<nn::Module<float>> modules;
  std::size_t in = features;
  for (const std::size_t width : widths_of(settings.hidden)) {
    modules.push_back(nn::Linear<float>{in, width, rng, {.weight = hidden_init}});
    if (settings.batch_norm) modules.push_back(nn::BatchNorm1d<float>{width});
    modules.push_back(nn::activation_module<float>(activation));
    if (settings.dropout > 0) modules.push_back(nn::Dropout{settings.dropout, rng});
    in = width;
  }
  modules.push_back(nn::Linear<float>{
      in, outputs, rng, {.weight = chosen ? chosen : nn::usual_init(nn::Activation::identity)}});
  return nn::Sequential<float>(std::move(modules));
}

}  // namespace

nn::Module<float> make_model(const ModelSettings& settings, std::size_t features, std::size_t outputs,
                             Rng& rng) {
  if (settings.file.empty()) return make_perceptron(settings, features, outputs, rng);
  const auto bytes = nn::detail::read_raw_bytes("model", settings.file);
  return nn::build_model<float>(std::string(bytes.begin(), bytes.end()), rng);
}

std::vector<std::string> activation_names() {
  std::vector<std::string> names;
  for (const nn::Activation each : nn::all_activations) names.emplace_back(nn::activation_name(each));
  return names;
}

std::vector<std::string> init_names() { return names_of(initializers()); }

}  // namespace gradus::cli
