#include <cmath>
#include <utility>

#if defined(__SSE2__)
#include <immintrin.h>
#endif

#include <gradus/ops/kernels/optimizers.hpp>
#include <gradus/ops/kernels/simd_loop.hpp>

namespace gradus::kernels::GRADUS_KERNEL_ARCH {
namespace {

/// In its scope this thread takes numbers below the smallest normal one for 0, where the processor can: what
/// an optimizer remembers fades, where a unit has died, to such numbers, never reaches 0, and the processor
/// takes twenty times longer over each of them.
class TinyIsZero {
 public:
#if defined(__SSE2__)
  TinyIsZero() : before_(_mm_getcsr()) { _mm_setcsr(before_ | flush_results | flush_operands); }
  ~TinyIsZero() { _mm_setcsr(before_); }
  TinyIsZero(const TinyIsZero&) = delete;
  TinyIsZero& operator=(const TinyIsZero&) = delete;

 private:
  static constexpr unsigned flush_results = 0x8000, flush_operands = 0x0040;
  unsigned before_;
#endif
};

/// A number that is the same for all lanes. Rules hold numbers and not batches: they are copied on the way to
/// the loop, and there the compiler makes a batch of each once.
template <class T>
struct Number {
  explicit Number(double x) : value(static_cast<T>(x)) {}
  operator Batch<T>() const { return Batch<T>(value); }
  friend Batch<T> operator*(Number a, const Batch<T>& b) { return Batch<T>(a.value) * b; }
  friend Batch<T> operator+(const Batch<T>& a, Number b) { return a + Batch<T>(b.value); }
  T value;
};

/// keep old + (1 - keep) x.
template <class T>
struct Average {
  explicit Average(double part) : keep(part), toward(1 - part) {}
  Batch<T> operator()(const Batch<T>& old, const Batch<T>& x) const { return keep * old + toward * x; }
  Number<T> keep, toward;
};

/// Of the elements at hand: what a rule remembers.
template <class T, class Pass>
using Memory = std::array<Batch<T>, Pass::arrays>;

/// Which of the arrays are given, a bit for each.
using Given = unsigned;

/// A rule takes p, the gradient g and what is remembered, changes that, and gives the new p.
template <class T, class Pass>
struct Rule;

template <class T>
struct Rule<T, SGDPass> {
  explicit Rule(const SGDPass& pass)
      : lr(pass.lr),
        momentum(pass.momentum),
        toward_g(pass.toward_g),
        sign(pass.maximize ? -1 : 1),
        decay(pass.weight_decay),
        rate(pass.maximize ? -pass.lr : pass.lr),
        keep(1 - pass.lr * pass.weight_decay),
        nesterov(pass.nesterov) {}

  template <Given given>
  Batch<T> apply(const Batch<T>& p, const Batch<T>& g, Memory<T, SGDPass>& memory) const {
    if constexpr (given == 0) return keep * p - rate * g;
    auto& [velocity] = memory;
    const Batch<T> slope = sign * g + decay * p;
    velocity = momentum * velocity + toward_g * slope;
    return p - lr * (nesterov ? slope + momentum * velocity : velocity);
  }

  Number<T> lr, momentum, toward_g, sign, decay, rate, keep;
  bool nesterov;
};

template <class T>
struct Rule<T, AdaGradPass> {
  explicit Rule(const AdaGradPass& pass) : lr(pass.lr), epsilon(pass.epsilon), decay(pass.weight_decay) {}

  template <Given>
  Batch<T> apply(const Batch<T>& p, const Batch<T>& g, Memory<T, AdaGradPass>& memory) const {
    auto& [sum] = memory;
    const Batch<T> slope = g + decay * p;
    sum += slope * slope;
    return p - lr * slope / (xsimd::sqrt(sum) + epsilon);
  }

  Number<T> lr, epsilon, decay;
};

template <class T>
struct Rule<T, RMSPropPass> {
  explicit Rule(const RMSPropPass& pass)
      : lr(pass.lr),
        average(pass.alpha),
        epsilon(pass.epsilon),
        momentum(pass.momentum),
        decay(pass.weight_decay) {}

  template <Given given>
  Batch<T> apply(const Batch<T>& p, const Batch<T>& g, Memory<T, RMSPropPass>& memory) const {
    auto& [square, mean, velocity] = memory;
    const Batch<T> slope = g + decay * p;
    square = average(square, slope * slope);
    Batch<T> spread = square;
    if constexpr ((given & 2) != 0) {
      mean = average(mean, slope);
      spread = xsimd::max(square - mean * mean, Batch<T>(T(0)));  // rounding may bring it below 0
    }
    Batch<T> step = slope / (xsimd::sqrt(spread) + epsilon);
    if constexpr ((given & 4) != 0) step = velocity = momentum * velocity + step;
    return p - lr * step;
  }

  Number<T> lr;
  Average<T> average;
  Number<T> epsilon, momentum, decay;
};

template <class T>
struct Rule<T, AdadeltaPass> {
  explicit Rule(const AdadeltaPass& pass)
      : lr(pass.lr), average(pass.rho), epsilon(pass.epsilon), decay(pass.weight_decay) {}

  template <Given>
  Batch<T> apply(const Batch<T>& p, const Batch<T>& g, Memory<T, AdadeltaPass>& memory) const {
    auto& [square, change] = memory;
    const Batch<T> slope = g + decay * p;
    square = average(square, slope * slope);
    const Batch<T> step = xsimd::sqrt(change + epsilon) / xsimd::sqrt(square + epsilon) * slope;
    change = average(change, step * step);
    return p - lr * step;
  }

