#include <cmath>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <gradus/core/backward.hpp>
#include <gradus/nn/files/gzip.hpp>
#include <gradus/nn/optimizers.hpp>
#include <gradus/ops/elementwise.hpp>
#include <gradus/ops/index.hpp>
#include <gradus/ops/product.hpp>
#include <gradus/ops/reduce.hpp>

// Replays what reference.py has written of PyTorch's optimizers and schedules.

namespace gradus::nn {
namespace {

using json = nlohmann::json;
using Parameters = std::vector<Tensor<double>>;

const json& reference() {
  static const json data = [] {
    const std::vector<std::uint8_t> bytes =
        detail::read_bytes("reference", GRADUS_SOURCE_DIR "/tests/nn/optimizers/reference.json.gz");
    return json::parse(bytes.begin(), bytes.end());
  }();
  return data;
}

Array<double> array_of(const json& value) {
  if (!value.is_array()) return full_array<double>({}, value.get<double>());
  if (!value[0].is_array()) {
    Array<double> result = empty_array<double>({value.size()});
    std::copy(value.begin(), value.end(), result.data());
    return result;
  }
  Array<double> result = empty_array<double>({value.size(), value[0].size()});
  for (std::size_t i = 0; i < value.size(); ++i)
    std::copy(value[i].begin(), value[i].end(), result.data() + i * value[0].size());
  return result;
}

/// The loss of one of reference.py's problems.
Tensor<double> loss_of(const std::string& problem, const Parameters& p) {
  const json& data = reference()["problems"][problem];
  if (problem == "quadratic") {
    Tensor<double> loss;
    for (std::size_t i = 0; i < p.size(); ++i)
      loss += sum(array_of(data["curvature"][i]) * square(p[i] - array_of(data["centre"][i])) / 2);
    return loss;
  }
  if (problem == "rosenbrock") {
    const Tensor<double> x = take(p[0], xt::xarray<int>{0}, 0), y = take(p[0], xt::xarray<int>{1}, 0);
    return square(1 - x) + 100 * square(y - square(x));
  }
  const Tensor<double> y =
      matmul(tanh(matmul(Tensor<double>(array_of(data["x"])), p[0]) + p[1]), p[2]) + p[3];
  return mean(square(y - array_of(data["y"])));
}

/// The options that `given` names; the others as they are.
class Options {
 public:
  explicit Options(const json& given) : given_(given) {}
  template <class Value>
  Options& set(const char* name, Value& value) {
    if (given_.contains(name)) value = given_[name].get<Value>();
    return *this;
  }

 private:
  const json& given_;
};

SGDOptions read(const json& given, SGDOptions o) {
  Options(given)
      .set("lr", o.lr)
      .set("momentum", o.momentum)
      .set("dampening", o.dampening)
      .set("nesterov", o.nesterov)
      .set("weight_decay", o.weight_decay)
      .set("maximize", o.maximize);
  return o;
}
AdaGradOptions read(const json& given, AdaGradOptions o) {
  Options(given)
      .set("lr", o.lr)
      .set("lr_decay", o.lr_decay)
      .set("initial_accumulator", o.initial_accumulator)
      .set("epsilon", o.epsilon)
      .set("weight_decay", o.weight_decay);
  return o;
}
RMSPropOptions read(const json& given, RMSPropOptions o) {
  Options(given)
      .set("lr", o.lr)
      .set("alpha", o.alpha)
      .set("epsilon", o.epsilon)
      .set("momentum", o.momentum)
      .set("centered", o.centered)
      .set("weight_decay", o.weight_decay);
  return o;
}
AdadeltaOptions read(const json& given, AdadeltaOptions o) {
  Options(given)
      .set("lr", o.lr)
      .set("rho", o.rho)
      .set("epsilon", o.epsilon)
      .set("weight_decay", o.weight_decay);
  return o;
}
template <class O>
requires requires(O o) { o.amsgrad; }
O read(const json& given, O o) {
  Options(given)
      .set("lr", o.lr)
      .set("beta1", o.beta1)
      .set("beta2", o.beta2)
      .set("epsilon", o.epsilon)
      .set("weight_decay", o.weight_decay)
      .set("amsgrad", o.amsgrad);
  return o;
}
NAdamOptions read(const json& given, NAdamOptions o) {
  Options(given)
      .set("lr", o.lr)
      .set("beta1", o.beta1)
      .set("beta2", o.beta2)
      .set("epsilon", o.epsilon)
      .set("momentum_decay", o.momentum_decay)
      .set("weight_decay", o.weight_decay);
  return o;
}
LionOptions read(const json& given, LionOptions o) {
  Options(given)
      .set("lr", o.lr)
      .set("beta1", o.beta1)
      .set("beta2", o.beta2)
      .set("weight_decay", o.weight_decay);
  return o;
}
LBFGSOptions read(const json& given, LBFGSOptions o) {
  Options(given)
      .set("lr", o.lr)
      .set("max_iter", o.max_iter)
      .set("max_eval", o.max_eval)
      .set("history_size", o.history_size)
      .set("tolerance_grad", o.tolerance_grad)
      .set("tolerance_change", o.tolerance_change);
  return o;
}

using Made = std::unique_ptr<Optimizer<double>>;

Parameters chosen(const Parameters& all, const json& group) {
  Parameters result;
  for (const std::size_t i : group["parameters"]) result.push_back(all[i]);
  return result;
}

template <class O, class Opts>
Made make(const json& groups, const Parameters& p) {
  auto opt = std::make_unique<O>(chosen(p, groups[0]), read(groups[0]["options"], Opts{}));
  if constexpr (requires { opt->add_group(p, Opts{}); })
    for (std::size_t i = 1; i < groups.size(); ++i)
      opt->add_group(chosen(p, groups[i]), read(groups[i]["options"], Opts{}));
  return opt;
}

const std::map<std::string, Made (*)(const json&, const Parameters&)> makers{
    {"SGD", make<SGD<double>, SGDOptions>},
    {"AdaGrad", make<AdaGrad<double>, AdaGradOptions>},
    {"RMSProp", make<RMSProp<double>, RMSPropOptions>},
    {"Adadelta", make<Adadelta<double>, AdadeltaOptions>},
    {"Adam", make<Adam<double>, AdamOptions>},
    {"AdamW", make<AdamW<double>, AdamWOptions>},
    {"NAdam", make<NAdam<double>, NAdamOptions>},
    {"Lion", make<Lion<double>, LionOptions>},
    {"LBFGS", make<LBFGS<double>, LBFGSOptions>},
};

/// A problem and an optimizer at work on it.
class Replay {
 public:
  explicit Replay(const json& trajectory) : trajectory_(trajectory), problem_(trajectory["problem"]) {
    for (const json& start : reference()["problems"][problem_]["start"])
      parameters_.push_back(variable(array_of(start)));
    optimizer_ = makers.at(trajectory["optimizer"])(trajectory["groups"], parameters_);
  }

