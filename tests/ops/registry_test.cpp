#include <algorithm>
#include <cmath>
#include <iostream>
#include <map>

#include "check_forward.hpp"
#include "registry_samples.hpp"
#include <gtest/gtest.h>

// What is true of every op, on many inputs of each: gradients against numerical differentiation, gradients of
// gradients too, Jacobian-vector products, and floats against doubles.
namespace gradus::op_cases {
namespace {

constexpr std::size_t fewest_samples = 24;

/// How many there were, for the last line.
class SampleCount : public ::testing::Environment {
 public:
  static std::map<std::string, std::size_t>& of_ops() {
    static std::map<std::string, std::size_t> counts;
    return counts;
  }
  void TearDown() override {
    if (of_ops().empty()) return;
    std::size_t total = 0;
    auto fewest = of_ops().begin();
    for (auto op = of_ops().begin(); op != of_ops().end(); ++op) {
      total += op->second;
      if (op->second < fewest->second) fewest = op;
    }
    std::cout << total << " samples of " << of_ops().size() << " ops, at least " << fewest->second
              << " of each (" << fewest->first << ")\n";
  }
};
[[maybe_unused]] const auto* const sample_count = ::testing::AddGlobalTestEnvironment(new SampleCount);

bool has_elements(const Tensors& inputs) {
  return std::any_of(inputs.begin(), inputs.end(), [](const auto& x) { return x.size() > 0; });
}

template <class T>
std::vector<Tensor<T>> as_variables(const std::vector<Tensor<T>>& inputs) {
  std::vector<Tensor<T>> result;
  for (const Tensor<T>& x : inputs) result.push_back(variable(x.value()));
  return result;
}

/// A weighted sum of all gradients of a case.
Tensor<double> sum_of_gradients(const Case& c, const Tensors& in) {
  const Tensor<double> y = c(in);
  Tensor<double> total = 0.0;
  if (!y.requires_grad()) return total;
  double factor = 1;  // another for each, so that gradients that cancel are seen
  for (const Tensor<double>& g : grad(y, in, weights(y.shape()), {.create_graph = true})) {
    total += factor * sum(g * weights(g.shape()));
    factor += 0.5;
  }
  return total;
}

/// The slope of f, a single number, along a line through the inputs: of its gradients, and of differences.
void expect_right_slope(const std::function<Tensor<double>(const Tensors&)>& f, const Tensors& inputs) {
  const auto direction = [](const Tensor<double>& x) { return weights(x.shape()); };
  const Tensors in = as_variables(inputs);
  const Tensor<double> y = f(in);
  double slope = 0, scale = 1e-8;
  if (y.requires_grad()) {
    const Tensors gradients = grad(y, in);
    for (std::size_t i = 0; i < in.size(); ++i) {
      const Tensor<double> parts = gradients[i] * direction(in[i]);
      slope += sum(parts).item();
      scale = std::max(scale, sum(abs(parts)).item());
    }
  }
  const auto along = [&](double t) {
    Tensors moved;
    for (const Tensor<double>& x : inputs) moved.push_back(variable((x + t * direction(x)).value()));
    return f(moved).item();
  };
  EXPECT_NEAR(numerical_derivative(along, 0.0, Stencil::five_point), slope, 1e-4 * scale);
}

/// The recorded sweep must find what the plain one finds.
void expect_recorded_like_plain(const Case& c) {
  const Tensors in = as_variables(c.inputs);
  const Tensor<double> y = c(in);
  const Tensors plain = grad(y, in, weights(y.shape()), {.retain_graph = true}),
                recorded = grad(y, in, weights(y.shape()), {.create_graph = true});
  for (std::size_t i = 0; i < plain.size(); ++i) {
    ASSERT_EQ(recorded[i].shape(), plain[i].shape());
    for (std::size_t k = 0; k < plain[i].size(); ++k)
      EXPECT_NEAR(recorded[i].data()[k], plain[i].data()[k],
                  1e-12 * std::max(1.0, std::abs(plain[i].data()[k])));
  }
}

template <class T>
std::vector<Tensor<T>> rounded_to_floats(const Tensors& inputs) {
  std::vector<Tensor<T>> result;
  for (const Tensor<double>& x : inputs) {
    Array<T> array = empty_array<T>(x.shape());
    std::transform(x.data(), x.data() + x.size(), array.data(),
                   [](double v) { return static_cast<T>(static_cast<float>(v)); });
    result.push_back(variable(array));
  }
  return result;
}

double largest(const Tensor<double>& x) {
  double result = 0;
  for (std::size_t i = 0; i < x.size(); ++i) result = std::max(result, std::abs(x.data()[i]));
  return result;
}

void expect_near(const Tensor<float>& got, const Tensor<double>& expected, double scale, const char* what) {
  ASSERT_EQ(got.shape(), expected.shape()) << what;
  for (std::size_t i = 0; i < got.size(); ++i)
    EXPECT_NEAR(static_cast<double>(got.data()[i]), expected.data()[i], 1e-5 * scale) << what << ' ' << i;
}

/// The same numbers as floats. Relative to the largest element, and to what a change of the inputs by their
/// own size would make.
void expect_floats_like_doubles(const Case& c) {
  const FloatTensors floats = rounded_to_floats<float>(c.inputs);
  const Tensors doubles = rounded_to_floats<double>(c.inputs);
  const Tensor<float> got = c(floats);
  const Tensor<double> expected = c(doubles);
  const Tensor<double> seed = weights(expected.shape());
  const FloatTensors got_gradients =
      grad(got, floats, Tensor<float>(Array<float>(xt::cast<float>(seed.value()))));
  const Tensors gradients = grad(expected, doubles, seed);
  double scale = largest(expected);
  for (std::size_t i = 0; i < gradients.size(); ++i)
    scale = std::max(scale, largest(gradients[i]) * largest(doubles[i]));
  ASSERT_TRUE(std::isfinite(scale));
  expect_near(got, expected, scale, "value");
  for (std::size_t i = 0; i < gradients.size(); ++i)
    expect_near(got_gradients[i], gradients[i], largest(gradients[i]), "gradient");
}

/// Far from 1, where an element of the gradient is small beside the others, rounding may hide it: then
/// Ridders' method must find it.
bool is_right(const GradientCheck& check, bool is_scaled) {
  return check.ok() ||
         (is_scaled && check.count(Verdict::wrong) == 0 && check.count(Verdict::undefined) == 0);
}

class EveryOp : public ::testing::TestWithParam<Op> {};

TEST_P(EveryOp, HasTheGradientsOfNumericalDifferentiation) {
  const std::vector<Sample> samples = samples_of(GetParam());
  SampleCount::of_ops()[GetParam().name] = samples.size();
  EXPECT_GE(samples.size(), fewest_samples) << "give it more cases";
  for (const Sample& sample : samples) {
    if (!has_elements(sample.c.inputs)) continue;
    const GradientCheck check =
        check_gradients([&](const Tensors& in) { return sample.c(in); }, sample.c.inputs);
    EXPECT_TRUE(is_right(check, sample.is_scaled)) << sample.text << ": " << check;
  }
}

TEST_P(EveryOp, HasGradientsOfGradients) {
  for (const Sample& sample : samples_of(GetParam())) {
    SCOPED_TRACE(sample.text);
    expect_recorded_like_plain(sample.c);
    if (!has_elements(sample.c.inputs)) continue;
    const auto f = [&](const Tensors& in) { return sum_of_gradients(sample.c, in); };
    if (sample.is_derived) {  // along one line: element by element would take most of the time of all tests
      if (!sample.is_scaled || is_well_conditioned(f, sample.c.inputs))
        expect_right_slope(f, sample.c.inputs);
      continue;
    }
    const GradientCheck check =
        check_gradients(f, sample.c.inputs, {.stencil = Stencil::five_point, .tolerance = 1e-4});
    EXPECT_TRUE(check.ok()) << check;
  }
}

TEST_P(EveryOp, PushesTangentsForward) {
  for (const Sample& sample : samples_of(GetParam())) {
    SCOPED_TRACE(sample.text);
    if (!sample.is_scaled && has_elements(sample.c.inputs))
      check_forward([&](const Tensors& in) { return sample.c(in); }, sample.c.inputs);
  }
}

TEST_P(EveryOp, OfFloatsIsThatOfDoubles) {
  for (const Sample& sample : samples_of(GetParam())) {
    SCOPED_TRACE(sample.text);
    if (sample.c.takes_floats()) expect_floats_like_doubles(sample.c);
  }
}

std::string name_of(const ::testing::TestParamInfo<Op>& op) { return op.param.name; }
INSTANTIATE_TEST_SUITE_P(Ops, EveryOp, ::testing::ValuesIn(all_ops()), name_of);

}  // namespace
}  // namespace gradus::op_cases
