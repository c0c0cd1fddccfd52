// A linear classifier against a network of two layers, on points that lie on the arms of a spiral (CS231n,
// "Putting it together: minimal neural network case study"). Softmax regression and a linear SVM get about
// half of the points right, because no straight line parts the arms; with a hidden layer of ReLUs nearly all.
#include <cstdio>
#include <functional>

#include <gradus/gradus.hpp>

using namespace gradus;

namespace {

constexpr std::size_t points = 300, classes = 3;

template <class Model, class Loss>
double train(const char* name, const Model& model, const nn::Dataset<>& set, const Loss& loss) {
  nn::SGD opt{model.parameters(), {.lr = 1}};
  for (int step = 0; step < 2000; ++step) {
    opt.zero_grad();
    Tensor<float> total = loss(model(set.inputs));
    for (const auto& p : model.parameters()) total = total + 1e-4 * sum(square(p));
    total.backward();
    opt.step();
  }
  const NoGrad off;
  const double accuracy = nn::accuracy(model(set.inputs).value(), set.targets);
  std::printf("%-22s training accuracy %.1f %%\n", name, 100 * accuracy);
  return accuracy;
}

}  // namespace

int main() {
  Rng rng{1};
  const nn::Dataset<> set = nn::generate_spirals(points, 0.02, rng, classes);
  const auto softmax_loss = [&](const auto& z) { return nn::cross_entropy(z, set.targets); };
  const auto hinge = [&](const auto& z) { return nn::multi_margin_loss(z, set.targets); };
  const double softmax_regression =
      train("softmax regression", nn::Linear{2, classes, rng}, set, softmax_loss);
  const double svm = train("linear SVM", nn::Linear{2, classes, rng}, set, hinge);
  const double network = train("network of two layers", nn::MLP{{2, 100, classes}, nn::Activation::relu, rng},
                               set, softmax_loss);
  return softmax_regression < 0.7 && svm < 0.7 && network > 0.97 ? 0 : 1;
}
