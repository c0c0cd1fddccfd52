// Hand-written lower bound for MLP training steps: oneDNN sgemm + plain loops over preallocated buffers.
// Prints one line per workload: name, forward microseconds, step microseconds (medians).
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <random>
#include <vector>

#include <dnnl.h>

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

using Buffer = std::vector<float>;

struct Workload {
  const char* name;
  std::vector<int> width;
  int batch;
  bool adam;
  bool sigmoid;
  int inner;
};

void run(const Workload& w, std::mt19937& generator) {
  std::normal_distribution<float> normal;
  const int layers = static_cast<int>(w.width.size()) - 1;
  std::vector<Buffer> W(layers), b(layers), dW(layers), db(layers), m(layers), v(layers), a(layers + 1),
      da(layers + 1);
  std::vector<int> label(w.batch);
  for (int& t : label) t = static_cast<int>(generator() % std::max(2, w.width.back()));
  for (int l = 0; l < layers; ++l) {
    W[l].resize(static_cast<size_t>(w.width[l]) * w.width[l + 1]);
    for (float& x : W[l]) x = normal(generator) / std::sqrt(static_cast<float>(w.width[l]));
    b[l].resize(w.width[l + 1]);
    dW[l] = m[l] = v[l] = W[l];
    std::fill(v[l].begin(), v[l].end(), 1.f);
    db[l] = b[l];
  }
  for (int l = 0; l <= layers; ++l) {
    a[l].resize(static_cast<size_t>(w.batch) * w.width[l]);
    da[l] = a[l];
  }
  for (float& x : a[0]) x = normal(generator);

  auto forward = [&] {
    for (int l = 0; l < layers; ++l) {
      const int K = w.width[l], N = w.width[l + 1];
      float* y = a[l + 1].data();
      for (int i = 0; i < w.batch; ++i) std::memcpy(y + i * N, b[l].data(), N * sizeof(float));
      dnnl_sgemm('N', 'N', w.batch, N, K, 1, a[l].data(), K, W[l].data(), N, 1, y, N);
      if (l + 1 == layers) continue;
      if (w.sigmoid)
        for (int i = 0; i < w.batch * N; ++i) y[i] = 1.f / (1.f + expf(-y[i]));
      else
        for (int i = 0; i < w.batch * N; ++i) y[i] = y[i] > 0 ? y[i] : 0;
    }
  };
  volatile float sink;
  auto step = [&] {
    forward();
    const int C = w.width[layers];
    const float* y = a[layers].data();
    float* dy = da[layers].data();
    float loss = 0;
    if (C > 1) {  // softmax cross-entropy, mean over the batch
      for (int i = 0; i < w.batch; ++i) {
        float top = y[i * C], sum = 0;
        for (int j = 1; j < C; ++j) top = std::max(top, y[i * C + j]);
        for (int j = 0; j < C; ++j) sum += dy[i * C + j] = expf(y[i * C + j] - top);
        for (int j = 0; j < C; ++j) dy[i * C + j] /= sum * w.batch;
        loss -= y[i * C + label[i]] - top - logf(sum);
        dy[i * C + label[i]] -= 1.f / w.batch;
      }
    } else {  // mean squared error
      for (int i = 0; i < w.batch; ++i) {
        const float e = y[i] - label[i];
        loss += e * e;
        dy[i] = 2 * e / w.batch;
      }
    }
    sink = loss;
    for (int l = layers - 1; l >= 0; --l) {
      const int K = w.width[l], N = w.width[l + 1];
      dnnl_sgemm('T', 'N', K, N, w.batch, 1, a[l].data(), K, da[l + 1].data(), N, 0, dW[l].data(), N);
      std::fill(db[l].begin(), db[l].end(), 0.f);
      for (int i = 0; i < w.batch; ++i)
        for (int j = 0; j < N; ++j) db[l][j] += da[l + 1][i * N + j];
      if (l == 0) continue;
      dnnl_sgemm('N', 'T', w.batch, K, N, 1, da[l + 1].data(), N, W[l].data(), N, 0, da[l].data(), K);
      float* d = da[l].data();
      const float* z = a[l].data();
      if (w.sigmoid)
        for (int i = 0; i < w.batch * K; ++i) d[i] *= z[i] * (1 - z[i]);
      else
        for (int i = 0; i < w.batch * K; ++i) d[i] = z[i] > 0 ? d[i] : 0;
    }
    for (int l = 0; l < layers; ++l) {
      float* p = W[l].data();
      const float* g = dW[l].data();
      const size_t n = W[l].size();
      if (w.adam) {
        float *first = m[l].data(), *second = v[l].data();
        for (size_t i = 0; i < n; ++i) {
          first[i] = .9f * first[i] + .1f * g[i];
          second[i] = .999f * second[i] + .001f * g[i] * g[i];
          p[i] -= 1e-3f * first[i] / (std::sqrt(second[i]) + 1e-8f);
        }
      } else {
        for (size_t i = 0; i < n; ++i) p[i] -= .01f * g[i];
      }
      for (size_t i = 0; i < b[l].size(); ++i) b[l][i] -= .01f * db[l][i];
    }
  };
  const double f = median_seconds(forward, 9, w.inner), s = median_seconds(step, 9, w.inner);
  std::printf("%-36s forward %10.1f us   step %10.1f us\n", w.name, f * 1e6, s * 1e6);
}
}  // namespace

int main() {
  std::mt19937 generator(1);
  for (const Workload& w :
       {Workload{"mlp 2-16-16-1 b100 relu mse sgd", {2, 16, 16, 1}, 100, false, false, 300},
        Workload{"mlp 784-50-10 b100 sigmoid ce sgd", {784, 50, 10}, 100, false, true, 200},
        Workload{"mlp 784-512-512-10 b128 relu ce adam", {784, 512, 512, 10}, 128, true, false, 20},
        Workload{"mlp 784-512-512-10 b128 relu ce sgd", {784, 512, 512, 10}, 128, false, false, 20},
        Workload{"mlp 784-2048-2048-10 b512 relu ce sgd", {784, 2048, 2048, 10}, 512, false, false, 2}})
    run(w, generator);
  std::normal_distribution<float> normal;
  for (long n : {1000L, 100000L, 1000000L,
                 10000000L}) {  // sum(sigmoid(x)*tanh(x)+exp(-x*x)), value and gradient in one pass
    Buffer x(n), gx(n);
    for (float& e : x) e = normal(generator);
    volatile float sink;
    const double s = median_seconds(
        [&] {
          float sum = 0;
          for (long i = 0; i < n; ++i) {
            const float t = x[i], sigmoid = 1 / (1 + expf(-t)), e = expf(-2 * t), th = (1 - e) / (1 + e),
                        bell = expf(-t * t);
            sum += sigmoid * th + bell;
            gx[i] = sigmoid * (1 - sigmoid) * th + sigmoid * (1 - th * th) - 2 * t * bell;
          }
          sink = sum;
        },
        7, static_cast<int>(std::max(1L, 2000000 / n)));
    std::printf("elementwise n=%-24ld fused forward+backward %10.1f us   %.2f ns/element\n", n, s * 1e6,
                s * 1e9 / n);
  }
}
