#include "tensor_values.hpp"
#include "wrong_calls.hpp"

namespace gradus::wrong_calls {
namespace {

Tensor<double> of(const Shape& shape) { return variable(irregular(shape).value()); }

/// Symmetric and regular: every op here takes it.
Tensor<double> good() { return variable(xt::xarray<double>{{4, 1}, {1, 3}}); }

/// Matrices of which that at 1 is singular, and of which that at 2 is not finite.
Tensor<double> singular_second() {
  return xt::xarray<double>{{{1, 0}, {0, 1}}, {{1, 2}, {2, 4}}, {{1, 0}, {0, 1}}};
}
Tensor<double> nan_third() {
  return xt::xarray<double>{{{1, 0}, {0, 1}}, {{1, 0}, {0, 2}}, {{1, nan_value}, {nan_value, 1}}};
}

using Of = std::function<Tensor<double>(const Tensor<double>&)>;

class Calls {
 public:
  void add(Kind kind, const char* op, const std::function<void()>& call, std::vector<std::string> says) {
    if (kind == Kind::shape || kind == Kind::value) says.push_back(std::string("[") + op + "]");
    all.push_back({op, call, kind, std::move(says)});
  }

  /// What is wrong with every op on matrices. `step` is what a sweep from the result begins with.
  void add_common(const char* op, const std::string& step, const Of& f, bool needs_square) {
    for (const Shape& shape : {Shape{}, Shape{3}})
      add(Kind::shape, op, [=] { f(of(shape)); }, {to_string(shape), "at least two axes"});
    if (needs_square)
      for (const Shape& shape : {Shape{2, 3}, Shape{2, 3, 2}, Shape{0, 1}})
        add(Kind::shape, op, [=] { f(of(shape)); }, {to_string(shape), "square"});
    const auto sweep = [](const Tensor<double>& y) { backward(y, y.detach()); };
    add(Kind::graph, op,
        [=] {
          const Tensor<double> y = f(good());
          sweep(y);
          sweep(y);
        },
        {"the " + step + " step", "retain_graph"});
    add(Kind::graph, op,
        [=] {
          const Tensor<double> x = good().named("x"), y = f(x);
          x.set_value(xt::xarray<double>{{1, 2}, {3, 4}});
          sweep(y);
        },
        {"'x'", std::string("the ") + op + " step"});
  }
  void add_singular(const char* op, const Of& f) {
    add(Kind::value, op, [=] { f(xt::xarray<double>{{1, 2}, {2, 4}}); }, {"(2,2): the matrix is singular"});
    add(Kind::value, op, [=] { f(singular_second()); }, {"(3,2,2): matrix 1 of the batch is singular"});
  }
  void add_infinite(const char* op, const Of& f) {
    add(Kind::value, op, [=] { f(nan_third()); }, {"(3,2,2): matrix 2 of the batch", "infinite or NaN"});
    add(Kind::value, op,
        [=] {
          f(xt::xarray<double>{{1, HUGE_VAL}, {HUGE_VAL, 1}});
        },
        {"(2,2): the matrix has", "infinite or NaN"});
  }

  std::vector<WrongCall> all;
};

void add_systems(Calls& calls) {
  calls.add_common(
      "inv", "inv", [](const auto& x) { return inv(x); }, true);
  calls.add_singular("inv", [](const auto& x) { return inv(x); });
  const Tensor<double> b = xt::xarray<double>{{1, 2}, {3, 4}};
  calls.add_common(
      "solve", "solve", [=](const auto& x) { return solve(x, b); }, true);
  calls.add_singular("solve", [=](const auto& x) { return solve(x, b); });
  calls.add_common(
      "solve_triangular", "solve_triangular", [=](const auto& x) { return solve_triangular(x, b); }, true);
  const Tensor<double> no_pivot = xt::xarray<double>{{{1, 0}, {2, 1}}, {{1, 0}, {2, 0}}};
  calls.add(Kind::value, "solve_triangular", [=] { solve_triangular(no_pivot, b, {.lower = false}); },
            {"(2,2,2): matrix 1 of the batch is singular"});
  const auto add = [&](const Shape& a, const Shape& of_b, const std::string& says) {
    const std::string shapes = to_string(a) + " and right-hand side " + to_string(of_b);
    calls.add(Kind::shape, "solve", [=] { solve(of(a), of(of_b)); }, {shapes, says});
    calls.add(Kind::shape, "solve_triangular", [=] { solve_triangular(of(a), of(of_b)); }, {shapes, says});
  };
  add({3, 3}, {2, 3}, "expected 3 rows, or one vector (3)");
  add({3, 3}, {2, 2, 3}, "expected 3 rows, or one vector (3)");
  add({2, 3, 3}, {4, 3, 1}, "do not broadcast");
  calls.add(Kind::shape, "solve", [] { solve(of({3, 3}), of({})); }, {"()", "at least two axes"});
}

void add_others(Calls& calls) {
  calls.add_common(
      "det", "det", [](const auto& x) { return det(x); }, true);
  calls.add_common(
      "slogdet", "take", [](const auto& x) { return slogdet(x).logabs; }, true);
  calls.add_common(
      "matrix_power", "matrix_power", [](const auto& x) { return matrix_power(x, 3); }, true);
  calls.add_singular("matrix_power", [](const auto& x) { return matrix_power(x, -2); });
  calls.add_common(
      "pinv", "pinv", [](const auto& x) { return pinv(x); }, false);
  calls.add_infinite("pinv", [](const auto& x) { return pinv(x); });
  calls.add(Kind::value, "pinv", [] { pinv(good(), {.rcond = nan_value}); }, {"rcond is NaN"});
}

void add_decompositions(Calls& calls) {
  const auto of_cholesky = [](const auto& x) { return cholesky(x); };
  calls.add_common("cholesky", "cholesky", of_cholesky, true);
  calls.add(Kind::value, "cholesky", [] { cholesky(-good()); },
            {"(2,2): the matrix is not positive definite"});
  calls.add(Kind::value, "cholesky", [] { cholesky(singular_second()); },
            {"(3,2,2): matrix 1 of the batch is not positive definite"});
  calls.add(Kind::value, "cholesky", [] { cholesky(nan_third()); }, {"(3,2,2): matrix 2 of the batch"});
  calls.add_common(
      "eigh", "take", [](const auto& x) { return eigh(x).vectors; }, true);
  calls.add_infinite("eigh", [](const auto& x) { return eigh(x).values; });
  calls.add_common(
      "svd", "take", [](const auto& x) { return svd(x).u; }, false);
  calls.add_infinite("svd", [](const auto& x) { return svdvals(x); });
  calls.add_common(
      "qr", "take", [](const auto& x) { return qr(x).r; }, false);
  const auto add_seed = [&](const Shape& shape, const std::string& expected) {
    const auto call = [=] { backward(qr(of(shape)).q, Tensor<double>(xt::xarray<double>{1, 2, 3})); };
    calls.all.push_back({"qr", call, Kind::shape, {"[backward]", "(3)", expected}});
  };
  add_seed({3, 2}, "(3,2)");
  add_seed({2, 4}, "(2,2)");
}

}  // namespace

std::vector<WrongCall> of_linalg() {
  Calls calls;
  add_systems(calls);
  add_others(calls);
  add_decompositions(calls);
  return calls.all;
}

}  // namespace gradus::wrong_calls
