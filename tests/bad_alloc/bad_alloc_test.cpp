#include <bit>
#include <cstdint>
#include <functional>
#include <iostream>
#include <new>
#include <string>
#include <vector>

#include "failing_allocator.hpp"
#include <gtest/gtest.h>

#include <gradus/core/pool_cache.hpp>
#include <gradus/gradus.hpp>

// Memory runs out at every allocation of every scenario in turn: what the caller holds is as before, the same
// call then succeeds, with the same bits as if nothing had happened, and nothing has leaked.
namespace {

using namespace gradus;
using failing_allocator::Mode;
using Tensors = std::vector<Tensor<double>>;
using Bits = std::vector<std::uint64_t>;

/// What a scenario works on, and what it does. Whoever looks sees the values and gradients of what is held.
struct World {
  Tensors tensors;
  std::vector<Scalar> scalars;
  std::function<void(World&, Bits& result)> act;
};

struct Scenario {
  std::string name;
  std::function<World()> make;
};

void append(Bits& bits, double value) { bits.push_back(std::bit_cast<std::uint64_t>(value)); }
template <class T>
void append(Bits& bits, const Array<T>& values) {
  for (const T v : values) append(bits, static_cast<double>(v));
}

Bits state_of(const World& world) {
  Bits bits;
  for (const Tensor<double>& x : world.tensors) {
    append(bits, x.value());
    bits.push_back(x.has_grad());
    if (x.has_grad()) append(bits, x.grad());
  }
  for (const Scalar& x : world.scalars) {
    append(bits, x.value());
    bits.push_back(x.has_grad());
    if (x.has_grad()) append(bits, x.grad());
  }
  return bits;
}

/// What an undisturbed run leaves behind.
struct Outcome {
  Bits result, state;
};
Outcome undisturbed(const Scenario& scenario) {
  World world = scenario.make();
  Outcome outcome;
  world.act(world, outcome.result);
  outcome.state = state_of(world);
  return outcome;
}

/// One run whose k-th allocation fails. False when it needs fewer.
bool fails_at(const Scenario& scenario, long k, Mode mode, const Outcome& expected) {
  World world = scenario.make();
  const Bits before = state_of(world);
  bool has_thrown = false;
  Bits result;
  result.reserve(expected.result.size());
  failing_allocator::arm(k, mode);
  try {
    world.act(world, result);
  } catch (const std::bad_alloc&) {
    has_thrown = true;
  }
  const bool has_failed = failing_allocator::disarm();
  const auto where = [&] {
    return scenario.name + ", allocation " + std::to_string(k) + (mode == Mode::one ? "" : " and all after");
  };
  if (has_thrown) {
    EXPECT_EQ(state_of(world), before) << where();
    result.clear();
    world.act(world, result);
  }
  EXPECT_EQ(result, expected.result) << where();
  EXPECT_EQ(state_of(world), expected.state) << where();
  return has_failed;
}

/// All failures in turn; returns how many there were.
long run(const Scenario& scenario) {
  const Outcome expected = undisturbed(scenario);
  EXPECT_FALSE(expected.result.empty() && expected.state.empty()) << scenario.name;
  long failures = 0;
  for (const Mode mode : {Mode::one, Mode::all_from})
    for (long k = 1; fails_at(scenario, k, mode, expected) && !::testing::Test::HasFailure(); ++k) ++failures;
  return failures;
}

Array<double> numbers(const Shape& shape, double from) {
  Array<double> array = empty_array<double>(shape);
  double x = from;
  for (double& v : array) v = x += 0.17;
  return array;
}
Tensor<double> variable_of(const Shape& shape, double from = 0.1) { return variable(numbers(shape, from)); }

/// Ops of every kind, on matrices of 2 rows and 3 columns.
using Op = std::function<Tensor<double>(const Tensors&)>;
const std::vector<std::pair<std::string, Op>>& ops() {
  static const std::vector<std::pair<std::string, Op>> list{
      {"exp", [](const Tensors& in) { return exp(in[0]); }},
      {"tanh", [](const Tensors& in) { return tanh(in[0]); }},
      {"erf", [](const Tensors& in) { return erf(in[0]); }},
      {"clip", [](const Tensors& in) { return clip(in[0], 0.2, 0.9); }},
      {"add", [](const Tensors& in) { return in[0] + in[1]; }},
      {"mul by itself", [](const Tensors& in) { return in[0] * in[0]; }},
      {"pow", [](const Tensors& in) { return pow(in[0], in[1]); }},
      {"div, broadcast", [](const Tensors& in) { return in[0] / sum(in[1], {0}); }},
      {"compound assignment",
       [](const Tensors& in) {
         Tensor<double> y = in[0];
         y *= in[1];
         y -= 2;
         return y;
       }},
      {"sum", [](const Tensors& in) { return sum(in[0], {1}); }},
      {"mean", [](const Tensors& in) { return mean(in[0]); }},
      {"prod", [](const Tensors& in) { return prod(in[0], {0}); }},
      {"max", [](const Tensors& in) { return max(in[0], {1}); }},
      {"var", [](const Tensors& in) { return var(in[0], {0}); }},
      {"logsumexp", [](const Tensors& in) { return logsumexp(in[0], {1}); }},
      {"norm", [](const Tensors& in) { return norm(in[0]); }},
      {"softmax", [](const Tensors& in) { return softmax(in[0], 0); }},
      {"log_softmax", [](const Tensors& in) { return log_softmax(in[0]); }},
      {"cross_entropy",
       [](const Tensors& in) {
         return nn::cross_entropy(in[0], xt::xarray<int>{2, 0});
       }},
      {"matmul", [](const Tensors& in) { return matmul(in[0], transpose(in[1])); }},
      {"reshape",
       [](const Tensors& in) {
         return reshape(in[0], {3, -1});
       }},
      {"broadcast_to",
       [](const Tensors& in) {
         return broadcast_to(in[0], {2, 2, 3});
       }},
      {"squeeze", [](const Tensors& in) { return squeeze(expand_dims(in[0], 1)); }},
      {"concatenate",
       [](const Tensors& in) {
         return concatenate({in[0], in[1]}, 1);
       }},
      {"stack",
       [](const Tensors& in) {
         return stack({in[0], in[1]}, 0);
       }},
      {"take",
       [](const Tensors& in) {
         return take(in[0], xt::xarray<int>{1, 0, 1}, 0);
       }},
      {"where", [](const Tensors& in) { return where(in[0] > 0.5, in[0], in[1]); }},
      {"fuse",
       [](const Tensors& in) { return fuse([](auto a, auto b) { return tanh(a) * b; }, in[0], in[1]); }},
      {"custom_op",
       [](const Tensors& in) {
         return custom_op(
             "cube", {in[0]}, [](const auto& x) { return x[0] * x[0] * x[0]; },
             [](const auto& g, const auto& x, const auto&) {
               return std::vector{flow(g, 3 * square(x[0]))};
             });
       }},
      {"checkpoint",
       [](const Tensors& in) {
         const auto layer = [w = in[1]](const Tensors& x) { return tanh(x[0] * w); };
         return checkpoint(layer, Tensors{in[0]});
       }},
      {"to_scalar and back",
       [](const Tensors& in) {
         const Scalar s = to_scalar(sum(in[0]));
         return in[1] * (s * s + sin(s));
       }},
      {"with hooks",
       [](const Tensors& in) {
         const Tensor<double> y = exp(in[0]);
         y.register_hook([](const Tensor<double>& g) { return clip(g, -1, 1) * 2; });
         return y * in[1];
       }},
  };
  return list;
}

/// A graph that has been swept once already, so that gradients are there to be added to.
World with_gradients(const Op& op) {
  World world{{variable_of({2, 3}), variable_of({2, 3}, 0.6)}, {}, {}};
  for (const Tensor<double>& x : world.tensors) x.set_value(numbers({2, 3}, 0.3));
  Tensor<double> y = op(world.tensors);
  y.retain_grad();
  gradus::backward(y, y.detach() * 0.5, {.retain_graph = true});
  world.tensors.push_back(y);
  return world;
}

void add_scenarios_of_ops(std::vector<Scenario>& scenarios) {
  for (const auto& [name, op] : ops()) {
    const auto add = [&, op = op](const std::string& what, auto act) {
      scenarios.push_back({name + ": " + what, [op, act] {
                             World world = with_gradients(op);
                             world.act = [op, act](World& w, Bits& result) { act(op, w, result); };
                             return world;
                           }});
    };
    add("recording", [](const Op& f, World& w, Bits& result) { append(result, f(w.tensors).value()); });
    add("backward", [](const Op&, World& w, Bits&) {
      gradus::backward(w.tensors[2], w.tensors[2].detach() + 1, {.retain_graph = true});
    });
    add("backward that releases", [](const Op& f, World& w, Bits&) { sum(square(f(w.tensors))).backward(); });
    add("grad", [](const Op&, World& w, Bits& result) {
      for (const auto& g : grad(w.tensors[2], {w.tensors[0]}, w.tensors[2].detach(), {.retain_graph = true}))
        append(result, g.value());
    });
    add("create_graph", [](const Op& f, World& w, Bits& result) {
      const Tensor<double> slope =
          grad(sum(f(w.tensors)), {w.tensors[0]}, {.create_graph = true})[0] * w.tensors[1];
      append(result, slope.value());
      sum(slope).backward();
    });
    add("jvp", [](const Op& f, World& w, Bits& result) {
      const Tensors at{w.tensors[0].detach(), w.tensors[1].detach()};
      append(result, jvp(f, at, {at[1], at[0]}).tangent.value());
    });
  }
}

/// One that works on Scalars alone.
Scenario of_scalars(const std::string& name, std::function<void(World&, Bits&)> act) {
  return {name, [act] {
            World world{{}, {variable(0.7), variable(-1.3)}, act};
            const Scalar y = world.scalars[0] * world.scalars[1];
            gradus::backward(y, {.retain_graph = true});
            world.scalars.push_back(y);
            return world;
          }};
}

void add_scenarios_of_scalars(std::vector<Scenario>& scenarios) {
  scenarios.push_back(of_scalars("Scalars: a long chain", [](World& w, Bits& result) {
    Scalar y = w.scalars[0];
    for (int i = 0; i < 10'000; ++i) y = tanh(y * w.scalars[1] + 0.1);
    append(result, y.value());
    y.backward();
  }));
  scenarios.push_back(of_scalars("Scalars: many variables", [](World& w, Bits& result) {
    std::vector<Scalar> many;
    Scalar y = w.scalars[0];
    for (int i = 0; i < 500; ++i) many.push_back(variable(0.001 * i));
    for (const Scalar& x : many) y += x * x;
    append(result, y.value());
    append(result, grad(y, {many[7]})[0].value());
  }));
  scenarios.push_back(of_scalars("Scalars: many handles", [](World& w, Bits& result) {
    const std::vector<Scalar> copies(1000, w.scalars[2]);
    append(result, copies.back().value());
  }));
  scenarios.push_back(of_scalars("Scalars: names, second derivatives", [](World& w, Bits& result) {
    const Scalar y =
        exp(w.scalars[0] * w.scalars[1]).named("a name that is too long to lie in the string itself");
    const std::vector<Scalar> slopes = grad(y, {w.scalars[0], w.scalars[1]}, {.create_graph = true});
    append(result, y.value());
    (slopes[0] * slopes[1]).backward();
  }));
  scenarios.push_back(of_scalars("Scalars: derivatives of functions", [](World& w, Bits& result) {
    const auto f = [](const std::vector<Scalar>& x) { return sin(x[0] * x[1]) + x[0]; };
    const std::vector<Scalar> at{w.scalars[0].value(), w.scalars[1].value()};
    append(result, hessian(f, at).value());
    append(result, jvp(f, at, {1.0, 2.0}).tangent.value());
  }));
  scenarios.push_back(of_scalars("Scalars: hooks", [](World& w, Bits& result) {
    const Scalar y = sin(w.scalars[0]);
    HookHandle first = y.register_hook([](const Scalar& g) { return g * 2.0; });
    w.scalars[0].register_hook([](const Scalar& g) { return g + 1.0; }).remove();
    const Scalar z = y * y;
    append(result, z.value());
    z.backward();
    first.remove();
  }));
  scenarios.push_back(of_scalars("Scalars: stacked", [](World& w, Bits& result) {
    const Tensor<double> x = stack({w.scalars[0], w.scalars[1], w.scalars[2]});
    const Tensor<double> y = sum(x * x) * w.scalars[0];
    append(result, y.value());
    gradus::backward(y, {.retain_graph = true});
  }));
  scenarios.push_back(of_scalars("Scalars: many bridges", [](World& w, Bits& result) {
    Scalar y = w.scalars[0];
    for (int i = 0; i < 100; ++i) y = to_scalar(to_tensor(y) * 0.9 + w.scalars[1]);
    append(result, y.value());
    y.backward();
  }));
}

template <class Optimizer>
Scenario of_training(const std::string& name, std::function<Optimizer(const Tensors&)> make_optimizer) {
  return {name, [make_optimizer] {
            World world{{variable_of({3, 4}), variable_of({4}), variable_of({4, 2}, -0.5)}, {}, {}};
            // Values that are shared must be copied before they change.
            const Tensors kept{world.tensors[0].detach(), world.tensors[2].detach()};
            const auto loss = [](const Tensors& p) {
              return nn::mse_loss(matmul(tanh(linear(Tensor<double>(numbers({5, 3}, -1)), p[0], p[1])), p[2]),
                                  numbers({5, 2}, 0));
            };
            loss(world.tensors).backward();
            auto opt = std::make_shared<Optimizer>(make_optimizer(world.tensors));
            world.act = [opt, kept, has_stepped = false](World&, Bits&) mutable {
              if (!has_stepped) opt->step();
              has_stepped = true;
            };
            return world;
          }};
}

void add_scenarios_of_training(std::vector<Scenario>& scenarios) {
  scenarios.push_back(of_training<nn::SGD<double>>("SGD: step", [](const Tensors& p) {
    return nn::SGD<double>{p, {.lr = 0.1, .momentum = 0.9}};
  }));
  scenarios.push_back(of_training<nn::Adam<double>>("Adam: step", [](const Tensors& p) {
    return nn::Adam<double>{p, {.lr = 0.1}};
  }));
  scenarios.push_back({"MLP: a whole step", [] {
                         Rng rng{1};
                         const nn::MLP<double> model{{3, 4, 4, 2}, nn::Activation::relu, rng};
                         World world{model.parameters(), {}, {}};
                         world.act = [model](World&, Bits& result) {
                           const auto loss = nn::cross_entropy(model(Tensor<double>(numbers({5, 3}, -1))),
                                                               xt::xarray<int>{0, 1, 1, 0, 1});
                           append(result, loss.value());
                           loss.backward();
                         };
                         return world;
                       }});
  scenarios.push_back({"modules and optimizers: made", [] {
                         World world{{variable_of({2})}, {}, {}};
                         world.act = [](World& w, Bits& result) {
                           Rng rng{1};
                           const nn::Sequential<double> model{nn::Linear<double>{3, 2, rng}, nn::Sigmoid{}};
                           nn::SGD<double> opt{model.parameters(), {.lr = 0.1, .momentum = 0.5}};
                           append(result, model(Tensor<double>(numbers({1, 3}, 0))).value());
                           w.tensors[0].set_value(xt::xarray<double>{1, 2});
                         };
                         return world;
                       }});
  scenarios.push_back({"blocks: large steps", [] {
                         World world{{variable_of({40'000})}, {}, {}};
                         world.act = [](World& w, Bits&) {
                           const Tensor<double>& x = w.tensors[0];
                           sum(tanh(x * 1e-3) * sigmoid(-x) + x * x).backward();
                         };
                         return world;
                       }});
  scenarios.push_back({"check_gradients", [] {
                         World world{{variable_of({2})}, {}, {}};
                         world.act = [](World& w, Bits& result) {
                           const auto check = check_gradients(
                               [](const Tensors& in) { return sum(exp(in[0])); }, {w.tensors[0]});
                           append(result, check.max_relative_error());
                         };
                         return world;
                       }});
}

std::vector<Scenario> all_scenarios() {
  std::vector<Scenario> scenarios;
  add_scenarios_of_ops(scenarios);
  add_scenarios_of_scalars(scenarios);
  add_scenarios_of_training(scenarios);
  return scenarios;
}

class BadAlloc : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    detail::close_pool_cache();  // every array is an allocation
    set_num_threads(1);
  }
};

TEST_F(BadAlloc, TheAllocatorFailsWhenAsked) {
  const auto count_failures = [](Mode mode) {
    int failures = 0;
    failing_allocator::arm(2, mode);
    for (int i = 0; i < 4; ++i) try {
        (void)empty_array<double>({3});
      } catch (const std::bad_alloc&) {
        ++failures;
      }
    EXPECT_TRUE(failing_allocator::disarm());
    return failures;
  };
  EXPECT_EQ(count_failures(Mode::one), 1);
  EXPECT_EQ(count_failures(Mode::all_from), 3);
}

TEST_F(BadAlloc, NothingHasChangedARepeatSucceedsAndNothingLeaks) {
  const std::vector<Scenario> scenarios = all_scenarios();
  EXPECT_GE(scenarios.size(), 50U);
  long blocks = 0;
  // In the first round, lists that are kept for later grow as far as they will.
  for (int round = 0; round < 2; ++round) {
    long failures = 0, most = 0;
    for (const Scenario& scenario : scenarios) {
      const long here = run(scenario);
      ASSERT_FALSE(HasFailure()) << "in " << scenario.name;
      EXPECT_GT(here, 0) << scenario.name;
      failures += here;
      most = std::max(most, here);
    }
    if (round == 0) {
      blocks = failing_allocator::live_blocks();
      std::cout << scenarios.size() << " scenarios, " << failures << " failed allocations, at most " << most
                << " in one scenario\n";
    }
  }
  EXPECT_EQ(failing_allocator::live_blocks(), blocks);
}

}  // namespace
