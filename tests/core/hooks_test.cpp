#include <memory>
#include <optional>
#include <stdexcept>
#include <thread>

#include <gtest/gtest.h>

#include <gradus/core/record_books.hpp>
#include <gradus/gradus.hpp>

// Functions that see gradients before they flow on.
namespace {

using namespace gradus;
using Matrix = xt::xarray<double>;

const auto twice = [](const auto& g) { return g * 2.0; };

TEST(Hooks, OnAStepReplaceTheGradientThatFlowsOn) {
  const Tensor<double> x = variable(Matrix{1, 2});
  const Tensor<double> y = x * 3;
  y.register_hook([](const Tensor<double>& g) { return clip(g, -1, 1); });
  (y * Matrix{0.5, 7}).backward(Matrix{1, 1});
  EXPECT_EQ(x.grad(), (Matrix{1.5, 3}));

  const Scalar s = variable(2.0), t = s * 3.0;
  t.register_hook([](const Scalar& g) { return g + 1.0; });
  (t * t).backward();
  EXPECT_EQ(t.grad(), 13);
  EXPECT_EQ(s.grad(), 39);
}

TEST(Hooks, ThatReturnNothingRead) {
  const Tensor<double> x = variable(Matrix{1, 2}), y = exp(x);
  std::optional<Tensor<double>> seen;
  y.register_hook([&](const Tensor<double>& g) { seen = g; });
  sum(y + y).backward();
  EXPECT_EQ(seen->value(), (Matrix{2, 2}));
  EXPECT_FALSE(seen->requires_grad());
  double read = 0;
  const Scalar s = variable(2.0), t = s * s;
  t.register_hook([&](const Scalar& g) { read = g.value(); });
  (t * 5.0 + t).backward();
  EXPECT_EQ(read, 6);
  EXPECT_EQ(s.grad(), 24);
}

TEST(Hooks, OnAVariableSeeWhatOneSweepFinds) {
  const Tensor<double> x = variable(Matrix{1, 2});
  int calls = 0;
  x.register_hook([&](const Tensor<double>& g) {
    ++calls;
    EXPECT_EQ(g.value(), (Matrix{3, 3}));
    return g * 10;
  });
  for (int i = 1; i <= 3; ++i) {
    sum(x * 2 + x).backward();
    EXPECT_EQ(calls, i);
    EXPECT_EQ(x.grad(), (Matrix{30.0 * i, 30.0 * i}));
  }
  const Scalar s = variable(2.0);
  s.register_hook([&](const Scalar& g) {
    ++calls;
    return g * 10.0;
  });
  for (int i = 1; i <= 2; ++i) {
    (s * s + s).backward();
    EXPECT_EQ(s.grad(), 50 * i);
  }
  EXPECT_EQ(calls, 5);
}

TEST(Hooks, SeeWhatComesOverBridges) {
  const Tensor<double> x = variable(Matrix{3});
  const Scalar s = variable(2.0);
  int calls = 0;
  const auto count = [&](const auto& g) {
    ++calls;
    return g * 2.0;
  };
  x.register_hook(count);
  s.register_hook(count);
  const Scalar a = to_scalar(x);
  const Tensor<double> b = to_tensor(s);
  b.register_hook(count);
  a.register_hook(count);
  sum(b * a + x * s).backward();  // d/dx 2 2 + 2 = 6, d/ds 2 3 + 3 = 9
  EXPECT_EQ(calls, 4);
  EXPECT_EQ(x.grad(), (Matrix{12}));
  EXPECT_EQ(s.grad(), 18);
}

TEST(Hooks, AreCalledInTheirOrderUntilRemoved) {
  const Tensor<double> x = variable(Matrix{1});
  HookHandle first = x.register_hook([](const Tensor<double>& g) { return g + 1; });
  x.register_hook(twice);
  sum(x).backward();
  EXPECT_EQ(x.grad(), (Matrix{4}));
  first.remove();
  first.remove();
  sum(x).backward();
  EXPECT_EQ(x.grad(), (Matrix{6}));

  const Scalar s = variable(1.0), t = s * 1.5;
  HookHandle once;
  once = t.register_hook([&](const Scalar& g) {
    once.remove();
    return g * 100.0;
  });
  t.register_hook(twice);
  backward(t, {.retain_graph = true});
  EXPECT_EQ(s.grad(), 300);
  backward(t);
  EXPECT_EQ(s.grad(), 303);
}

TEST(Hooks, LetGoOfWhatTheyCapturedWhenRemoved) {
  const auto captured = std::make_shared<int>(0);
  const Tensor<double> x = variable(Matrix{1});
  const Scalar s = variable(1.0);
  HookHandle of_tensor = x.register_hook([captured](const Tensor<double>&) {});
  HookHandle of_scalar = s.register_hook([captured](const Scalar&) {});
  EXPECT_EQ(captured.use_count(), 3);
  of_tensor.remove();
  of_scalar.remove();
  EXPECT_EQ(captured.use_count(), 1);
  HookHandle running;
  running = s.register_hook([&running, captured](const Scalar&) {
    running.remove();
    ++*captured;  // is still there
  });
  (s * 2.0).backward();
  (s * 2.0).backward();
  EXPECT_EQ(*captured, 1);
  EXPECT_EQ(captured.use_count(), 1);
  EXPECT_TRUE(detail::thread_record.books->hooks.empty());  // the quick way again
}

TEST(Hooks, MayRegisterMore) {
  const Scalar s = variable(1.0), t = s * 1.5;
  t.register_hook([&](const Scalar&) { s.register_hook(twice); });
  backward(t, {.retain_graph = true});
  EXPECT_EQ(s.grad(), 3);
  backward(t);
  EXPECT_EQ(s.grad(), 9);
}

TEST(Hooks, ShowInGrad) {
  const Tensor<double> x = variable(Matrix{1, 2}), y = x * 3;
  x.register_hook(twice);
  y.register_hook(twice);
  const auto gradients = grad(sum(y), {x, y}, {.retain_graph = true});
  EXPECT_EQ(gradients[0].value(), (Matrix{12, 12}));
  EXPECT_EQ(gradients[1].value(), (Matrix{2, 2}));
  EXPECT_FALSE(x.has_grad());
  y.retain_grad();
  sum(y).backward();
  EXPECT_EQ(y.grad(), (Matrix{2, 2}));
  const Scalar s = variable(1.0), t = s * 3.0;
  s.register_hook(twice);
  t.register_hook(twice);
  const auto slopes = grad(t * 1.0, {s, t});
  EXPECT_EQ(slopes[0].value(), 12);
  EXPECT_EQ(slopes[1].value(), 2);
}

TEST(Hooks, ArePartOfARecordedSweep) {
  const Scalar s = variable(3.0), t = s * s;
  t.register_hook([&](const Scalar& g) { return g * s; });
  s.register_hook(twice);
  const Scalar slope = grad(t * t, {s}, {.create_graph = true})[0];  // 2 * 2 s^2 s 2 s = 8 s^4
  EXPECT_DOUBLE_EQ(slope.value(), 8 * 81);
  EXPECT_DOUBLE_EQ(grad([](const Scalar& v) { return v; })(1.0).value(), 1);
  slope.backward();
  EXPECT_DOUBLE_EQ(s.grad(), 2 * (16 * 27 + 3 * 8 * 9 * 6));  // 8 t s^2, by way of the hooks again

  const Tensor<double> x = variable(Matrix{3}), y = x * x;
  y.register_hook([&](const Tensor<double>& g) {
    EXPECT_TRUE(g.requires_grad());
    return g * x;
  });
  const Tensor<double> gradient = grad(y * y, {x}, {.create_graph = true})[0];
  EXPECT_EQ(gradient.value(), (Matrix{4 * 81}));
  y.register_hook([](const Tensor<double>&) {});
}

TEST(Hooks, OnLargeElementwiseStepsSeeWholeGradients) {
  const std::size_t n = 100'000;
  const Tensor<double> x = variable(Matrix(xt::ones<double>({n})));
  const Tensor<double> a = exp(x), b = tanh(a), c = b * x;
  int calls = 0;
  for (const Tensor<double>* step : {&a, &b, &c})
    step->register_hook([&](const Tensor<double>& g) {
      EXPECT_EQ(g.shape(), Shape{n});
      ++calls;
    });
  backward(sum(c + a), {.retain_graph = true});
  EXPECT_EQ(calls, 3);
  const Matrix unchanged = x.grad();
  x.zero_grad();
  a.register_hook(twice);
  const Tensor<double> copy = variable(x.value()), a2 = exp(copy);
  sum(c + a).backward();
  sum(tanh(a2) * copy.detach() + a2).backward();
  for (const std::size_t i : {std::size_t{0}, n - 1}) {
    const double through = std::tanh(std::exp(1.0));
    EXPECT_NEAR(unchanged[i], copy.grad()[i] + through, 1e-12);
    EXPECT_NEAR(x.grad()[i], 2 * copy.grad()[i] + through, 1e-12);
  }
}

TEST(Hooks, InLongRunsOfScalarSteps) {
  const Scalar x = variable(1.0);
  Scalar y = x, hooked;
  for (int i = 0; i < 20'000; ++i) {
    y = y * 1.0 + x;
    if (i == 11'000) {
      hooked = y;
      y.register_hook(twice);
    }
  }
  y.backward();
  EXPECT_EQ(hooked.grad(), 2);
  EXPECT_EQ(x.grad(), (20'000 - 11'001) + 2 * 11'002);
}

TEST(Hooks, InACheckpointSeeEachGradientOnce) {
  const Tensor<double> w = variable(Matrix{2, 3}), x = variable(Matrix{1, 1});
  int of_variable = 0, inside = 0;
  w.register_hook([&](const Tensor<double>& g) {
    ++of_variable;
    EXPECT_EQ(g.value(), (Matrix{3, 3}));
  });
  const auto layer = [&](const std::vector<Tensor<double>>& in) {
    const Tensor<double> h = in[0] * w;
    if (h.requires_grad()) h.register_hook([&](const Tensor<double>&) { ++inside; });
    return h * 1.0;
  };
  sum(checkpoint(layer, std::vector<Tensor<double>>{x}) + w * 2).backward();
  EXPECT_EQ(of_variable, 1);
  EXPECT_EQ(inside, 1);
}

// A sweep within a sweep, over steps that the outer one has not finished.
TEST(Hooks, MaySweepTheSameSteps) {
  const Scalar s = variable(3.0), t = s * s, u = t * 2.0, product = u * t;
  const Tensor<double> x = variable(Matrix{1});
  const Tensor<double> y = x * 5;
  double slope = 0;
  const auto sweep = [&](const auto&) { slope = grad(product, {s}, {.retain_graph = true})[0].value(); };
  y.register_hook(sweep);
  u.register_hook(
      [&](const Scalar& g) { slope += grad(t, {s}, {.retain_graph = true})[0].value() * g.value(); });
  (to_scalar(y) * t + u).backward();
  EXPECT_DOUBLE_EQ(slope, 8 * 27);
  EXPECT_DOUBLE_EQ(s.grad(), 5 * 6 + 12);
  EXPECT_EQ(x.grad(), (Matrix{45}));
}

TEST(Hooks, ThatReleaseWhatIsStillToBeSweptAreErrors) {
  for (const bool by_grad : {true, false})
    for (const bool is_recorded : {true, false})
      for (const std::size_t n : {std::size_t{2}, std::size_t{100'000}}) {  // in blocks too
        const Tensor<double> x = variable(Matrix(xt::ones<double>({n})));
        const Tensor<double> h = exp(x), y = tanh(h * h), loss = sum(y), inner = sum(h);
        y.register_hook([&](const Tensor<double>&) { by_grad ? void(grad(inner, {x})) : inner.backward(); });
        if (is_recorded)
          EXPECT_THROW((void)grad(loss, {x}, {.create_graph = true}), GraphError);
        else
          EXPECT_THROW(loss.backward(), GraphError);
        EXPECT_EQ(x.has_grad(), is_recorded && !by_grad);  // by the hook alone
      }
}

// What the outer sweep has brought to the steps stays there, and it alone.
TEST(Hooks, MaySweepSharedTensorSteps) {
  for (const bool is_backward : {true, false})
    for (const bool is_first : {true, false}) {
      const Tensor<double> x = variable(Matrix{1, 2}), h = x * 5, a = h * 2, b = h * 3, root = sum(h);
      h.retain_grad();
      (is_first ? a : b).register_hook([&](const Tensor<double>&) {
        if (is_backward)
          backward(root, {.retain_graph = true, .keep_grads = true});
        else
          (void)grad(root, {x}, {.retain_graph = true});
      });
      sum(a + b).backward();
      const double inner = is_backward ? 5 : 0;
      EXPECT_EQ(x.grad(), (Matrix{25 + inner, 25 + inner})) << is_backward << is_first;
      EXPECT_EQ(h.grad(), (Matrix{5, 5})) << is_backward << is_first;
    }
}

// A tensor made from a Scalar collects in double.
TEST(Hooks, MaySweepSharedBridges) {
  for (const bool is_backward : {true, false})
    for (const bool is_first : {true, false}) {
      const Scalar s = variable(3.0);
      const Tensor<double> t = to_tensor(s), a = t * 2, b = t * 3, root = t * 7;
      (is_first ? a : b).register_hook([&](const Tensor<double>&) {
        if (is_backward)
          backward(root, {.retain_graph = true});
        else
          EXPECT_EQ(grad(root, {s}, {.retain_graph = true})[0].value(), 7);
      });
      (a + b).backward();
      EXPECT_EQ(s.grad(), is_backward ? 12 : 5) << is_backward << is_first;
    }
}

// Beside a graph of tensors, what Scalars show is nobody's business.
TEST(Hooks, InSweepsOfTensorsMayUseScalars) {
  const Scalar s = variable(2.0), other = variable(1.0);
  {
    const Scalar gone = variable(3.0);
    (gone * 7.0).backward();
  }
  (s * 3.0).backward();
  (other * 3.0).backward();
  const Tensor<double> x = variable(Matrix{1, 2}), y = x * 2;
  std::optional<Scalar> made;
  y.register_hook([&](const Tensor<double>&) {
    EXPECT_EQ(s.grad(), 3);
    other.zero_grad();
    made = variable(4.0);
    EXPECT_EQ(made->grad(), 0);
  });
  sum(y).backward();
  EXPECT_EQ(s.grad(), 3);
  EXPECT_EQ(other.grad(), 0);
  EXPECT_EQ(made->grad(), 0);
}

// Where Scalars take part, the place of one that is gone may still hold its gradient.
TEST(Hooks, MayMakeScalarsWhereOthersHaveBeen) {
  std::thread([] {
    const Scalar s = variable(2.0);
    {
      const Scalar gone = variable(3.0);
      (gone * 7.0).backward();
    }
    const Tensor<double> x = variable(Matrix{1, 2}), y = x * 2;
    std::optional<Scalar> made;
    y.register_hook([&](const Tensor<double>&) { made = variable(4.0); });
    (sum(y) * s).backward();
    EXPECT_EQ(made->grad(), 0);
    EXPECT_EQ(s.grad(), 6);
  }).join();
}

TEST(Hooks, ThatOnlyReadChangeNothing) {
  const Scalar s = variable(0.0);
  const Tensor<float> t = to_tensor<float>(s);
  t.register_hook([](const Tensor<float>&) {});
  (to_scalar(t) * 0.1).backward();
  EXPECT_EQ(s.grad(), 0.1);
}

TEST(Hooks, ThatThrowLeaveEverythingAsBefore) {
  const Tensor<double> x = variable(Matrix{1, 2}), y = exp(x);
  const Scalar s = variable(2.0), t = s * s;
  sum(x * 2).backward();
  (s * 2.0).backward();
  HookHandle bad = y.register_hook([](const Tensor<double>&) { throw std::runtime_error("no"); });
  HookHandle bad_scalar = t.register_hook([](const Scalar&) { throw std::runtime_error("no"); });
  const Tensor<double> loss = sum(y * x) * t + x * s;
  const Scalar root = t * t;
  for (int i = 0; i < 2; ++i) {
    EXPECT_THROW(loss.backward(Matrix{1, 1}), std::runtime_error);
    EXPECT_THROW(root.backward(), std::runtime_error);
    EXPECT_THROW((void)grad(root, {s}), std::runtime_error);
    EXPECT_THROW((void)grad(root, {s}, {.create_graph = true}), std::runtime_error);
    EXPECT_EQ(x.grad(), (Matrix{2, 2}));
    EXPECT_EQ(s.grad(), 2);
    EXPECT_FALSE(t.has_grad());
  }
  bad.remove();
  bad_scalar.remove();
  loss.backward(Matrix{1, 1});
  backward(root);
  EXPECT_NEAR(x.grad()[0], 2 + 2 * 4 * (std::exp(1.0) + std::exp(1.0)) + 2, 1e-12);
  EXPECT_NEAR(s.grad(), 2 + 4 * 2 * (std::exp(1.0) + 2 * std::exp(2.0)) + 3 + 32, 1e-12);
}

TEST(Hooks, WrongUsesAreErrors) {
  const Tensor<double> x = variable(Matrix{1, 2}), y = exp(x);
  EXPECT_THROW(Tensor<double>(Matrix{1}).register_hook(twice), GraphError);
  EXPECT_THROW(Scalar(1.0).register_hook(twice), GraphError);
  HookHandle wrong = y.register_hook([](const Tensor<double>&) { return Tensor<double>(Matrix{1, 2, 3}); });
  HookHandle number = x.register_hook([](const Tensor<double>&) { return 0.0; });
  try {
    sum(y).backward();
    ADD_FAILURE() << "nothing was thrown";
  } catch (const ShapeError& error) {
    EXPECT_STREQ(
        error.what(),
        "[register_hook] a hook returned shape (3) for a gradient of shape (2): they must be the same");
  }
  wrong.remove();
  EXPECT_THROW(sum(exp(x)).backward(), ShapeError);
  EXPECT_FALSE(x.has_grad());
  number.remove();
  sum(y).backward();
  const Scalar s = variable(1.0);
  std::thread([&] { EXPECT_THROW(s.register_hook(twice), GraphError); }).join();
}

TEST(Hooks, HandlesOutliveWhatTheyWereRegisteredOn) {
  HookHandle of_tensor, of_scalar, of_thread;
  {
    const Tensor<double> x = variable(Matrix{1});
    of_tensor = exp(x).register_hook(twice);
    of_scalar = (variable(1.0) * 2.0).register_hook(twice);
  }
  std::thread([&] { of_thread = (variable(1.0) * 2.0).register_hook(twice); }).join();
  std::thread([&] { of_scalar.remove(); }).join();
  of_tensor.remove();
  of_thread.remove();
  HookHandle().remove();
}

// The place of a step that is gone is used again: its hooks are not those of the next.
TEST(Hooks, EndWithTheirStep) {
  std::thread([] {
    for (int i = 0; i < 3; ++i) {
      const Scalar x = variable(2.0);
      const Scalar y = x * x;
      if (i == 0) {
        y.register_hook(twice);
        x.register_hook(twice);
      }
      y.backward();
      EXPECT_EQ(x.grad(), i == 0 ? 16 : 4) << i;
    }
  }).join();
}

// A tensor moves to another thread with its hooks.
TEST(Hooks, MoveWithTheirTensor) {
  const Tensor<double> x = variable(Matrix{1, 2});
  const Tensor<double> y = x * 3;
  y.register_hook(twice);
  std::thread([&] { sum(y).backward(); }).join();
  EXPECT_EQ(x.grad(), (Matrix{6, 6}));
}

}  // namespace
