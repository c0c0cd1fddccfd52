#include <algorithm>
#include <cmath>
#include <numeric>

#include <gtest/gtest.h>

#include <gradus/gradus.hpp>
#include <gradus/ops/graphs/formula_text.hpp>
#include <gradus/tests/elementwise_ops.hpp>
#include <gradus/tests/ops/graphs/run_code.hpp>

namespace gradus::testing {
namespace {

constexpr Language languages[] = {Language::cpp, Language::numpy};

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

void expect_close(double got, double expected, const std::string& what) {
  EXPECT_LE(std::abs(got - expected), 1e-9 * std::max(1.0, std::abs(expected)))
      << what << ": " << got << " instead of " << expected;
}

TEST(Identifiers, AreNoWordsOfEitherLanguage) {
  for (const char* const word :
       {"async", "await", "requires", "concept", "constexpr", "consteval", "decltype", "static_cast",
        "thread_local", "typeid", "alignas", "co_await", "wchar_t", "char8_t", "bitand", "elif", "nonlocal"})
    EXPECT_NE(detail::Identifiers().make(word), word);
}

/// Runs the code for the root and compares what it prints with backward().
void expect_gradients(const Scalar& root, const std::vector<Scalar>& variables) {
  std::map<Language, std::string> codes;
  for (const Language language : languages) codes[language] = staged_code(root, language);
  root.backward();
  for (const Language language : languages) {
    if (const char* const why = missing_for(language)) {
      std::printf("not run: %s\n", why);
      continue;
    }
    const auto result = run_code(codes[language], language);
    ASSERT_TRUE(result) << codes[language];
    for (const Scalar& x : variables) {
      const auto found = result->find("d" + x.name());
      ASSERT_TRUE(found != result->end() && found->second.size() == 1) << x.name() << " in\n"
                                                                       << codes[language];
      expect_close(found->second[0], x.grad(), x.name() + " in\n" + codes[language]);
    }
  }
}

/// The same for tensors, and for several graphs in one program.
template <class T>
class TensorPrograms {
 public:
  void add(const Tensor<T>& root, const std::vector<Tensor<T>>& variables) {
    code_ += staged_code(root, Language::numpy);
    root.backward();
    for (const Tensor<T>& x : variables) {
      const std::string name = x.name(), key = std::to_string(expected_.size()) + ":d" + name;
      code_ += "assert np.shape(d" + name + ") == np.shape(" + name + ")\n";
      code_ += "print(\"" + key + " =\", *np.ravel(d" + name + ").tolist())\n";
      expected_[key] = std::vector<double>(x.grad().begin(), x.grad().end());
    }
  }

  void run(double tolerance = 1e-9) const {
    if (const char* const why = missing_for(Language::numpy)) {
      std::printf("not run: %s\n", why);
      return;
    }
    const auto result = run_code(code_, Language::numpy);
    ASSERT_TRUE(result) << code_;
    for (const auto& [key, gradient] : expected_) {
      const auto found = result->find(key);
      ASSERT_TRUE(found != result->end() && found->second.size() == gradient.size()) << key << " in\n"
                                                                                     << code_;
      for (std::size_t i = 0; i < gradient.size(); ++i)
        EXPECT_LE(std::abs(found->second[i] - gradient[i]), tolerance * std::max(1.0, std::abs(gradient[i])))
            << key << "[" << i << "] in\n"
            << code_;
    }
  }

