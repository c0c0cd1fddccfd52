#include <iostream>
#include <memory>
#include <sstream>

#include <gradus/core/error.hpp>
#include <gradus/nn/checkpoint/describe.hpp>
#include <gradus/nn/checkpoint/model_file.hpp>
#include <gradus/nn/cli/choices.hpp>
#include <gradus/nn/cli/commands.hpp>
#include <gradus/nn/cli/model_input.hpp>
#include <gradus/nn/cli/saved_model.hpp>
#include <gradus/nn/files/gzip.hpp>
#include <gradus/nn/modules/check_module.hpp>

namespace gradus::cli {
namespace {

struct CheckSettings {
  std::string model, stencil = "central";
  std::vector<std::size_t> input;
  std::size_t rows = 3, most_elements = 5000;
  std::optional<double> step;
  double tolerance = 1e-5;
  std::uint64_t seed = 1;
};

struct StencilRow {
  std::string name;
  Stencil stencil;
};

const std::vector<StencilRow>& stencils() {
  static const std::vector<StencilRow> rows{
      {"forward", Stencil::forward},         {"backward", Stencil::backward},
      {"central", Stencil::central},         {"five_point", Stencil::five_point},
      {"seven_point", Stencil::seven_point}, {"ridders", Stencil::ridders}};
  return rows;
}

/// A description in JSON, or the model of a file of `gradus train`, in double.
nn::Module<double> read_any_model(const std::string& file, Rng& rng) {
  const auto bytes = nn::detail::read_raw_bytes("check", file);
  const std::string text(bytes.begin(), bytes.end());
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first != std::string::npos && text[first] == '{') return nn::build_model<double>(text, rng);
  read_saved_model(file);  // or says why it is none
  return nn::read_model<double>(file, {.cast = true});
}

Tensor<double> random_tensor(const Shape& shape, Rng& rng) {
  xt::xarray<double> array = xt::xarray<double>::from_shape(shape);
  for (double& each : array) each = rng.normal();
  return variable(array);
}

GradientCheck check_mode(const nn::Module<double>& model, bool training, const CheckSettings& settings,
                         Rng& rng) {
  model.train(training);
  const Tensor<double> x =
      random_tensor(input_shape(model, settings.rows, settings.input), rng).named("inputs");
  std::size_t elements = x.size();
  for (const Tensor<double>& each : model.parameters()) elements += each.size();
  const bool directional = elements > settings.most_elements;
  std::cout << (model.named_states().empty() ? ""
                : training                   ? "in training, "
                                             : "in evaluation, ")
            << elements << " elements" << (directional ? " along one random direction" : "") << '\n';
  return nn::check_module(model, x,
                          {.check = {.stencil = row_named("--stencil", stencils(), settings.stencil).stencil,
                                     .tolerance = settings.tolerance,
                                     .step = settings.step,
                                     .seed = settings.seed},
                           .directional = directional});
}

/// A stencil that is not exact enough is no failure: then nothing is said of a rule, or that it is right.
bool is_failure(const GradientCheck& result) {
  return result.count(Verdict::wrong) + result.count(Verdict::undefined) > 0;
}

std::string text_of(const GradientCheck& result) {
  std::ostringstream out;
  out << result;
  std::string text = out.str();
  if (!result.ok() && !is_failure(result)) text.replace(0, text.find(':'), "no rule is wrong");
  return text;
}

ExitCode check(const CheckSettings& settings) {
  Rng rng(settings.seed);
  const nn::Module<double> model = read_any_model(settings.model, rng);
  bool ok = true;
  for (const bool training : {true, false}) {
    const GradientCheck result = check_mode(model, training, settings, rng);
    std::cout << text_of(result) << '\n';
    ok = ok && !is_failure(result);
    if (model.named_states().empty()) break;  // it is the same in both
  }
  return ok ? fine : failed;
}

}  // namespace

Command check_command() {
  return {"check", "Compare the gradients of a model with numerical differentiation",
          "Examples:\n"
          "  gradus check model.json                a description, as `gradus inspect --json` prints it\n"
          "  gradus check run/model.safetensors --stencil five_point\n"
          "\nThe exit status is 1 when a rule is wrong, or a gradient NaN or infinite. What differs because\n"
          "a stencil or step is too coarse or too fine is named, and is no failure.",
          [](CLI::App& app) {
            const auto settings = std::make_shared<CheckSettings>();
            app.option_defaults()->always_capture_default();
            app.add_option("model", settings->model, "a description in JSON, or a model of `gradus train`")
                ->required();
            app.add_option("--input", settings->input,
                           "the shape of a row, such as 1,28,28; without, what the first layer takes")
                ->delimiter(',');
            app.add_option("--rows", settings->rows, "random rows to try it on")->check(CLI::Range(1, 10000));
            app.add_option("--stencil", settings->stencil)->check(CLI::IsMember(names_of(stencils())));
            app.add_option("--step", settings->step, "without: chosen for each element");
            app.add_option("--tolerance", settings->tolerance, "largest relative error")
                ->check(CLI::PositiveNumber);
            app.add_option("--most-elements", settings->most_elements,
                           "above, all are checked together along one direction");
            app.add_option("--seed", settings->seed, "of first weights and inputs");
            return [settings] { return check(*settings); };
          }};
}

}  // namespace gradus::cli
