// The workloads of limit.cpp in libtorch. Argument: number of threads.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <memory>
#include <vector>

#include <torch/torch.h>

namespace {
double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

template <class F>
double median_seconds(F f, int repetitions, int inner) {
  std::vector<double> seconds;
  f();
  for (int r = 0; r < repetitions; ++r) {
    const double start = now();
    for (int i = 0; i < inner; ++i) f();
    seconds.push_back((now() - start) / inner);
  }
  std::sort(seconds.begin(), seconds.end());
  return seconds[seconds.size() / 2];
}

struct Workload {
  const char* name;
  std::vector<int> width;
  int batch;
  bool adam;
  bool sigmoid;
  int inner;
};

void run(const Workload& w) {
  torch::nn::Sequential model;
  for (size_t i = 0; i + 1 < w.width.size(); ++i) {
    model->push_back(torch::nn::Linear(w.width[i], w.width[i + 1]));
    if (i + 2 == w.width.size()) continue;
    if (w.sigmoid)
      model->push_back(torch::nn::Sigmoid());
    else
      model->push_back(torch::nn::ReLU());
  }
  const int classes = w.width.back();
  auto x = torch::randn({w.batch, w.width[0]});
  auto label = torch::randint(0, std::max(2, classes), {w.batch}, torch::kLong);
  auto target = torch::randn({w.batch, 1});
  std::unique_ptr<torch::optim::Optimizer> optimizer;
  if (w.adam)
    optimizer = std::make_unique<torch::optim::Adam>(model->parameters(), 1e-3);
  else
    optimizer = std::make_unique<torch::optim::SGD>(model->parameters(), 0.01);
  auto forward = [&] {
    auto y = model->forward(x);
    return classes > 1 ? torch::cross_entropy_loss(y, label) : torch::mse_loss(y, target);
  };
  const double f = median_seconds([&] { auto loss = forward(); }, 9, w.inner);
  const double s = median_seconds(
      [&] {
        optimizer->zero_grad();
        auto loss = forward();
        loss.backward();
        optimizer->step();
      },
      9, w.inner);
  std::printf("%-36s forward %10.1f us   step %10.1f us\n", w.name, f * 1e6, s * 1e6);
}
}  // namespace

int main(int argc, char** argv) {
  at::set_num_threads(argc > 1 ? std::atoi(argv[1]) : 1);
  std::printf("libtorch %s, %d thread(s)\n", TORCH_VERSION, at::get_num_threads());
  for (const Workload& w :
       {Workload{"mlp 2-16-16-1 b100 relu mse sgd", {2, 16, 16, 1}, 100, false, false, 300},
        Workload{"mlp 784-50-10 b100 sigmoid ce sgd", {784, 50, 10}, 100, false, true, 200},
        Workload{"mlp 784-512-512-10 b128 relu ce adam", {784, 512, 512, 10}, 128, true, false, 20},
        Workload{"mlp 784-512-512-10 b128 relu ce sgd", {784, 512, 512, 10}, 128, false, false, 20},
        Workload{"mlp 784-2048-2048-10 b512 relu ce sgd", {784, 2048, 2048, 10}, 512, false, false, 2}})
    run(w);
  for (long n : {1000L, 100000L, 1000000L, 10000000L}) {
    auto x = torch::randn({n}).set_requires_grad(true);
    const double s = median_seconds(
        [&] {
          if (x.grad().defined()) x.grad().zero_();
          (torch::sigmoid(x) * torch::tanh(x) + torch::exp(-x * x)).sum().backward();
        },
        7, static_cast<int>(std::max(1L, 2000000 / n)));
    std::printf("elementwise n=%-24ld forward+backward %10.1f us   %.2f ns/element\n", n, s * 1e6,
                s * 1e9 / n);
  }
  auto x = torch::randn({4096, 1000}).set_requires_grad(true);
  auto label = torch::randint(0, 1000, {4096}, torch::kLong);
  const double s = median_seconds(
      [&] {
        if (x.grad().defined()) x.grad().zero_();
        torch::cross_entropy_loss(x, label).backward();
      },
      7, 1);
  std::printf("softmax cross-entropy 4096x1000 forward+backward %10.1f us\n", s * 1e6);
}