 private:
  std::string code_;
  std::map<std::string, std::vector<double>> expected_;
};

template <class T>
void expect_gradients(const Tensor<T>& root, const std::vector<Tensor<T>>& variables,
                      double tolerance = 1e-9) {
  TensorPrograms<T> program;
  program.add(root, variables);
  program.run(tolerance);
}

/// CS231n's staged expression.
Scalar staged_expression(const Scalar& x, const Scalar& y) {
  const Scalar sigy = sigmoid(y).named("sigy"), num = (x + sigy).named("num"),
               sigx = sigmoid(x).named("sigx"), xpy = (x + y).named("xpy"),
               xpysqr = square(xpy).named("xpysqr"), den = (sigx + xpysqr).named("den"),
               invden = reciprocal(den).named("invden");
  return (num * invden).named("f");
}

TEST(StagedCode, ReadsLikeTheLecture) {
  const Scalar x = variable(3).named("x"), y = variable(-4).named("y");
  const std::string code = staged_code(staged_expression(x, y), Language::numpy);
  EXPECT_EQ(code, R"(import numpy as np

x = 3.0
y = -4.0

# forward
sigy = 1 / (1 + np.exp(-y))  # (1)
num = x + sigy               # (2)
sigx = 1 / (1 + np.exp(-x))  # (3)
xpy = x + y                  # (4)
xpysqr = xpy**2              # (5)
den = sigx + xpysqr          # (6)
invden = 1 / den             # (7)
f = num * invden             # (8)

# backward
dnum = invden                    # (8)
dinvden = num                    # (8)
dden = -invden**2 * dinvden      # (7)
dsigx = dden                     # (6)
dxpysqr = dden                   # (6)
dxpy = 2 * xpy * dxpysqr         # (5)
dx = dxpy                        # (4)
dy = dxpy                        # (4)
dx += sigx * (1 - sigx) * dsigx  # (3)
dx += dnum                       # (2)
dsigy = dnum                     # (2)
dy += sigy * (1 - sigy) * dsigy  # (1)

print("f =", f)
print("dx =", dx)
print("dy =", dy)
)");
}

TEST(StagedCode, OfTheLectureHasItsGradients) {
  const Scalar x = variable(3).named("x"), y = variable(-4).named("y");
  expect_gradients(staged_expression(x, y), {x, y});
}

/// A graph of all elementwise ops in random order, each on earlier results, brought into its domain.
class RandomGraph {
 public:
  explicit RandomGraph(std::uint64_t seed) : rng_(seed) {
    for (int i = 0; i < 4; ++i) {
      variables.push_back(variable(rng_.uniform(-1, 1)).named("x" + std::to_string(i)));
      pool_.push_back(variables.back());
    }
  }

  Scalar root() {
    std::vector<std::size_t> order(unary_ops().size() + binary_ops().size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[below(i)]);
    for (const std::size_t i : order) pool_.push_back(0.5 * softsign(result(i)));
    Scalar sum = pool_[0];
    for (std::size_t i = 1; i < pool_.size(); ++i) sum += pool_[i];
    return sum;
  }

  std::vector<Scalar> variables;

 private:
  std::size_t below(std::size_t n) {
    return static_cast<std::size_t>(rng_.uniform(0, static_cast<double>(n)));
  }

  Scalar result(std::size_t i) {
    if (i < unary_ops().size()) return unary_ops()[i](inside(unary_ops()[i].domain));
    const BinaryOp& op = binary_ops()[i - unary_ops().size()];
    const double a = rng_.uniform(op.domain.low, op.domain.high),
                 b = rng_.uniform(op.second_domain.low, op.second_domain.high);
    switch (below(3)) {
      case 0:
        return op(inside(op.domain), b);
      case 1:
        return op(a, inside(op.second_domain));
      default:
        return op(inside(op.domain), inside(op.second_domain));
    }
  }
  Scalar inside(rules::Domain domain) {
    return domain.low + (domain.high - domain.low) * sigmoid(3 * pool_[below(pool_.size())]);
  }

