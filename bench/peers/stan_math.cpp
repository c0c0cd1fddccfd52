// The scalar workloads in Stan Math.
#include "engine.hpp"
#include <stan/math/rev/core.hpp>
#include <stan/math/rev/scal/fun/inv_logit.hpp>
#include <stan/math/rev/scal/fun/square.hpp>

namespace {

using stan::math::var;

/// Records loss(inputs), sweeps it, and gives its memory back.
template <class Loss>
std::function<void()> record_and_sweep(std::vector<double> inputs, Loss loss) {
  return [=] {
    const std::vector<var> variables(inputs.begin(), inputs.end());
    var result = loss(variables);
    result.grad();
    stan::math::recover_memory();
  };
}

std::function<void()> moons() {
  const workloads::Moons data;
  return record_and_sweep(data.parameters, [=](const std::vector<var>& parameters) {
    return workloads::moons_loss(data, parameters, [](const var& x) { return x.val() > 0 ? x : var(0.0); });
  });
}

std::function<void()> staged() {
  return record_and_sweep({3.0, -4.0}, [](const std::vector<var>& v) {
    return workloads::staged_sum(
        v[0], v[1], [](const var& x) { return inv_logit(x); }, [](const var& x) { return square(x); });
  });
}

std::function<void()> chain() {
  return record_and_sweep({0.999999, 1e-6},
                          [](const std::vector<var>& v) { return workloads::chain(v[0], v[1]); });
}

}  // namespace

int main() {
  return workloads::Engine({{"scalar_moons", moons}, {"scalar_staged", staged}, {"scalar_chain", chain}})
      .serve();
}
