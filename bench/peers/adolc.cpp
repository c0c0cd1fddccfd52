// The scalar workloads in ADOL-C.
#include "engine.hpp"
#include <adolc/adolc.h>

namespace {

/// Records loss(inputs), keeping what a sweep needs, and sweeps it. The buffers hold the whole tape: it never
/// goes to disk.
template <class Loss>
std::function<void()> record_and_sweep(std::vector<double> inputs, Loss loss) {
  return [=, gradient = std::vector<double>(inputs.size())]() mutable {
    constexpr short tape = 0;
    constexpr unsigned buffer = 1U << 23;
    trace_on(tape, 1, buffer, buffer, buffer, buffer, 0);
    {
      std::vector<adouble> variables(inputs.size());
      for (std::size_t i = 0; i < inputs.size(); ++i) variables[i] <<= inputs[i];
      adouble result = loss(variables);
      double value;
      result >>= value;
    }
    trace_off();
    double weight = 1;
    fos_reverse(tape, 1, static_cast<int>(inputs.size()), &weight, gradient.data());
  };
}

std::function<void()> moons() {
  const workloads::Moons data;
  return record_and_sweep(data.parameters, [=](const std::vector<adouble>& parameters) {
    return workloads::moons_loss(data, parameters, [](const adouble& x) -> adouble { return fmax(x, 0.0); });
  });
}

std::function<void()> staged() {
  return record_and_sweep({3.0, -4.0}, [](const std::vector<adouble>& v) {
    return workloads::staged_sum(
        v[0], v[1], [](const adouble& x) -> adouble { return 1.0 / (1.0 + exp(-x)); },
        [](const adouble& x) -> adouble { return x * x; });
  });
}

std::function<void()> chain() {
  return record_and_sweep({0.999999, 1e-6},
                          [](const std::vector<adouble>& v) { return workloads::chain(v[0], v[1]); });
}

}  // namespace

int main() {
  return workloads::Engine({{"scalar_moons", moons}, {"scalar_staged", staged}, {"scalar_chain", chain}})
      .serve();
}