  Optimizer<double>& optimizer() { return *optimizer_; }
  std::size_t size() const { return parameters_.size(); }

  void step() {
    ++step_;
    optimizer_->step([&] {
      optimizer_->zero_grad();
      Parameters active = parameters_;
      for (std::size_t i = 0; i < active.size(); ++i)
        if (!is_active(i)) active[i] = active[i].detach();
      const Tensor<double> loss = loss_of(problem_, active);
      loss.backward();
      return loss;
    });
  }

  std::vector<double> values() const {
    std::vector<double> all;
    for (const auto& p : parameters_) all.insert(all.end(), p.value().begin(), p.value().end());
    return all;
  }

  void load(const State& state, const std::vector<double>& values, std::size_t step) {
    const double* from = values.data();
    for (const auto& p : parameters_) {
      std::copy_n(from, p.size(), p.change("test").data());
      from += p.size();
    }
    step_ = step;
    optimizer_->load_state(state);
  }

 private:
  bool is_active(std::size_t i) const {
    if (!trajectory_.contains("missing")) return true;
    const json& missing = trajectory_["missing"];
    return (step_ + i) % missing[0].get<std::size_t>() != missing[1].get<std::size_t>();
  }

  const json& trajectory_;
  std::string problem_;
  Parameters parameters_;
  Made optimizer_;
  std::size_t step_ = 0;
};

std::string text(const json& trajectory) {
  return trajectory["optimizer"].get<std::string>() + " on " + trajectory["problem"].get<std::string>() +
         ", " + trajectory["groups"].dump();
}

std::size_t last_step(const json& trajectory) {
  std::size_t last = 0;
  for (const auto& [step, values] : trajectory["values"].items())
    last = std::max<std::size_t>(last, std::stoul(step));
  return last;
}

TEST(OptimizersReference, EveryOptimizerTakesPyTorchsPath) {
  std::map<std::string, int> seen;
  for (const json& trajectory : reference()["trajectories"]) {
    SCOPED_TRACE(text(trajectory));
    Replay run(trajectory);
    for (std::size_t step = 1; step <= last_step(trajectory); ++step) {
      run.step();
      const json& all = trajectory["values"];
      if (!all.contains(std::to_string(step))) continue;
      const auto expected = all[std::to_string(step)].get<std::vector<double>>();
      const std::vector<double> values = run.values();
      ASSERT_EQ(values.size(), expected.size());
      for (std::size_t i = 0; i < values.size(); ++i)
        ASSERT_NEAR(values[i], expected[i], 1e-10 * std::max(1.0, std::abs(expected[i])))
            << "element " << i << " at step " << step;
    }
    ++seen[trajectory["optimizer"]];
  }
  for (const auto& [name, maker] : makers) EXPECT_GE(seen[name], 6) << name;
}

TEST(OptimizersReference, AStateGoesOnBitForBit) {
  for (const json& trajectory : reference()["trajectories"]) {
    SCOPED_TRACE(text(trajectory));
    const std::size_t half = last_step(trajectory) / 2;
    Replay whole(trajectory), second(trajectory);
    for (std::size_t step = 0; step < half; ++step) whole.step();
    second.load(whole.optimizer().state(), whole.values(), half);
    for (std::size_t step = 0; step < half; ++step) {
      whole.step();
      second.step();
      ASSERT_EQ(whole.values(), second.values()) << step << " steps later";
    }
    EXPECT_EQ(whole.optimizer().steps(), second.optimizer().steps());
  }
}

TEST(OptimizersReference, AStateThatDoesNotFitIsAnErrorAndChangesNothing) {
  for (const json& trajectory : reference()["trajectories"]) {
    SCOPED_TRACE(text(trajectory));
    Replay run(trajectory), other(trajectory);
    for (int step = 0; step < 3; ++step) run.step();
    const State good = run.optimizer().state();
    const auto rejects = [&](const char* what, const auto& spoil) {
      State bad = good;
      spoil(bad);
      const State before = other.optimizer().state();
      EXPECT_THROW(other.optimizer().load_state(bad), ValueError) << what;
      EXPECT_FALSE(other.optimizer().mismatches(bad).empty()) << what;
      EXPECT_TRUE(before.arrays == other.optimizer().state().arrays) << what;
      EXPECT_TRUE(before.numbers == other.optimizer().state().numbers) << what;
    };
    rejects("another's", [](auto& state) { state.owner = "Another"; });
    rejects("no steps", [](auto& state) { state.numbers.erase("steps"); });
    rejects("a rate of 0", [](auto& state) { state.numbers["lr.0"] = 0; });
    rejects("one number more", [](auto& state) { state.numbers["more"] = 1; });
    rejects("one array more", [](auto& state) { state.keep("more", full_array<double>({2}, 0.0)); });
    for (const auto& [name, number] : good.numbers)
      for (const double value : {-1.0, std::nan(""), double{INFINITY}})
        rejects(name.c_str(), [&, key = name](auto& state) { state.numbers[key] = value; });
    for (const auto& [name, array] : good.arrays) {
      rejects(name.c_str(), [&, key = name](auto& state) { state.arrays.erase(key); });
      rejects(name.c_str(), [&, key = name](auto& state) {
        state.keep(key, full_array<double>({7, 3}, 0.0));
      });
    }
  }
}

Schedule make_schedule(const std::string& name, const json& a) {
  constexpr double lr = 0.3;
  const auto number = [&](const char* key, double otherwise) { return a.value(key, otherwise); };
  const auto count = [&](const char* key) { return a.at(key).get<std::size_t>(); };
  if (name == "step_decay") return schedule::step_decay(lr, a["factor"], count("every"));
  if (name == "multi_step") return schedule::multi_step(lr, a["factor"], a["milestones"]);
  if (name == "exponential") return schedule::exponential(lr, a["factor"]);
  if (name == "inverse_time") return schedule::inverse_time(lr, a["k"]);
  if (name == "cosine") return schedule::cosine(lr, count("steps"), a["min_lr"]);
  if (name == "cosine_restarts")
    return schedule::cosine_restarts(lr, count("steps"), count("factor"), a["min_lr"]);
  if (name == "one_cycle")
    return schedule::one_cycle(lr, count("steps"),
                               {.rise = number("rise", 0.3),
                                .initial_divisor = number("initial_divisor", 25),
                                .final_divisor = number("final_divisor", 1e4),
                                .linear = a.value("linear", false)});
  if (name == "warm_up")
    return schedule::warm_up(count("steps"), schedule::exponential(lr, a["factor"]), a["start_factor"]);
  throw ValueError("no schedule " + name);
}

TEST(OptimizersReference, SchedulesGivePyTorchsRates) {
  for (const json& entry : reference()["schedules"]) {
    const Schedule schedule = make_schedule(entry["name"], entry["arguments"]);
    const auto expected = entry["values"].get<std::vector<double>>();
    for (std::size_t step = 0; step < expected.size(); ++step)
      EXPECT_NEAR(schedule(step), expected[step], 1e-13)
          << entry["name"] << entry["arguments"] << " at step " << step;
  }
}

TEST(OptimizersReference, ReduceOnPlateauGivesPyTorchsRates) {
  for (const json& entry : reference()["plateaus"]) {
    const json& o = entry["options"];
    const ReduceOnPlateauOptions options{.factor = o.value("factor", 0.1),
                                         .maximize = o.value("maximize", false),
                                         .patience = o["patience"],
                                         .threshold = o.value("threshold", 1e-4),
                                         .absolute = o.value("absolute", false),
                                         .cooldown = o.value("cooldown", std::size_t{0}),
                                         .min_lr = o.value("min_lr", 0.0)};
    ReduceOnPlateau plateau{0.3, options};
    for (std::size_t i = 0; i < entry["metrics"].size(); ++i) {
      EXPECT_DOUBLE_EQ(plateau.observe(entry["metrics"][i]), entry["values"][i].get<double>())
          << o << " at " << i;
      ReduceOnPlateau other{7, options};  // goes on from any point
      other.load_state(plateau.state());
      plateau = other;
    }
    EXPECT_LT(plateau.lr(), 0.3) << o;
  }
}

}  // namespace
}  // namespace gradus::nn
