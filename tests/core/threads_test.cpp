#include <fstream>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include <gradus/core/record_books.hpp>
#include <gradus/gradus.hpp>

// Each thread records its own scalars; tensors may move between threads.
namespace gradus {
namespace {

using Matrix = xt::xarray<double>;

/// Runs f in a thread of its own, and waits.
template <class F>
void elsewhere(const F& f) {
  std::thread(f).join();
}

TEST(Threads, AVariableOfAnotherIsNotTakenForTheLatestStep) {
  elsewhere([] {
    Scalar foreign = variable(1.0);
    elsewhere([&] {
      const Scalar mine = variable(2.0);
      EXPECT_THROW((void)(std::move(foreign) + mine), GraphError);
    });
  });
}

TEST(Threads, NothingCanBeDoneWithAScalarOfAnother) {
  const Scalar x = variable(2.0).named("x"), y = x * x, constant = 5.0;
  const Tensor<double> t = to_tensor(y) * 3.0;
  const auto expect_errors = [&] {
    EXPECT_THROW((void)x.value(), GraphError);  // a variable's value may change while it is read
    for (const Scalar* s : {&x, &y}) {
      EXPECT_THROW((void)(*s + 1), GraphError);
      EXPECT_THROW((void)(1 / *s), GraphError);
      EXPECT_THROW((void)exp(*s), GraphError);
      EXPECT_THROW((void)pow(*s, *s), GraphError);
      EXPECT_THROW((void)(variable(1.0) * *s), GraphError);
      EXPECT_THROW((void)(constant * *s), GraphError);
      EXPECT_THROW((void)s->grad(), GraphError);
      EXPECT_THROW((void)s->has_grad(), GraphError);
      EXPECT_THROW((void)s->stage(), GraphError);
      EXPECT_THROW(s->zero_grad(), GraphError);
      EXPECT_THROW(s->set_value(1), GraphError);
      EXPECT_THROW((void)s->named("y"), GraphError);
      EXPECT_THROW(s->backward(), GraphError);
      EXPECT_THROW((void)grad(variable(1.0) * 2, {*s}), GraphError);
      EXPECT_THROW((void)to_tensor(*s), GraphError);
      EXPECT_THROW((void)stack({*s}), GraphError);
      EXPECT_THROW((void)(Tensor<double>(Matrix{1, 2}) * *s), GraphError);
      const NoGrad off;
      EXPECT_THROW((void)(*s * 2), GraphError);
    }
    EXPECT_THROW(t.backward(), GraphError);  // scalars of another thread lie behind it
    EXPECT_EQ((constant * 2).value(), 10);
  };
  elsewhere(expect_errors);  // without a record of its own
  elsewhere([&] {
    const Scalar mine = variable(7.0), step = mine * 2.0;
    expect_errors();
    step.backward();
    EXPECT_EQ(mine.grad(), 2);
  });
  EXPECT_FALSE(x.has_grad());
  t.backward();
  EXPECT_EQ(x.grad(), 12);
  EXPECT_EQ(x.name(), "x");
}

TEST(Threads, AScalarOfALivingThreadIsNotCopiedInAnother) {
  const Scalar x = variable(2.0), y = x * x;
  elsewhere([&] {
    Scalar mine = variable(1.0);
    for (const Scalar* s : {&x, &y}) {
      try {
        const Scalar copy = *s;
        ADD_FAILURE() << "a copy was made";
      } catch (const GraphError& error) {
        EXPECT_TRUE(std::string(error.what()).starts_with("[copy] a Scalar of another thread: "))
            << error.what();
      }
      EXPECT_THROW(mine = *s, GraphError);
      EXPECT_TRUE(mine < y);  // compares values, which copies nothing
    }
    EXPECT_EQ(mine.value(), 1);
  });
  y.backward();
  EXPECT_EQ(x.grad(), 4);
}

TEST(Threads, HandlesMayOutliveTheirThread) {
  std::vector<Scalar> scalars;
  std::optional<Tensor<double>> leaf, step, mixed;
  elsewhere([&] {
    const Scalar x = variable(2.0);
    scalars = {x, x * x, Scalar(3.0)};
    leaf = variable(Matrix{1, 2});
    step = sum(*leaf * *leaf);
    mixed = *leaf * (x * 2.0);
  });
  EXPECT_THROW((void)scalars[0].value(), GraphError);
  EXPECT_EQ(scalars[1].value(), 4);
  EXPECT_THROW(scalars[1].backward(), GraphError);
  EXPECT_EQ(scalars[2].value(), 3);
  const std::vector<Scalar> copies = scalars;
  const Scalar here = variable(1.0), y = here * 2.0;
  step->backward();
  EXPECT_EQ(leaf->grad(), (Matrix{2, 4}));
  EXPECT_EQ(mixed->value(), (Matrix{4, 8}));
  EXPECT_THROW(mixed->backward(Matrix{1, 1}), GraphError);
  scalars.clear();
  mixed.reset();
  y.backward();
  EXPECT_EQ(here.grad(), 2);
}

TEST(Threads, TensorsMoveBetweenThreads) {
  const Tensor<double> w = variable(Matrix{{1, 2}, {3, 4}});
  for (int i = 0; i < 20; ++i) {
    std::optional<Tensor<double>> loss;
    elsewhere([&] { loss = sum(tanh(matmul(w, w))); });
    elsewhere([&] { loss->backward(); });
    elsewhere([&] { w.set_value(w.value() - 0.01 * w.grad()); });
    w.zero_grad();
    elsewhere([taken = std::move(*loss)] {});  // what another thread made is given back here
  }
  EXPECT_TRUE(w.requires_grad());
}

TEST(Threads, NoGradIsOfItsThread) {
  const Tensor<double> w = variable(Matrix{1, 2});
  const NoGrad off;
  elsewhere([&] {
    EXPECT_TRUE(is_recording());
    EXPECT_TRUE((w * 2.0).requires_grad());
    EXPECT_TRUE((variable(1.0) * 2.0).requires_grad());
    const NoGrad here;
    EXPECT_FALSE((variable(1.0) * 2.0).requires_grad());
  });
  EXPECT_FALSE((w * 2.0).requires_grad());
}

/// A small mixed training run of its own.
double train() {
  const Scalar scale = variable(0.5);
  const Tensor<double> w = variable(Matrix{{0.1, -0.2}, {0.3, 0.4}});
  for (int i = 0; i < 200; ++i) {
    const Scalar loss = to_scalar(sum(square(tanh(matmul(w, w)) * (scale * scale) - 0.1))) + scale * 0.01;
    loss.backward();
    w.set_value(w.value() - 0.05 * w.grad());
    scale.set_value(scale.value() - 0.05 * scale.grad());
    w.zero_grad();
    scale.zero_grad();
  }
  return scale.value() + w.value()(1, 1);
}

TEST(Threads, IndependentGraphsGiveTheSameResults) {
  const double expected = train();
  std::vector<double> results(8);
  std::vector<std::thread> threads;
  for (double& result : results) threads.emplace_back([&result] { result = train(); });
  for (std::thread& thread : threads) thread.join();
  for (const double result : results) EXPECT_EQ(result, expected);
}

double reserved_gigabytes() {
  double pages = 0;
  std::ifstream("/proc/self/statm") >> pages;
  return pages * 4096 / 1e9;
}

TEST(Threads, RecordsOfEndedThreadsAreGivenBack) {
  const auto record_something = [] {
    const Scalar x = variable(2.0), y = x * x;
    y.backward();
    EXPECT_EQ(x.grad(), 4);
  };
  elsewhere(record_something);
  const double before = reserved_gigabytes();
  for (int i = 0; i < 20; ++i) elsewhere(record_something);  // each reserves tens of gigabytes
  EXPECT_LT(reserved_gigabytes() - before, 5);
}

TEST(Threads, ScalarsThatEndWithATensorElsewhereAreGivenBack) {
  const Scalar x = variable(2.0);
  const auto room = [] { return detail::thread_record.books->order.size(); };
  (void)(x * x);
  const std::size_t before = room();
  for (int round = 0; round < 20; ++round) {
    std::vector<Tensor<double>> made;
    for (int i = 0; i < 5'000; ++i) made.push_back(to_tensor(exp(x * x) + 1.0) * 2.0);
    elsewhere([taken = std::move(made)]() mutable { taken.clear(); });
  }
  for (int i = 0; i < 5'000; ++i) (void)(x * x);
  EXPECT_LE(room(), before + 5);  // 300,000 steps would fill 73 chunks
  const Tensor<double> t = to_tensor(x * x);
  t.backward();
  EXPECT_EQ(x.grad(), 4);
}

TEST(Threads, ScalarsThatEndElsewhereAreGivenBack) {
  const Scalar x = variable(2.0);
  const auto room = [] { return detail::thread_record.books->order.size(); };
  (void)(x * x);
  const std::size_t before = room();
  for (int round = 0; round < 20; ++round) {
    std::vector<Scalar> made;
    for (int i = 0; i < 5'000; ++i) made.push_back(exp(x * x) + 1.0);
    elsewhere([taken = std::move(made), last = x * x]() mutable {
      taken.clear();
      last = variable(1.0);
    });
  }
  for (int i = 0; i < 5'000; ++i) (void)(x * x);
  EXPECT_LE(room(), before + 5);  // 300,000 steps would fill 73 chunks
  (x * x).backward();
  EXPECT_EQ(x.grad(), 4);
}

thread_local Scalar late;  // destroyed after the record or before it

TEST(Threads, ScalarsMayBeThreadLocal) {
  elsewhere([] {
    late = variable(1.0) * 2.0;
    EXPECT_EQ(late.value(), 2);
  });
  elsewhere([] {
    const Scalar first = variable(1.0) * 2.0;  // opens the record before `late` is made
    late = first;
  });
}

}  // namespace
}  // namespace gradus
