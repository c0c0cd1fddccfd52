#include <cmath>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "tensor_values.hpp"
#include <gtest/gtest.h>

#include <gradus/gradus.hpp>

// Where reductions, what is normalised along an axis, running sums and products and orders may go wrong: rows
// without any finite element, NaN, zeros, ties, the ends of the range of numbers. One row for each point,
// with the value and the gradient we chose (of the sum of the results), tried on doubles and, where they can
// hold the numbers, on floats. Where PyTorch differs (1.13, doubles) the row says so.
namespace gradus {
namespace {

struct Row {
  const char* op;
  Numbers x, y, dx;
  const char* why;
};

template <class T>
using Op = std::function<Tensor<T>(const Tensor<T>&)>;
struct Ops {
  Op<double> on_doubles;
  Op<float> on_floats;
};

/// What is applied: the name of the function, and what else it is given.
const std::map<std::string, Ops>& ops() {
  static const std::map<std::string, Ops> all = [] {
    std::map<std::string, Ops> result;
    const auto add = [&](const char* name, const auto& f) { result[name] = {f, f}; };
#define GRADUS_OP(function) add(#function, [](const auto& x) { return gradus::function(x); })
    GRADUS_OP(sum);
    GRADUS_OP(mean);
    GRADUS_OP(prod);
    GRADUS_OP(max);
    GRADUS_OP(min);
    GRADUS_OP(var);
    GRADUS_OP(std);
    GRADUS_OP(logsumexp);
    GRADUS_OP(norm);
    GRADUS_OP(softmax);
    GRADUS_OP(log_softmax);
    GRADUS_OP(cumsum);
    GRADUS_OP(cumprod);
    GRADUS_OP(sort);
    GRADUS_OP(trace);
#undef GRADUS_OP
    add("var ddof 1", [](const auto& x) { return var(x, {}, {.ddof = 1}); });
    add("std ddof 1", [](const auto& x) { return gradus::std(x, {}, {.ddof = 1}); });
    add("norm -inf", [](const auto& x) { return norm(x, {}, {.p = -infinity}); });
    add("norm -1", [](const auto& x) { return norm(x, {}, {.p = -1}); });
    add("norm 0", [](const auto& x) { return norm(x, {}, {.p = 0}); });
    add("norm 0.5", [](const auto& x) { return norm(x, {}, {.p = 0.5}); });
    add("norm 1", [](const auto& x) { return norm(x, {}, {.p = 1}); });
    add("norm 3", [](const auto& x) { return norm(x, {}, {.p = 3}); });
    add("norm inf", [](const auto& x) { return norm(x, {}, {.p = infinity}); });
    add("top 2", [](const auto& x) { return topk(x, 2).values; });
    add("bottom 2", [](const auto& x) { return topk(x, 2, -1, false).values; });
    add("where log", [](const auto& x) { return where(x > 0, log(x), x); });
    add("where sqrt", [](const auto& x) { return where(x > 0, sqrt(x), 2 * x); });
    add("where 1/x", [](const auto& x) { return where(x != 0, 1 / x, x); });
    add("where norm", [](const auto& x) { return where(x > 0, x / norm(x), x * 3); });
    add("triu tril", [](const auto& x) { return triu(tril(reshape(x, {2, 2}))); });
    return result;
  }();
  return all;
}

// clang-format off
const Row rows[] = {
    // Rows of which no element counts.
    {"softmax", {-infinity, -infinity}, {nan_value, nan_value}, {nan_value, nan_value}, "0/0: there is no distribution"},
    {"log_softmax", {-infinity, -infinity}, {nan_value, nan_value}, {nan_value, nan_value}, "0/0"},
    {"logsumexp", {-infinity, -infinity}, {-infinity}, {nan_value, nan_value}, "ln 0; its gradient is softmax, 0/0"},
    {"softmax", {-infinity, 0}, {0, 1}, {0, 0}, "what is masked out has no part"},
    {"log_softmax", {-infinity, 0}, {-infinity, 0}, {1, -1}, "what is masked out has no part"},
    {"logsumexp", {-infinity, 0}, {0}, {0, 1}, "what is masked out has no part"},
    {"softmax", {infinity, 0}, {nan_value, nan_value}, {nan_value, nan_value}, "inf/inf"},
    {"log_softmax", {infinity, 0}, {nan_value, nan_value}, {nan_value, nan_value}, "inf - inf"},
    {"logsumexp", {infinity, 0}, {infinity}, {nan_value, nan_value}, "its gradient is softmax; PyTorch says 0 for the second"},
    {"softmax", {nan_value, 0}, {nan_value, nan_value}, {nan_value, nan_value}, ""},
    {"log_softmax", {nan_value, 0}, {nan_value, nan_value}, {nan_value, nan_value}, ""},
    {"logsumexp", {nan_value, 0}, {nan_value}, {nan_value, nan_value}, ""},
    {"softmax", {1e+300, -1e+300}, {1, 0}, {0, 0}, "no power is beyond the largest number"},
    {"log_softmax", {1e+300, -1e+300}, {0, -2e+300}, {-1, 1}, ""},
    {"logsumexp", {1e+300, 1e+300}, {1e+300}, {0.5, 0.5}, "shares of 1 also where y is rounded; PyTorch says 1 and 1"},
    {"logsumexp", {-1000, -1000}, {-999.30685281944006}, {0.5, 0.5}, "no power is below the smallest"},

    // Products with zeros.
    {"prod", {2, 0, 3}, {0}, {0, 6, 0}, "one zero: it alone has a gradient"},
    {"prod", {0, 2, 0}, {0}, {0, 0, 0}, "two zeros: none has"},
    {"prod", {-0.0, 2}, {-0.0}, {2, -0.0}, ""},
    {"prod", {infinity, 0}, {nan_value}, {0, infinity}, "the product of the others"},
    {"prod", {nan_value, 2}, {nan_value}, {2, nan_value}, "the product of the others"},
    {"cumprod", {2, 0, 3}, {2, 0, 0}, {1, 8, 0}, "one zero"},
    {"cumprod", {0, 2, 0, 3}, {0, 0, 0, 0}, {3, 0, 0, 0}, "two zeros"},
    {"cumprod", {2, 0, 3, 0, 5}, {2, 0, 0, 0, 0}, {1, 8, 0, 0, 0}, "what is behind both has none"},
    {"cumprod", {nan_value, 2}, {nan_value, nan_value}, {3, nan_value}, "the products of the others; PyTorch says NaN for the first"},
    {"cumprod", {infinity, 0, 1}, {infinity, nan_value, nan_value}, {1, infinity, nan_value}, "PyTorch says NaN, infinity, 0"},

    // Norms.
    {"norm", {0, 0}, {0}, {0, 0}, "kink"},
    {"norm", {1e+200, 1e+200}, {1.414213562373095e+200}, {0.70710678118654752, 0.70710678118654752}, "squares are beyond the largest number; PyTorch says infinity, and 0"},
    {"norm", {3e-200, 4e-200}, {5e-200}, {0.6, 0.8}, "squares are below the smallest; PyTorch says 0, and 0"},
    {"norm", {infinity, 1}, {infinity}, {nan_value, 0}, "inf/inf"},
    {"norm", {nan_value, 1}, {nan_value}, {nan_value, nan_value}, ""},
    {"norm 1", {0, -2}, {2}, {0, -1}, "kink"},
    {"norm 1", {infinity, 1}, {infinity}, {1, 1}, ""},
    {"norm 1", {nan_value, 1}, {nan_value}, {nan_value, 1}, "NaN is never swallowed; PyTorch says 0 and 1"},
    {"norm inf", {3, -3, 1}, {3}, {0.5, -0.5, 0}, "ties share"},
    {"norm inf", {0, 0}, {0}, {0, 0}, "kink"},
    {"norm inf", {infinity, 1}, {infinity}, {1, 0}, ""},
    {"norm inf", {nan_value, 1}, {nan_value}, {nan_value, nan_value}, "NaN is never swallowed; PyTorch says 0 and 0"},
    {"norm -inf", {3, -1, 1}, {1}, {0, -0.5, 0.5}, "ties share"},
    {"norm -inf", {infinity, 1}, {1}, {0, 1}, ""},
    {"norm 3", {0, 0}, {0}, {0, 0}, "kink"},
    {"norm 3", {1e+200, 1e+200}, {1.2599210498948732e+200}, {0.62996052494743658, 0.62996052494743658}, "cubes are beyond the largest number; PyTorch says infinity, and NaN"},
    {"norm 3", {infinity, 1}, {infinity}, {nan_value, 0}, "inf/inf"},
    {"norm 3", {nan_value, 1}, {nan_value}, {nan_value, nan_value}, ""},
    {"norm 0.5", {0, 4}, {4}, {0, 1}, "not infinite at 0"},
    {"norm -1", {0, 4}, {0}, {0, 0}, "kink"},
    {"norm -1", {1e+200, 1e+200}, {5e+199}, {0.25, 0.25}, "PyTorch says NaN for the gradient"},
    {"norm 0", {0, -3, 1e-200}, {2}, {0, 0, 0}, "a number of elements"},
    {"norm 0", {nan_value, 1}, {nan_value}, {0, 0}, "NaN is never swallowed; PyTorch says 2"},

    // Variance and standard deviation.
    {"var", {5, 5, 5}, {0}, {0, 0, 0}, ""},
    {"var", {0.1, 0.1, 0.1}, {0}, {0, 0, 0}, "whatever the mean is rounded to; PyTorch says 2e-34"},
    {"std", {5, 5, 5}, {0}, {0, 0, 0}, "kink"},
    {"std", {0.1, 0.1, 0.1}, {0}, {0, 0, 0}, "whatever the mean is rounded to; PyTorch says 1.4e-17, and -1/3 three times"},
    {"std", {7}, {0}, {0}, "kink"},
    {"std ddof 1", {7}, {nan_value}, {nan_value}, "0/0: no freedom is left"},
    {"var ddof 1", {7}, {nan_value}, {nan_value}, "0/0: no freedom is left"},
    {"std", {1e+200, -1e+200}, {1e+200}, {0.5, -0.5}, "finite where the variance is not; PyTorch says infinity, and 0"},
    {"std", {1e-200, 3e-200}, {1e-200}, {-0.5, 0.5}, "other than 0 where the variance is 0; PyTorch says 0, and 0"},
    {"var", {1e+200, -1e+200}, {infinity}, {1e+200, -1e+200}, "beyond the largest number"},
    {"var", {1000000004., 1000000007., 1000000013., 1000000016.}, {22.5}, {-3, -1.5, 1.5, 3}, "of neighbours: two passes"},
    {"std", {1000000004., 1000000007., 1000000013., 1000000016.}, {4.743416490252569}, {-0.31622776601683794, -0.15811388300841897, 0.15811388300841897, 0.31622776601683794}, "of neighbours"},
    {"var", {16777208, 16777210, 16777212, 16777214}, {5}, {-1.5, -0.5, 0.5, 1.5}, "of neighbours among the largest whole floats"},
    {"std", {16777208, 16777210, 16777212, 16777214}, {2.23606797749979}, {-0.33541019662496846, -0.11180339887498949, 0.11180339887498949, 0.33541019662496846}, ""},
    {"var", {infinity, 1}, {nan_value}, {nan_value, -infinity}, "inf - inf"},
    {"std", {infinity, 1}, {nan_value}, {nan_value, nan_value}, "inf - inf"},
    {"std", {nan_value, 1}, {nan_value}, {nan_value, nan_value}, ""},

    // Extremes.
    {"max", {3, 3, 1}, {3}, {0.5, 0.5, 0}, "ties share"},
    {"min", {2, 1, 1, 1}, {1}, {0, 1. / 3, 1. / 3, 1. / 3}, "ties share"},
    {"max", {-infinity, -infinity}, {-infinity}, {0.5, 0.5}, "ties share"},
    {"max", {-0.0, 0.0}, {0}, {0.5, 0.5}, "equal, whatever their sign"},
    {"max", {nan_value, 1}, {nan_value}, {nan_value, nan_value}, "NaN is never swallowed; PyTorch's max says 1 and 0, its amax as we"},
    {"min", {1, nan_value}, {nan_value}, {nan_value, nan_value}, "NaN is never swallowed"},
    {"sort", {2, nan_value, 1, 2}, {1, 2, 2, nan_value}, {1, 1, 1, 1}, "NaN last"},
    {"top 2", {2, nan_value, 1, 2}, {nan_value, 2}, {1, 1, 0, 0}, "NaN is the largest, of equals the first; PyTorch takes the last 2"},
    {"bottom 2", {2, nan_value, 1, 2}, {1, 2}, {1, 0, 1, 0}, "of equals the first"},
    {"top 2", {-infinity, infinity, infinity}, {infinity, infinity}, {0, 1, 1}, ""},

    // Sums.
    {"sum", {infinity, -infinity}, {nan_value}, {1, 1}, ""},
    {"mean", {1e+308, 1e+308, 1e+308}, {1e+308}, {1. / 3, 1. / 3, 1. / 3}, "finite where the sum is not; PyTorch says infinity"},
    {"mean", {0.1, 0.1, 0.1}, {0.1}, {1. / 3, 1. / 3, 1. / 3}, "exactly; see the variance"},
    {"mean", {infinity, -infinity}, {nan_value}, {0.5, 0.5}, ""},
    {"cumsum", {infinity, 1, -infinity, 1}, {infinity, infinity, nan_value, nan_value}, {4, 3, 2, 1}, ""},
    {"cumsum", {1, nan_value, 1}, {1, nan_value, nan_value}, {3, 2, 1}, "NaN from where it stands"},

    // Branches not taken, and parts left out.
    {"where log", {-1, 2}, {-1, 0.69314718055994531}, {1, 0.5}, "ln has no value at -1"},
    {"where log", {0, 2}, {0, 0.69314718055994531}, {1, 0.5}, "ln has a pole at 0"},
    {"where sqrt", {0, 4}, {0, 2}, {2, 0.25}, "0 times infinity is 0; PyTorch says NaN"},
    {"where 1/x", {0, 4}, {0, 0.25}, {1, -0.0625}, "0 times infinity is 0; PyTorch says NaN"},
    {"where norm", {0, 0}, {0, 0}, {3, 3}, "0/0 is not taken; PyTorch says NaN"},
    {"triu tril", {1, infinity, nan_value, 2}, {1, 0, 0, 2}, {1, 0, 0, 1}, "moved, not multiplied by 0"},

    // Of nothing.
    {"sum", {}, {0}, {}, ""},
    {"mean", {}, {nan_value}, {}, "0/0"},
    {"prod", {}, {1}, {}, ""},
    {"var", {}, {nan_value}, {}, "0/0"},
    {"std", {}, {nan_value}, {}, "0/0"},
    {"logsumexp", {}, {-infinity}, {}, "ln 0"},
    {"norm", {}, {0}, {}, ""},
    {"norm 1", {}, {0}, {}, ""},
    {"norm inf", {}, {0}, {}, "no length at all; PyTorch throws"},
    {"norm -1", {}, {infinity}, {}, "0^(-1); PyTorch throws"},
    {"cumsum", {}, {}, {}, ""},
    {"cumprod", {}, {}, {}, ""},
    {"sort", {}, {}, {}, ""},
    {"softmax", {}, {}, {}, ""},
};
// clang-format on

template <class T>
void expect_as(double got, double expected, const std::string& where) {
  if (std::isnan(expected)) {
    EXPECT_TRUE(std::isnan(got)) << where << ' ' << got;
  } else if (std::isinf(expected) || expected == 0) {
    EXPECT_EQ(got, expected) << where;
  } else {
    EXPECT_NEAR(got, expected, (std::is_same_v<T, float> ? 1e-5 : 1e-14) * std::abs(expected)) << where;
  }
}

/// Whether floats can hold all of them: exactly, or nearly.
bool are_floats(const Numbers& numbers, bool roughly) {
  for (const double x : numbers) {
    const auto as_float = static_cast<float>(x);
    const bool is_float = std::isnan(x) || static_cast<double>(as_float) == x;
    if (!is_float && !(roughly && std::isnormal(as_float))) return false;
  }
  return true;
}

template <class T>
void check(const Op<T>& op, const Row& row, const std::string& type) {
  std::string where = std::string(row.op) + " of";
  for (const double x : row.x) where += ' ' + std::to_string(x);
  where += " (" + type + (*row.why ? std::string(", ") + row.why : "") + ')';
  Array<T> values = empty_array<T>({row.x.size()});
  std::transform(row.x.begin(), row.x.end(), values.begin(), [](double x) { return static_cast<T>(x); });
  const Tensor<T> x = variable(values), y = op(x);
  ASSERT_EQ(y.size(), row.y.size()) << where;
  y.backward(Tensor<T>(full_array<T>(y.shape(), T(1))));
  for (std::size_t i = 0; i < row.y.size(); ++i) expect_as<T>(y.data()[i], row.y[i], where + ", value");
  for (std::size_t i = 0; i < row.dx.size(); ++i)
    expect_as<T>(x.grad().data()[i], row.dx[i], where + ", gradient " + std::to_string(i));
}

TEST(HardReductions, EveryRow) {
  for (const Row& row : rows) {
    check<double>(ops().at(row.op).on_doubles, row, "doubles");
    const bool fits = are_floats(row.x, false) && are_floats(row.y, true) && are_floats(row.dx, true);
    if (fits) check<float>(ops().at(row.op).on_floats, row, "floats");
  }
}

/// The recorded sweep finds the same gradients, where they are numbers.
TEST(HardReductions, EveryRowRecorded) {
  for (const Row& row : rows) {
    Array<double> values = empty_array<double>({row.x.size()});
    std::copy(row.x.begin(), row.x.end(), values.begin());
    const Tensor<double> x = variable(values), y = ops().at(row.op).on_doubles(x);
    const Tensor<double> g = grad(sum(y), {x}, {.create_graph = true})[0];
    for (std::size_t i = 0; i < row.dx.size(); ++i) {
      const std::string where = std::string(row.op) + " (" + row.why + "), gradient " + std::to_string(i);
      if (std::isfinite(row.dx[i])) expect_as<double>(g.data()[i], row.dx[i], where);
    }
  }
}

TEST(HardReductions, ManyFloatsKeepTheirDigits) {
  constexpr std::size_t n = std::size_t{1} << 25;  // one after another they would sum to 2^24
  const Tensor<float> ones = variable(full_array<float>({n}, 1.0F));
  EXPECT_EQ(sum(ones).item(), 33554432.0F);
  EXPECT_EQ(mean(ones).item(), 1.0F);
  EXPECT_EQ(norm(ones).item(), std::sqrt(33554432.0F));
  EXPECT_EQ(norm(ones, {}, {.p = 1}).item(), 33554432.0F);
  EXPECT_EQ(var(ones).item(), 0.0F);
  EXPECT_EQ(count_nonzero(ones), n);
  mean(ones).backward();
  EXPECT_EQ(ones.grad().data()[n - 1], 1.0F / 33554432.0F);
}

TEST(HardReductions, OfNothingThereIsNoExtreme) {
  const Tensor<double> none = xt::xarray<double>::from_shape({2, 0});
  EXPECT_THROW(max(none), ShapeError);
  EXPECT_THROW(min(none, 1), ShapeError);
  EXPECT_THROW(argmax(none), ShapeError);
  EXPECT_THROW(argmin(none, 1), ShapeError);
  EXPECT_EQ(max(none, 0).size(), 0u) << "no maximum is asked for";
  EXPECT_EQ(argmax(none, 0).size(), 0u);
}

}  // namespace
}  // namespace gradus