  Rng rng_;
  std::vector<Scalar> pool_;
};

TEST(StagedCode, OfRandomGraphsOfAllOpsHasTheirGradients) {
  for (const std::uint64_t seed : {1, 2, 3}) {
    RandomGraph graph(seed);
    expect_gradients(graph.root(), graph.variables);
  }
}

TEST(StagedCode, OfScalarsClippedUsedTwiceAndDifferentiated) {
  const Scalar x = variable(0.7).named("x"), y = variable(-1.3).named("y");
  expect_gradients(clip(x * x, 0, 0.25) * y + clip(y, -2, 2) * x - x * x * x + (-x), {x, y});
  const Scalar u = variable(0.7).named("u");
  expect_gradients(grad(tanh(u) * exp(u), {u}, {.create_graph = true})[0] * u, {u});
}

TEST(StagedCode, NamesAreValidAndUnique) {
  const Scalar a = variable(2).named("x"), b = variable(3).named("x"), c = variable(5).named("lambda"),
               d = variable(7).named("dx"), e = variable(11).named("3 <&\"' = 4"), f = variable(13);
  const Scalar root = a * b + c * d + e * f;
  const std::string code = staged_code(root, Language::cpp);
  root.backward();
  if (const char* const why = missing_for(Language::cpp)) GTEST_SKIP() << why;
  const auto result = run_code(code, Language::cpp);
  ASSERT_TRUE(result) << code;
  std::vector<double> got;
  for (const auto& [name, values] : *result)
    if (name.starts_with("d")) got.push_back(values.at(0));
  std::sort(got.begin(), got.end());
  EXPECT_EQ(got, (std::vector<double>{2, 3, 5, 7, 11, 13})) << code;
}

/// An MLP's parameters.
struct Layers {
  Tensor<double> w1, b1, w2, b2;
};
Layers make_layers(Rng& rng) {
  const auto matrix = [&](const Shape& shape) {
    xt::xarray<double> x = xt::xarray<double>::from_shape(shape);
    for (double& v : x) v = rng.normal(0, 0.7);
    return variable(x);
  };
  return {matrix({3, 5}).named("W1"), matrix({5}).named("b1"), matrix({5, 4}).named("W2"),
          matrix({4}).named("b2")};
}
const xt::xarray<double> inputs{{1, 2, -1},   {0.5, -2, 3}, {0.1, 0, 1},
                                {-1, -1, -1}, {2, 0.3, 0},  {0, 0, 0.4}};

TEST(StagedCode, OfAnMlpHasItsGradients) {
  Rng rng{5};
  const Annotate on;
  const Layers p = make_layers(rng);
  const Tensor<double> h = tanh(linear(inputs, p.w1, p.b1)).named("h");
  const Tensor<double> loss = cross_entropy(linear(h, p.w2, p.b2), xt::xarray<int>{0, 3, 2, 1, 1, 0});
  const std::string code = staged_code(loss, Language::numpy);
  for (const char* line : {"h = np.tanh(linear1)", "dh = dlinear3 @ W2.T", "dW2 = h.T @ dlinear3",
                           "db2 = np.sum(dlinear3, axis=0)", "dlinear1 = (1 - h**2) * dh"})
    EXPECT_TRUE(contains(code, line)) << line << " in\n" << code;
  expect_gradients(loss, {p.w1, p.b1, p.w2, p.b2});
}

TEST(StagedCode, OfAnMlpFromModules) {
  Rng rng{6};
  const nn::Sequential model{nn::Linear<double>{3, 5, rng}, nn::Sigmoid{}, nn::Linear<double>{5, 4, rng}};
  const Annotate on;
  const Tensor<double> loss = nn::mse_loss(model(inputs), xt::xarray<double>::from_shape({6, 4}) * 0 + 0.3);
  std::vector<Tensor<double>> parameters;
  for (const auto& parameter : model.parameters())
    parameters.push_back(parameter.named("p" + std::to_string(parameters.size())));
  expect_gradients(loss, parameters);
}

using Fn = std::function<Tensor<double>(const Tensor<double>&, const Tensor<double>&)>;  // of (2,3) and (3)

TEST(StagedCode, OfTensorOps) {
  const std::vector<Fn> functions{
      [](auto& a, auto& b) { return sum(a * b + a / (2 + square(b))); },
      [](auto& a, auto& b) { return sum(mean(a - b, 1) * to_scalar(sum(b))); },
      [](auto& a, auto& b) {
        return mean(square(mean(a, {0, 1})) * b);
      },
      [](auto& a, auto& b) {
        return sum(sum(a, 0, true) * b + sum(a, {0, 1}, true));
      },
      [](auto& a, auto& b) { return sum(matmul(transpose(a), a) * b); },
      [](auto& a, auto& b) { return dot(matmul(a, b), matmul(a, b)); },
      [](auto& a, auto& b) {
        return sum(outer(b, b) * 2.0) + sum(reshape(a, {3, 2}) * reshape(a, {3, 2}));
      },
      [](auto& a, auto& b) { return sum(softmax(a) * b) + sum(log_softmax(a, 0) * b); },
      [](auto& a, auto& b) { return sum(logsumexp(a, 1)) * logsumexp(b); },
      [](auto& a, auto& b) { return sum(clip(a, -0.5, 0.5) * b) + sum(maximum(a, b)) + sum(pow(2.0, b)); },
      [](auto& a, auto& b) {
        return sum(concatenate({a, broadcast_to(b, {2, 3}), a}, 1) * 0.5 * to_scalar(mean(b)));
      },
      [](auto& a, auto& b) {
        return sum(stack({ravel(a), concatenate({b, b}, 0)}) * expand_dims(ravel(a), 0));
      },
      [](auto& a, auto& b) {
        return sum(square(stack({to_scalar(sum(a)), to_scalar(sum(b)), Scalar(3)})));
      },
      [](auto& a, auto& b) {
        return cross_entropy(a, softmax(stack({b, b * b})), {.reduction = Reduction::sum});
      },
      [](auto& a, auto& b) { return sum(var(a, 1, {.ddof = 1})) * sum(std(b)) + sum(norm(a, 0) * b); },
      [](auto& a, auto& b) {
        return sum(prod(a, 1)) + prod(b) * sum(var(a, {0, 1}, {.keepdims = true}));
      },
      [](auto& a, auto& b) {
        return sum(where(xt::xarray<bool>{true, false, true}, a, a * b) * b);
      },
      [](auto& a, auto& b) {
        return sum(take(a, xt::xarray<int>{2, 0, 2, 2}, 1) * take(b, xt::xarray<int>{0, 1, 1, -1}, 0));
      },
      [](auto& a, auto& b) {
        return sum(square(matmul(reshape(a, {2, 3, 1}), reshape(b, {1, 1, 3}))));
      },
      [](auto& a, auto& b) {
        return sum(square(matmul(stack({a, 2 * a}), outer(b, b))));
      },
      [](auto& a, auto& b) {
        return sum(square(einsum("ij,kj->ik", a * b, a))) + sum(square(tensordot(a, a, {{0}, {0}})));
      },
      [](auto& a, auto& b) {
        return sum(square(take_along_axis(a, xt::xarray<int>{{0, 0}, {2, 1}}, 1))) * sum(b);
      },
      [](auto& a, auto& b) {
        return sum(a * slice(concatenate({b, b}, 0), {range(1, 4)})) + sum(square(flip(a, 1)) * b);
      },
      [](auto& a, auto& b) { return sum(square(tril(a) * b)) + sum(roll(b, 1) * b); },
      [](auto& a, auto& b) {
        return nn::multi_margin_loss(a * b, xt::xarray<int>{2, 0});
      },
      [](auto& a, auto& b) {
        return nn::cross_entropy(a * b, xt::xarray<int>{2, 0}, {.label_smoothing = 0.2});
      },
      [](auto& a, auto& b) {
        return nn::nll_loss(log_softmax(a + b), xt::xarray<int>{2, 0});
      },
      [](auto& a, auto& b) { return sum(a + b) + sum(a + b) + sum(swapaxes(a, 0, 1)); },
  };
  TensorPrograms<double> programs;
  for (const Fn& function : functions) {
    const Annotate on;
    const Tensor<double> a = variable(xt::xarray<double>{{0.2, -1.1, 0.7}, {1.3, 0.4, -0.6}}).named("a"),
                         b = variable(xt::xarray<double>{0.9, -0.3, 0.25}).named("b");
    programs.add(function(a, b), {a, b});
  }
  programs.run();
}

TEST(StagedCode, OfFloats) {
  const Annotate on;
  const Tensor<float> a = variable(xt::xarray<float>{{0.25f, -1.5f}, {1, 2}}).named("a");
  expect_gradients(sum(square(softmax(matmul(a, a)))), {a}, 1e-5);
}

TEST(StagedCode, SaysWhatItCannotWrite) {
  const auto message = [](const auto& root, Language language, StagedCodeOptions options = {}) {
    try {
      staged_code(root, language, options);
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string("nothing thrown");
  };
  const Tensor<double> a = variable(xt::xarray<double>{1, 2, 3}).named("a");
  EXPECT_TRUE(contains(message(sum(a), Language::numpy), "Annotate"));
  const Annotate on;
  EXPECT_TRUE(contains(message(sum(a), Language::cpp), "Language::numpy"));
  EXPECT_TRUE(contains(message(sum(cumsum(a, 0)), Language::numpy), "cumsum"));
  EXPECT_TRUE(contains(message(max(a), Language::numpy), "max"));
  EXPECT_TRUE(contains(message(a * a, Language::numpy), "expected one element"));
  EXPECT_TRUE(contains(message(sum(a * a), Language::numpy, {.most_steps = 2}), "more than 2 steps"));
  EXPECT_TRUE(contains(message(Scalar(3), Language::numpy), "constant"));
  const Scalar x = variable(1), y = x * x;
  y.backward();
  EXPECT_TRUE(contains(message(y, Language::cpp), "retain_graph"));
}

}  // namespace
}  // namespace gradus::testing
