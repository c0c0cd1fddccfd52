// Trains a multilayer perceptron on images of handwritten digits: MNIST from a folder with its four files, or
// digits drawn by the program itself. Without flags it is the network of K. Saito, "Deep Learning from
// Scratch", chapter 4: 784-50-10, sigmoid, weights from N(0, 0.01^2), batches of 100, learning rate 0.1.
#include <charconv>
#include <cmath>
#include <iomanip>
#include <iostream>
#include <map>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include <gradus/gradus.hpp>
#include <gradus/nn/report/curve_svg.hpp>
#include <gradus/nn/training/progress.hpp>

using namespace gradus;

namespace {

constexpr std::size_t pixels = 784, classes = 10;

struct Settings {
  std::string data = "generated";
  std::size_t images = 60000;
  std::vector<std::size_t> hidden{50};
  std::string activation = "sigmoid", init = "auto";
  std::size_t epochs = 16, batch = 100;
  double lr = 0.1, decay = 1, momentum = 0;
  std::uint64_t seed = 1;
  int threads = num_threads();
  std::string out = "curve.svg";
};

const std::map<std::string, nn::Activation> activations{
    {"sigmoid", nn::Activation::sigmoid}, {"tanh", nn::Activation::tanh}, {"relu", nn::Activation::relu}};
const std::map<std::string, nn::Initializer> initializers{
    {"normal", nn::init::normal(0.01)}, {"xavier", nn::init::xavier()}, {"he", nn::init::he()}, {"auto", {}}};

/// "512,512", or each width by itself.
std::vector<std::size_t> read_widths(const std::vector<std::string>& arguments) {
  std::vector<std::size_t> widths;
  for (const std::string& argument : arguments) {
    const char *at = argument.data(), *const end = at + argument.size();
    for (;; ++at) {
      std::size_t width = 0;
      const auto [stop, error] = std::from_chars(at, end, width);
      if (error != std::errc() || width < 1 || width > 100'000 || (stop != end && *stop != ','))
        throw CLI::ValidationError(
            "--hidden", "'" + argument + "': expected whole numbers from 1 to 100000, such as 512,512");
      widths.push_back(width);
      at = stop;
      if (at == end) break;
    }
  }
  return widths;
}

/// The command line, read into `settings`.
void declare_flags(CLI::App& app, Settings& settings) {
  const auto positive = CLI::Range(std::size_t{1}, std::size_t{100'000'000});
  const auto named = [](const std::string& name) {
    return std::string(name.empty() ? "expected a name, got an empty one" : "");
  };
  app.option_defaults()->always_capture_default();
  app.add_option("--data", settings.data, "folder with the MNIST files, or 'generated'")->check(named);
  app.add_option("--images", settings.images, "how many training images to generate")->check(positive);
  app.add_option_function<std::vector<std::string>>(
         "--hidden",
         [&settings](const std::vector<std::string>& widths) { settings.hidden = read_widths(widths); },
         "widths of the hidden layers, such as 512,512")
      ->default_str("50");
  app.add_option("--activation", settings.activation, "of the hidden layers")
      ->check(CLI::IsMember(&activations));
  app.add_option("--init", settings.init, "weights; auto: normal for sigmoid, xavier for tanh, he for relu")
      ->check(CLI::IsMember(&initializers));
  app.add_option("--epochs", settings.epochs, "passes over the images")->check(positive);
  app.add_option("--batch", settings.batch, "images in a batch")->check(positive);
  app.add_option("--lr", settings.lr, "learning rate");
  app.add_option("--decay", settings.decay, "what the learning rate is multiplied by after each epoch");
  app.add_option("--momentum", settings.momentum, "from 0 to below 1");
  app.add_option("--seed", settings.seed, "of the weights and of the order of images")
      ->check(CLI::Range(std::uint64_t{0}, std::uint64_t{INT64_MAX}));
  app.add_option("--threads", settings.threads, "processor cores to use")->check(CLI::Range(1, 1024));
  app.add_option("--out", settings.out, "where to draw the curves of loss and accuracy")->check(named);
}

nn::MLP<float> make_model(const Settings& settings) {
  std::vector<std::size_t> widths{pixels};
  widths.insert(widths.end(), settings.hidden.begin(), settings.hidden.end());
  widths.push_back(classes);
  const bool is_textbook = settings.init == "auto" && settings.activation == "sigmoid";
  Rng rng{settings.seed};
  return nn::MLP{widths,
                 activations.at(settings.activation),
                 rng,
                 {.weight = initializers.at(is_textbook ? "normal" : settings.init)}};
}

nn::DatasetSplit<> load_data(const Settings& settings) {
  if (settings.data != "generated") return nn::load_mnist(settings.data);
  Rng rng{2024};  // the same digits for every --seed
  return {nn::generate_digits(settings.images, rng), nn::generate_digits((settings.images + 5) / 6, rng)};
}

/// How the model judges images it does not learn from.
nn::ConfusionMatrix evaluate(const nn::MLP<float>& model, nn::DataLoader<>& loader) {
  const NoGrad off;
  nn::ConfusionMatrix matrix{classes};
  for (const nn::Batch<>& batch : loader)
    matrix.add(batch.targets, nn::predict_classes(model(batch.inputs).value()));
  return matrix;
}

/// Learns from every batch once.
void train_epoch(const nn::MLP<float>& model, nn::SGD<float>& opt, nn::DataLoader<>& loader,
                 nn::ProgressBar& bar, nn::TrainingHistory& history) {
  for (const nn::Batch<>& batch : loader) {
    opt.zero_grad();
    const Tensor<float> logits = model(batch.inputs);
    const Tensor<float> loss = nn::cross_entropy(logits, batch.targets);
    loss.backward();
    opt.step();
    if (!std::isfinite(loss.item())) throw ValueError("the loss is no longer finite: try a smaller --lr");
    history.loss.push_back(loss.item());
    bar.update(batch.size(), loss.item(), nn::accuracy(logits.value(), batch.targets));
  }
  history.train_accuracy.push_back(bar.metric());
}

void run(const Settings& settings) {
  if (const std::string advice = blas_info().advice; !advice.empty())
    std::cout << "note, for products of doubles: " << advice << '\n';
  set_num_threads(settings.threads);
  const nn::MLP<float> model = make_model(settings);
  nn::SGD opt{model.parameters(), {.lr = settings.lr, .momentum = settings.momentum}};
  nn::DatasetSplit<> data = load_data(settings);
  nn::DataLoader train{std::move(data.train),
                       {.batch_size = settings.batch, .shuffle = true, .seed = settings.seed}};
  nn::DataLoader test{std::move(data.test), {.batch_size = 1000}};

  opt.set_schedule(nn::schedule::step_decay(settings.lr, settings.decay, train.size()));
  nn::TrainingHistory history{.steps_per_epoch = train.size()};
  // Where the picture cannot be written it is better to fail before the training.
  nn::write_svg(settings.out, nn::training_panels(history));
  nn::ProgressBar bar{std::cout,
                      {.epochs = settings.epochs, .rows = train.rows(), .terminal = nn::is_terminal(stdout)}};
  for (std::size_t epoch = 0; epoch < settings.epochs; ++epoch) {
    train_epoch(model, opt, train, bar, history);
    history.test_accuracy.push_back(evaluate(model, test).accuracy());
    bar.end_epoch(history.test_accuracy.back());
    nn::write_svg(settings.out, nn::training_panels(history));
  }
  std::cout << "\ntest accuracy " << std::fixed << std::setprecision(2) << 100 * history.test_accuracy.back()
            << " %\n\n"
            << evaluate(model, test) << "\ncurves: " << settings.out << '\n';
}

/// What went wrong, in one line.
int fail(const char* what) {
  std::cerr << "train_mlp: " << what << '\n';
  return 2;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Trains a multilayer perceptron on images of handwritten digits."};
  Settings settings;
  declare_flags(app, settings);
  try {
    app.parse(argc, argv);
    run(settings);
    if (!std::cout.flush()) return fail("cannot write to the standard output");
    return 0;
  } catch (const CLI::Success& request) {  // --help
    return app.exit(request);
  } catch (const std::bad_alloc&) {
    return fail("not enough memory: try fewer --images or narrower --hidden layers");
  } catch (const std::exception& error) {
    return fail(error.what());
  }
}
