#include <iomanip>
#include <iostream>
#include <memory>

#include <gradus/core/error.hpp>
#include <gradus/nn/checkpoint/describe.hpp>
#include <gradus/nn/checkpoint/model_file.hpp>
#include <gradus/nn/checkpoint/safetensors.hpp>
#include <gradus/nn/checkpoint/stored_model.hpp>
#include <gradus/nn/cli/commands.hpp>
#include <gradus/nn/cli/model_input.hpp>
#include <gradus/nn/cli/saved_model.hpp>
#include <gradus/nn/data/npy.hpp>
#include <gradus/nn/files/write_file.hpp>
#include <gradus/nn/modules/summary.hpp>
#include <gradus/ops/graphs/graph.hpp>

namespace gradus::cli {
namespace {

struct InspectSettings {
  std::string file, dot, svg;
  std::vector<std::size_t> input;
  std::size_t rows = 2;
  bool json = false;
};

nn::Safetensors read_any_file(const std::string& file) {
  if (file.ends_with(".npy")) return {{{"", nn::read_npy(file)}}, {}};
  if (file.ends_with(".npz")) return {nn::read_npz(file), {}};
  return nn::read_safetensors(file);
}

/// "0 to 1, mean 0.1307"; of no elements nothing.
std::string range_of(const nn::AnyArray& array) {
  return std::visit(
      [](const auto& a) -> std::string {
        if (a.size() == 0) return "";
        double lo = static_cast<double>(*a.begin()), hi = lo, sum = 0;
        for (const auto each : a) {
          const auto x = static_cast<double>(each);
          lo = std::min(lo, x), hi = std::max(hi, x), sum += x;
        }
        std::ostringstream text;
        text << std::setprecision(4) << lo << " to " << hi << ", mean "
             << sum / static_cast<double>(a.size());
        return text.str();
      },
      array);
}

void print_arrays(const std::map<std::string, nn::AnyArray>& arrays) {
  std::size_t width = 5;
  for (const auto& [name, array] : arrays) width = std::max(width, name.size());
  std::cout << "arrays " << arrays.size() << '\n';
  for (const auto& [name, array] : arrays)
    std::cout << "  " << std::left << std::setw(static_cast<int>(width)) << name << "  " << std::setw(8)
              << nn::type_name(array) << std::setw(14) << to_string(nn::shape_of(array)) << range_of(array)
              << '\n';
}

void print_metadata(const std::map<std::string, std::string>& metadata) {
  constexpr std::size_t most = 100;
  if (!metadata.empty()) std::cout << "\nmetadata\n";
  for (const auto& [key, value] : metadata)
    std::cout << "  " << key << "  "
              << (value.size() <= most
                      ? value
                      : value.substr(0, most) + "... (" + std::to_string(value.size()) + " bytes)")
              << '\n';
}

void print_history(const nn::History& history) {
  constexpr std::size_t most = 10;
  const std::size_t count = history.epochs.size(), first = count > most ? count - most : 0;
  if (count) std::cout << "\nhistory, " << count << " epochs\n";
  for (std::size_t i = first; i < count; ++i) {
    std::cout << "  epoch " << history.epochs[i].epoch;
    for (const auto& [name, value] : history.epochs[i].values())
      if (name != "seconds" || value > 0) std::cout << "  " << name << ' ' << value;
    std::cout << '\n';
  }
}

/// The model's graph on a batch of zeros.
Graph graph_of(const nn::Module<float>& model, const Shape& shape) {
  const nn::EvalMode eval{model};
  const Annotate annotate;
  return graph(model(Tensor<float>(xt::xarray<float>(xt::zeros<float>(shape)))));
}

void draw(const SavedModel& saved, const InspectSettings& settings) {
  if (settings.dot.empty() && settings.svg.empty()) return;
  const Graph drawn = graph_of(
      saved.model, input_shape(saved.model, settings.rows, settings.input, saved.notes.preprocessing.row));
  if (!settings.dot.empty()) nn::detail::write_file("inspect", settings.dot, drawn.dot());
  if (!settings.svg.empty()) nn::detail::write_file("inspect", settings.svg, drawn.svg());
}

ExitCode inspect(const InspectSettings& settings) {
  const nn::Safetensors contents = read_any_file(settings.file);
  const bool has_model = contents.metadata.contains(nn::detail::description_key);
  const bool wants_model = settings.json || !settings.dot.empty() || !settings.svg.empty();
  if (wants_model && !has_model)
    throw DataError("'" + settings.file + "' holds no model that Gradus knows how to make");
  if (!has_model) {
    print_arrays(contents.tensors);
    print_metadata(contents.metadata);
    return fine;
  }
  const SavedModel saved = read_saved_model(settings.file);
  draw(saved, settings);
  if (settings.json) {
    std::cout << nn::describe_model(saved.model) << '\n';
    return fine;
  }
  const std::optional<Shape> shape =
      find_input_shape(saved.model, settings.rows, settings.input, saved.notes.preprocessing.row);
  if (shape)
    std::cout << nn::summary(saved.model, *shape) << '\n';
  else
    std::cout << "no summary: " << asks_for_input << "\n\n";
  print_arrays(contents.tensors);
  print_metadata(contents.metadata);
  print_history(saved.notes.history);
  return fine;
}

}  // namespace

Command inspect_command() {
  return {"inspect", "Show what a file holds: a model or checkpoint, any .safetensors, .npy or .npz",
          "Examples:\n"
          "  gradus inspect run/model.safetensors             summary, arrays, metadata, history\n"
          "  gradus inspect run/model.safetensors --json >model.json\n"
          "  gradus inspect run/model.safetensors --svg graph.svg\n"
          "  gradus inspect data.npz",
          [](CLI::App& app) {
            const auto settings = std::make_shared<InspectSettings>();
            app.option_defaults()->always_capture_default();
            app.add_option("file", settings->file)->required();
            app.add_flag("--json", settings->json,
                         "print what the model consists of, for --model and `gradus check`");
            app.add_option("--dot", settings->dot,
                           "draw the graph of the model into a file, in Graphviz's language");
            app.add_option("--svg", settings->svg, "draw it as a picture");
            app.add_option(
                   "--input", settings->input,
                   "the shape of a row, such as 1,28,28; without, that of the training or what the first "
                   "layer takes")
                ->delimiter(',');
            app.add_option("--rows", settings->rows, "of the zeros that it is drawn on")
                ->check(CLI::Range(1, 10000));
            return [settings] { return inspect(*settings); };
          }};
}

}  // namespace gradus::cli
