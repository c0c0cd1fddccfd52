// A hand-written lower bound for the tensor workloads: oneDNN's sgemm and plain loops over preallocated
// buffers, no graph.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <memory>
#include <random>

#include "engine.hpp"
#include <dnnl.h>

namespace {

using Buffer = std::vector<float>;

/// Whatever is stored here has been computed.
volatile float sink;

Buffer normal_buffer(std::size_t n, float deviation, std::mt19937& generator) {
  std::normal_distribution<float> normal;
  Buffer values(n);
  for (float& v : values) v = deviation * normal(generator);
  return values;
}

class TrainingStep {
 public:
  explicit TrainingStep(const workloads::Network& network) : net_(network) {
    std::mt19937 generator(1);
    for (std::size_t l = 0; l < net_.widths.size(); ++l) {
      const auto n = static_cast<std::size_t>(net_.batch) * net_.widths[l];
      activations_.push_back({normal_buffer(n, 1, generator), Buffer(n)});
      if (l > 0) layers_.emplace_back(net_.widths[l - 1], net_.widths[l], generator);
    }
    for (int i = 0; i < net_.batch; ++i) label_.push_back(static_cast<int>(generator() % classes()));
  }

  void operator()() {
    for (std::size_t l = 0; l < layers_.size(); ++l) forward(l);
    sink = classes() > 1 ? cross_entropy() : squared_error();
    for (std::size_t l = layers_.size(); l-- > 0;) backward(l);
    for (Layer& layer : layers_) {
      update(layer.weight);
      update(layer.bias);
    }
  }

 private:
  struct WithGradient {
    Buffer value, gradient;
  };
  struct Parameter : WithGradient {
    Buffer mean, square;  // of the gradients, for Adam
    explicit Parameter(Buffer start) : WithGradient{start, start}, mean(start), square(start.size(), 1.0F) {}
  };
  struct Layer {
    int in, out;
    Parameter weight, bias;
    Layer(int ins, int outs, std::mt19937& generator)
        : in(ins),
          out(outs),
          weight(normal_buffer(static_cast<std::size_t>(ins) * outs, 1 / std::sqrt(1.0F * ins), generator)),
          bias(Buffer(outs)) {}
  };

  int classes() const { return net_.widths.back(); }

  void forward(std::size_t l) {
    const int batch = net_.batch, in = layers_[l].in, out = layers_[l].out;
    const float* bias = layers_[l].bias.value.data();
    float* y = activations_[l + 1].value.data();
    for (int i = 0; i < batch; ++i) std::memcpy(y + i * out, bias, out * sizeof(float));
    dnnl_sgemm('N', 'N', batch, out, in, 1, activations_[l].value.data(), in, layers_[l].weight.value.data(),
               out, 1, y, out);
    if (l + 1 == layers_.size()) return;
    if (net_.sigmoid)
      for (int i = 0; i < batch * out; ++i) y[i] = 1.0F / (1.0F + expf(-y[i]));
    else
      for (int i = 0; i < batch * out; ++i) y[i] = y[i] > 0 ? y[i] : 0;
  }

  float cross_entropy() {
    const int batch = net_.batch, n = classes();
    const float* y = activations_.back().value.data();
    float* dy = activations_.back().gradient.data();
    float loss = 0;
    for (int i = 0; i < batch; ++i, y += n, dy += n) {
      float top = y[0], sum = 0;
      for (int j = 1; j < n; ++j) top = std::max(top, y[j]);
      for (int j = 0; j < n; ++j) sum += dy[j] = expf(y[j] - top);
      for (int j = 0; j < n; ++j) dy[j] /= sum * batch;
      loss -= y[label_[i]] - top - logf(sum);
      dy[label_[i]] -= 1.0F / batch;
    }
    return loss;
  }

  float squared_error() {
    const int batch = net_.batch;
    const float* y = activations_.back().value.data();
    float* dy = activations_.back().gradient.data();
    float loss = 0;
    for (int i = 0; i < batch; ++i) {
      const float e = y[i] - label_[i];
      loss += e * e;
      dy[i] = 2 * e / batch;
    }
    return loss;
  }

  void backward(std::size_t l) {
    Layer& layer = layers_[l];
    const int batch = net_.batch, in = layer.in, out = layer.out;
    const float *x = activations_[l].value.data(), *dy = activations_[l + 1].gradient.data();
    dnnl_sgemm('T', 'N', in, out, batch, 1, x, in, dy, out, 0, layer.weight.gradient.data(), out);
    float* db = layer.bias.gradient.data();
    std::fill(db, db + out, 0.0F);
    for (int i = 0; i < batch; ++i)
      for (int j = 0; j < out; ++j) db[j] += dy[i * out + j];
    if (l == 0) return;
    float* dx = activations_[l].gradient.data();
    dnnl_sgemm('N', 'T', batch, in, out, 1, dy, out, layer.weight.value.data(), out, 0, dx, in);
    if (net_.sigmoid)
      for (int i = 0; i < batch * in; ++i) dx[i] *= x[i] * (1 - x[i]);
    else
      for (int i = 0; i < batch * in; ++i) dx[i] = x[i] > 0 ? dx[i] : 0;
  }

  void update(Parameter& parameter) {
    float *p = parameter.value.data(), *m = parameter.mean.data(), *v = parameter.square.data();
    const float* g = parameter.gradient.data();
    const std::size_t n = parameter.value.size();
    if (!net_.adam) {
      for (std::size_t i = 0; i < n; ++i) p[i] -= 0.01F * g[i];
      return;
    }
    for (std::size_t i = 0; i < n; ++i) {
      m[i] = 0.9F * m[i] + 0.1F * g[i];
      v[i] = 0.999F * v[i] + 0.001F * g[i] * g[i];
      p[i] -= 1e-3F * m[i] / (std::sqrt(v[i]) + 1e-8F);
    }
  }

  workloads::Network net_;
  std::vector<WithGradient> activations_;
  std::vector<Layer> layers_;
  std::vector<int> label_;
};

/// sum(sigmoid(x)*tanh(x)+exp(-x*x)), value and gradient in one pass.
std::function<void()> elementwise(std::size_t n) {
  std::mt19937 generator(1);
  return [n, x = normal_buffer(n, 1, generator), gradient = Buffer(n)]() mutable {
    float sum = 0;
    for (std::size_t i = 0; i < n; ++i) {
      const float t = x[i], sigmoid = 1 / (1 + expf(-t)), e = expf(-2 * t), tanh = (1 - e) / (1 + e),
                  bell = expf(-t * t);
      sum += sigmoid * tanh + bell;
      gradient[i] = sigmoid * (1 - sigmoid) * tanh + sigmoid * (1 - tanh * tanh) - 2 * t * bell;
    }
    sink = sum;
  };
}

}  // namespace

int main() {
  workloads::Setups setups{
      {"elementwise_1e6", [] { return elementwise(1000000); }},
      {"elementwise_1e7", [] { return elementwise(10000000); }},
      {"fused_1e6", [] { return elementwise(1000000); }},
      {"fused_1e7", [] { return elementwise(10000000); }},
  };
  for (const workloads::Network& network : workloads::networks)
    setups[network.key] = [=] { return TrainingStep(network); };
  return workloads::Engine(std::move(setups)).serve();
}