  Number<T> lr;
  Average<T> average;
  Number<T> epsilon, decay;
};

/// What Adam and its kin keep of the gradients.
template <class T>
struct Moments {
  template <class Pass>
  explicit Moments(const Pass& pass)
      : first(pass.beta1),
        second(pass.beta2),
        correction(1 / (1 - std::pow(pass.beta2, pass.t))),
        epsilon(pass.epsilon) {}

  void update(Batch<T>& mean, Batch<T>& square, const Batch<T>& slope) const {
    mean = first(mean, slope);
    square = second(square, slope * slope);
  }
  Batch<T> size(const Batch<T>& square) const { return xsimd::sqrt(correction * square) + epsilon; }

  Average<T> first, second;
  Number<T> correction, epsilon;
};

template <class T>
struct Rule<T, AdamPass> {
  explicit Rule(const AdamPass& pass)
      : moments(pass),
        rate(pass.lr / (1 - std::pow(pass.beta1, pass.t))),
        decay(pass.decoupled ? 0 : pass.weight_decay),
        keep(pass.decoupled ? 1 - pass.lr * pass.weight_decay : 1) {}

  template <Given given>
  Batch<T> apply(const Batch<T>& p, const Batch<T>& g, Memory<T, AdamPass>& memory) const {
    auto& [mean, square, largest] = memory;
    moments.update(mean, square, g + decay * p);
    if constexpr ((given & 4) != 0) {
      largest = xsimd::max(largest, square);
      return keep * p - rate * mean / moments.size(largest);
    }
    return keep * p - rate * mean / moments.size(square);
  }

  Moments<T> moments;
  Number<T> rate, decay, keep;
};

template <class T>
struct Rule<T, NAdamPass> {
  explicit Rule(const NAdamPass& pass)
      : moments(pass), rate_g(pass.rate_g), rate_m(pass.rate_m), decay(pass.weight_decay) {}

  template <Given>
  Batch<T> apply(const Batch<T>& p, const Batch<T>& g, Memory<T, NAdamPass>& memory) const {
    auto& [mean, square] = memory;
    const Batch<T> slope = g + decay * p;
    moments.update(mean, square, slope);
    return p - (rate_g * slope + rate_m * mean) / moments.size(square);
  }

  Moments<T> moments;
  Number<T> rate_g, rate_m, decay;
};

template <class T>
struct Rule<T, LionPass> {
  explicit Rule(const LionPass& pass)
      : lr(pass.lr), keep(1 - pass.lr * pass.weight_decay), ahead(pass.beta1), average(pass.beta2) {}

  template <Given>
  Batch<T> apply(const Batch<T>& p, const Batch<T>& g, Memory<T, LionPass>& memory) const {
    auto& [mean] = memory;
    const Batch<T> direction = ahead(mean, g), zero(T(0));
    mean = average(mean, g);
    const Batch<T> sign = xsimd::select(direction > zero, Batch<T>(T(1)),  // 0 and NaN stay
                                        xsimd::select(direction < zero, Batch<T>(T(-1)), direction));
    return keep * p - lr * sign;
  }

  Number<T> lr, keep;
  Average<T> ahead, average;
};

/// The pass where the arrays `given` are there.
template <Given given, class T, class Pass>
void update_given(T* p, const T* g, const std::array<T*, Pass::arrays>& arrays, const Pass& pass,
                  std::size_t n) {
  constexpr auto is_given = [](std::size_t i) { return (given >> i & 1) != 0; };
  parallel_blocks(n, [=, rule = Rule<T, Pass>(pass)](std::size_t begin, std::size_t end) {
    [[maybe_unused]] const TinyIsZero scope;
    for_each_batch<T>(begin, end, [=](const auto& lanes) {
      Memory<T, Pass> memory;
      for (std::size_t i = 0; i < memory.size(); ++i)
        if (is_given(i)) memory[i] = lanes.load(arrays[i]);
      lanes.store(p, rule.template apply<given>(lanes.load(p), lanes.load(g), memory));
      for (std::size_t i = 0; i < memory.size(); ++i)
        if (is_given(i)) lanes.store(arrays[i], memory[i]);
    });
  });
}

}  // namespace

template <class T, class Pass>
void optimizer_update(T* p, const T* g, std::array<T*, Pass::arrays> arrays, const Pass& pass,
                      std::size_t n) {
  Given given = 0;
  for (std::size_t i = 0; i < arrays.size(); ++i) given |= Given{arrays[i] != nullptr} << i;
  constexpr Given required = (1u << Pass::required) - 1, choices = 1u << (Pass::arrays - Pass::required);
  [&]<Given... choice>(std::integer_sequence<Given, choice...>) {
    (void)((given == (required | choice << Pass::required) &&
            (update_given<(required | choice << Pass::required)>(p, g, arrays, pass, n), true)) ||
           ...);
  }
  (std::make_integer_sequence<Given, choices>{});
}

}  // namespace gradus::kernels::GRADUS_KERNEL_ARCH

namespace gradus::kernels {

#define GRADUS_OPTIMIZER(Pass)                          \
  GRADUS_KERNEL_INSTANCE(optimizer_update<float, Pass>) \
  GRADUS_KERNEL_INSTANCE(optimizer_update<double, Pass>)

GRADUS_OPTIMIZER(SGDPass)
GRADUS_OPTIMIZER(AdaGradPass)
GRADUS_OPTIMIZER(RMSPropPass)
GRADUS_OPTIMIZER(AdadeltaPass)
GRADUS_OPTIMIZER(AdamPass)
GRADUS_OPTIMIZER(NAdamPass)
GRADUS_OPTIMIZER(LionPass)

#undef GRADUS_OPTIMIZER

}  // namespace gradus::kernels
