// Convolutions on generated digits, with a module of one's own among those of the library: a gate for each
// channel (squeeze and excitation: J. Hu, L. Shen, G. Sun, "Squeeze-and-Excitation Networks", 2018).
#include <cstdio>

#include <gradus/gradus.hpp>

using namespace gradus;

/// y = x sigmoid(W m + b), in which m are the means of the channels of x (n, channels, height, width).
class ChannelGate : public nn::ModuleMembers<ChannelGate, float> {
 public:
  ChannelGate(std::size_t channels, Rng& rng) : layer_{channels, channels, rng} {}

  Tensor<float> operator()(const Tensor<float>& x) const {  // const: a module is a handle
    const Tensor<float> gates = sigmoid(nn::run_child(layer_, "layer", mean(x, {2, 3})));
    return x * expand_dims(expand_dims(gates, 2), 3);
  }
  nn::ModuleParts<float> parts() const { return {.children = {{"layer", layer_}}}; }

 private:
  nn::Linear<float> layer_;
};

nn::Sequential<float> make_model(Rng& rng) {
  return nn::Sequential{nn::Conv2d{1, 8, 3, rng, {.weight = nn::init::he()}},
                        nn::ReLU{},
                        nn::MaxPool2d{2},
                        ChannelGate{8, rng},  // (n, 8, 13, 13)
                        nn::Conv2d{8, 16, 3, rng, {.weight = nn::init::he()}},
                        nn::ReLU{},
                        nn::MaxPool2d{2},
                        nn::Flatten{},  // (n, 16, 5, 5) to (n, 400)
                        nn::Linear{400, 10, rng}};
}

nn::Dataset<> draw(std::size_t count, Rng& rng) {
  nn::Dataset<> set = nn::generate_digits(count, rng);
  set.inputs.reshape({count, 1, 28, 28});  // images of one channel
  return set;
}

int main() {
  Rng rng{1};
  const nn::Dataset<> train = draw(3000, rng), validation = draw(500, rng), test = draw(500, rng);
  const nn::Sequential model = make_model(rng);
  std::printf("%s\n", nn::summary(model, {1, 1, 28, 28}).text().c_str());

  nn::Adam optimizer{model.parameters(), {.lr = 0.003}};
  const auto loss = [](const Tensor<float>& z, const auto& labels) { return nn::cross_entropy(z, labels); };
  nn::Trainer trainer{model, optimizer, loss, {.epochs = 3, .metrics = {nn::metric::accuracy()}}};
  const nn::DataLoaderOptions batches{.batch_size = 50, .shuffle = true, .seed = 1};
  for (const nn::EpochRecord& epoch : trainer.fit(nn::DataLoader{train, batches}, validation).epochs)
    std::printf("epoch %zu  loss %.4f  validation accuracy %.1f%%\n", epoch.epoch, epoch.train_loss,
                100 * epoch.value("validation_accuracy"));

  nn::save_model("conv_digits.safetensors", model);  // a module of one's own has no description:
  const nn::Sequential again = make_model(rng);      // its model is made as before, and loaded
  nn::load_model("conv_digits.safetensors", again);
  const double accuracy = nn::accuracy(nn::predict(again, test.inputs), test.targets);
  std::printf("test accuracy %.1f%%\n", 100 * accuracy);
  return accuracy > 0.9 ? 0 : 1;
}
