#include <cmath>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "../elementwise_ops.hpp"
#include "tensor_values.hpp"
#include <gtest/gtest.h>

#include <gradus/gradus.hpp>

// Where elementwise ops may go wrong: kinks, poles, saturation, the ends of the range of numbers. One row for
// each point, with the value and the local derivatives we chose, tried on Scalars, doubles and floats. Where
// PyTorch differs (1.13, doubles) the row says so: there NaN, infinity times 0, or a lost tail is the result
// of a formula rather than a choice, or NaN is swallowed.
namespace gradus {
namespace {

struct Point {
  const char* op;
  double x, y, dx;
  const char* why;
};
struct PointOfTwo {
  const char* op;
  double a, b, y, da, db;
  const char* why;
};

// clang-format off
const Point points[] = {
    {"exp", 1000, infinity, infinity, "beyond the largest number"},
    {"exp", -1000, 0, 0, "below the smallest"},
    {"exp", -infinity, 0, 0, ""},
    {"exp2", 1024, infinity, infinity, "beyond the largest number"},
    {"exp2", -1, 0.5, 0.34657359027997264, ""},
    {"exp2", 1023, 8.98846567431158e+307, 6.230329639708919e+307, "not infinite before its time"},
    {"expm1", -1000, -1, 0, "saturated"},
    {"expm1", 1e-20, 1e-20, 1, "no cancellation"},
    {"log", 0, -infinity, infinity, ""},
    {"log", -1, nan_value, -1, "no value; the slope of ln |x|, as PyTorch"},
    {"log", infinity, infinity, 0, ""},
    {"log2", 8, 3, 0.18033688011112042, "exact"},
    {"log2", 0, -infinity, infinity, ""},
    {"log10", 1000, 3, 0.00043429448190325184, "exact"},
    {"log10", 0, -infinity, infinity, ""},
    {"log1p", -1, -infinity, infinity, ""},
    {"log1p", 1e-20, 1e-20, 1, "no cancellation"},
    {"logit", 0, -infinity, infinity, ""},
    {"logit", 1, infinity, infinity, ""},
    {"logit", 0.5, 0, 4, ""},
    {"logit", 0.5000009536743164, 3.814697265629626e-06, 4.000000000014552, "no cancellation beside 1/2"},
    {"logit", 1.5, nan_value, -1.3333333333333333, "no value; PyTorch says NaN for the slope too"},
    {"sqrt", 0, 0, infinity, ""},
    {"sqrt", -1, nan_value, nan_value, ""},
    {"rsqrt", 0, infinity, -infinity, ""},
    {"rsqrt", -0.0, -infinity, infinity, "1/sqrt(-0), as PyTorch"},
    {"rsqrt", infinity, 0, 0, ""},
    {"rsqrt", -1, nan_value, nan_value, ""},
    {"cbrt", 0, 0, infinity, ""},
    {"cbrt", -8, -2, 0.08333333333333333, "the real root"},
    {"square", 1e+200, infinity, 2e+200, ""},
    {"reciprocal", 0, infinity, -infinity, ""},
    {"reciprocal", -0.0, -infinity, -infinity, ""},
    {"reciprocal", infinity, 0, 0, ""},
    {"abs", 0, 0, 0, "kink"},
    {"abs", -0.0, 0, 0, "kink"},
    {"abs", -infinity, infinity, -1, ""},
    {"sign", 0, 0, 0, "NumPy"},
    {"sign", -0.0, 0, 0, "NumPy"},
    {"sign", -3, -1, 0, ""},
    {"sign", infinity, 1, 0, ""},
    {"sign", nan_value, nan_value, nan_value, "NaN is never swallowed; PyTorch says 0, and 0"},
    {"floor", -0.5, -1, 0, ""},
    {"floor", -0.0, -0.0, 0, "keeps the sign of 0"},
    {"floor", infinity, infinity, 0, ""},
    {"floor", 2, 2, 0, "a jump"},
    {"floor", nan_value, nan_value, nan_value, "NaN is never swallowed; PyTorch says 0"},
    {"ceil", -0.5, -0.0, 0, "keeps the sign of 0"},
    {"ceil", 0.5, 1, 0, ""},
    {"ceil", -infinity, -infinity, 0, ""},
    {"round", 0.5, 0, 0, "to the even one"},
    {"round", 1.5, 2, 0, "to the even one"},
    {"round", 2.5, 2, 0, "to the even one"},
    {"round", -0.5, -0.0, 0, "keeps the sign of 0"},
    {"round", 8388609, 8388609, 0, "whole already"},
    {"nan_to_num", nan_value, 0, 0, ""},
    {"nan_to_num", 2, 2, 1, ""},
    {"nan_to_num", -0.0, -0.0, 1, ""},
    {"sin", infinity, nan_value, nan_value, ""},
    {"tan", 0, 0, 1, ""},
    {"tan", infinity, nan_value, nan_value, ""},
    {"asin", 1, 1.5707963267948966, infinity, ""},
    {"asin", 2, nan_value, nan_value, ""},
    {"acos", -1, 3.141592653589793, -infinity, ""},
    {"acos", 2, nan_value, nan_value, ""},
    {"atan", infinity, 1.5707963267948966, 0, ""},
    {"atan", 1e+200, 1.5707963267948966, 0, "x^2 is beyond the largest number"},
    {"sinh", 1000, infinity, infinity, ""},
    {"sinh", -0.0, -0.0, 1, ""},
    {"cosh", -1000, infinity, -infinity, ""},
    {"tanh", 1000, 1, 0, "saturated"},
    {"tanh", -infinity, -1, 0, "saturated"},
    {"asinh", 1e+200, 461.2101657793691, 1e-200, "x^2 is beyond the largest number; PyTorch says 0"},
    {"asinh", -infinity, -infinity, 0, ""},
    {"acosh", 1, 0, infinity, ""},
    {"acosh", 0, nan_value, nan_value, ""},
    {"acosh", 1e+200, 461.2101657793691, 1e-200, "x^2 is beyond the largest number"},
    {"atanh", 1, infinity, infinity, ""},
    {"atanh", -1, -infinity, infinity, ""},
    {"atanh", 2, nan_value, -0.3333333333333333, "no value; the slope of its formula, as PyTorch"},
    {"erf", 10, 1, 4.197656231354417e-44, "saturated"},
    {"erf", -infinity, -1, 0, ""},
    {"erfc", 10, 2.088487583762545e-45, -4.197656231354417e-44, "keeps its digits in the tail"},
    {"erfc", -10, 2, -4.197656231354417e-44, ""},
    {"erfc", infinity, 0, 0, ""},
    {"lgamma", 1, 0, -0.5772156649015329, ""},
    {"lgamma", 0, infinity, -infinity, "a pole"},
    {"lgamma", -1, infinity, nan_value, "a pole, from one side up, from the other down"},
    {"lgamma", infinity, infinity, infinity, ""},
    {"digamma", 1, -0.5772156649015329, 1.6449340668482264, ""},
    {"digamma", 0, -infinity, infinity, "a pole"},
    {"digamma", -0.0, infinity, infinity, "the other side of it"},
    {"digamma", -1, nan_value, infinity, "a pole, from one side up, from the other down; PyTorch says 6.6e32"},
    {"digamma", infinity, infinity, 0, ""},
    {"sigmoid", 1000, 1, 0, "saturated"},
    {"sigmoid", -1000, 0, 0, "saturated"},
    {"sigmoid", -40, 4.248354255291589e-18, 4.248354255291589e-18, "keeps its digits in the tail"},
    {"sigmoid", -infinity, 0, 0, ""},
    {"relu", 0, 0, 0, "kink"},
    {"relu", nan_value, nan_value, nan_value, "NaN is never swallowed; PyTorch says 1"},
    {"relu", -infinity, 0, 0, ""},
    {"selu", 0, 0, 1.7580993408473766, "kink: from below"},
    {"selu", -1000, -1.7580993408473766, 0, "saturated"},
    {"selu", -infinity, -1.7580993408473766, 0, ""},
    {"selu", infinity, infinity, 1.0507009873554805, ""},
    {"softplus", 21, 21.000000000758256, 0.9999999992417439, "PyTorch says 21, from its threshold of 20 on"},
    {"softplus", -1000, 0, 0, ""},
    {"softplus", 1000, 1000, 1, ""},
    {"softplus", -40, 4.248354255291589e-18, 4.248354255291589e-18, "keeps its digits in the tail"},
    {"log_sigmoid", 0, -0.6931471805599453, 0.5, ""},
    {"log_sigmoid", -1000, -1000, 1, ""},
    {"log_sigmoid", 1000, 0, 0, ""},
    {"log_sigmoid", -infinity, -infinity, 1, ""},
    {"gelu", 0, 0, 0.5, ""},
    {"gelu", -10, -7.619853024160593e-23, -7.618400096464813e-22, "keeps its digits in the tail: PyTorch says -0 for the value"},
    {"gelu", -1000, -0.0, 0, "saturated"},
    {"gelu", -infinity, -0.0, 0, "its limit; PyTorch says NaN"},
    {"gelu", infinity, infinity, 1, "its limit; PyTorch says NaN for the slope"},
    {"gelu", 1000, 1000, 1, ""},
    {"gelu_tanh", 0, 0, 0.5, ""},
    {"gelu_tanh", -5, -2.291796196629504e-07, -1.5463619875325931e-06, "keeps its digits in the tail"},
    {"gelu_tanh", -1000, -0.0, 0, "saturated"},
    {"gelu_tanh", -infinity, -0.0, 0, "its limit; PyTorch says NaN"},
    {"gelu_tanh", infinity, infinity, 1, "its limit; PyTorch says NaN for the slope"},
    {"gelu_tanh", 1e+200, 1e+200, 1, "x^3 is beyond the largest number; PyTorch says NaN for the slope"},
    {"silu", 0, 0, 0.5, ""},
    {"silu", -1000, -0.0, 0, "saturated"},
    {"silu", -infinity, -0.0, 0, "its limit; PyTorch says NaN"},
    {"silu", infinity, infinity, 1, "its limit; PyTorch says NaN for the slope"},
    {"silu", -40, -1.6993417021166355e-16, -1.6568581595637197e-16, "keeps its digits in the tail"},
    {"mish", 0, 0, 0.6, ""},
    {"mish", -1000, -0.0, 0, "saturated"},
    {"mish", -infinity, -0.0, 0, "its limit; PyTorch says NaN"},
    {"mish", infinity, infinity, 1, "its limit; PyTorch says NaN for the slope"},
    {"mish", 1000, 1000, 1, ""},
    {"mish", -40, -1.6993417021166355e-16, -1.6568581595637197e-16, "keeps its digits in the tail"},
    {"softsign", infinity, 1, 0, "its limit; PyTorch says NaN"},
    {"softsign", -infinity, -1, 0, "its limit; PyTorch says NaN"},
    {"softsign", 0, 0, 1, ""},
    {"softsign", -0.0, -0.0, 1, ""},
    {"softsign", 1e+300, 1, 0, ""},
    {"hard_sigmoid", -3, 0, 0, "kink"},
    {"hard_sigmoid", 3, 1, 0, "kink"},
    {"hard_sigmoid", infinity, 1, 0, ""},
    {"hard_sigmoid", nan_value, nan_value, nan_value, "NaN is never swallowed; PyTorch says 0"},
    {"hard_sigmoid", 0, 0.5, 0.16666666666666666, ""},
    {"abs", -1.7976931348623157e+308, 1.7976931348623157e+308, -1, "the largest finite number"},
    {"reciprocal", 1.7976931348623157e+308, 5.562684646268003e-309, 0, "the largest finite number: its reciprocal is denormal"},
    {"log", 1.7976931348623157e+308, 709.782712893384, 5.562684646268003e-309, "the largest finite number"},
    {"log2", 1.7976931348623157e+308, 1024, 8.02525755320003e-309, "the largest finite number"},
    {"log10", 1.7976931348623157e+308, 308.25471555991675, 2.415843246442137e-309, "the largest finite number"},
    {"log1p", 1.7976931348623157e+308, 709.782712893384, 5.562684646268003e-309, "the largest finite number"},
    {"sqrt", 1.7976931348623157e+308, 1.3407807929942596e+154, 3.729170365600104e-155, "the largest finite number"},
    {"rsqrt", 1.7976931348623157e+308, 7.458340731200208e-155, 0, "the largest finite number"},
    {"cbrt", 1.7976931348623157e+308, 5.643803094122362e+102, 1.0464898939411301e-206, "the largest finite number"},
    {"square", 1.7976931348623157e+308, infinity, infinity, "the largest finite number"},
    {"tanh", 1.7976931348623157e+308, 1, 0, "the largest finite number"},
    {"sigmoid", 1.7976931348623157e+308, 1, 0, "the largest finite number"},
    {"erf", 1.7976931348623157e+308, 1, 0, "the largest finite number"},
    {"softsign", 1.7976931348623157e+308, 1, 0, "the largest finite number"},
    {"relu", 1.7976931348623157e+308, 1.7976931348623157e+308, 1, "the largest finite number"},
    {"softplus", 1.7976931348623157e+308, 1.7976931348623157e+308, 1, "the largest finite number"},
    {"silu", 1.7976931348623157e+308, 1.7976931348623157e+308, 1, "the largest finite number"},
    {"gelu", 1.7976931348623157e+308, 1.7976931348623157e+308, 1, "the largest finite number"},
    {"gelu_tanh", 1.7976931348623157e+308, 1.7976931348623157e+308, 1, "the largest finite number"},
    {"selu", 1.7976931348623157e+308, infinity, 1.0507009873554805, "the largest finite number, times 1.05"},
    {"atan", 1.7976931348623157e+308, 1.5707963267948966, 0, "the largest finite number"},
    {"asinh", 1.7976931348623157e+308, 710.4758600739439, 5.562684646268003e-309, "the largest finite number"},
    {"acosh", 1.7976931348623157e+308, 710.4758600739439, 5.562684646268003e-309, "the largest finite number"},
    {"log_sigmoid", -1.7976931348623157e+308, -1.7976931348623157e+308, 1, "minus the largest finite number"},
    {"floor", 1.7976931348623157e+308, 1.7976931348623157e+308, 0, "the largest finite number"},
    {"abs", 5e-324, 5e-324, 1, "the smallest denormal number"},
    {"relu", 5e-324, 5e-324, 1, "the smallest denormal number"},
    {"sin", 5e-324, 5e-324, 1, "the smallest denormal number"},
    {"tan", 5e-324, 5e-324, 1, "the smallest denormal number"},
    {"asin", 5e-324, 5e-324, 1, "the smallest denormal number"},
    {"atan", 5e-324, 5e-324, 1, "the smallest denormal number"},
    {"sinh", 5e-324, 5e-324, 1, "the smallest denormal number"},
    {"asinh", 5e-324, 5e-324, 1, "the smallest denormal number"},
    {"atanh", 5e-324, 5e-324, 1, "the smallest denormal number"},
    {"tanh", 5e-324, 5e-324, 1, "the smallest denormal number"},
    {"expm1", 5e-324, 5e-324, 1, "the smallest denormal number"},
    {"log1p", 5e-324, 5e-324, 1, "the smallest denormal number"},
    {"exp", 5e-324, 1, 1, "the smallest denormal number"},
    {"cos", 5e-324, 1, -5e-324, "the smallest denormal number"},
    {"cosh", 5e-324, 1, 5e-324, "the smallest denormal number"},
    {"sigmoid", 5e-324, 0.5, 0.25, "the smallest denormal number"},
    {"sqrt", 5e-324, 2.2227587494850775e-162, 2.2494568972715982e+161, "the smallest denormal number"},
    {"rsqrt", 5e-324, 4.4989137945431964e+161, -infinity, "the smallest denormal number"},
    {"cbrt", 5e-324, 1.7031839360032603e-108, 1.1490942214795806e+215, "the smallest denormal number"},
    {"log", 5e-324, -744.4400719213812, infinity, "the smallest denormal number"},
    {"log2", 5e-324, -1074, infinity, "the smallest denormal number"},
    {"log10", 5e-324, -323.3062153431158, infinity, "the smallest denormal number"},
    {"reciprocal", 5e-324, infinity, -infinity, "the smallest denormal number"},
    {"square", 5e-324, 0, 1e-323, "the smallest denormal number"},
    {"log", 1e-310, -713.8013788281542, infinity, "denormal"},
    {"sqrt", 1e-310, 1e-155, 5.000000000000007e+154, "denormal"},
    {"sign", 5e-324, 1, 0, "the smallest denormal number"},
    {"erf", 5e-324, 5e-324, 1.1283791670955126, "the smallest denormal number"},
    {"lgamma", 1e-310, 713.8013788281542, -infinity, "denormal"},
};

const PointOfTwo points_of_two[] = {
    {"div", 1, 0, infinity, infinity, -infinity, ""},
    {"div", 0, 0, nan_value, infinity, nan_value, ""},
    {"pow", 0, 0, 1, 0, 0, "1 for every base"},
    {"pow", 0, 2, 0, 0, 0, ""},
    {"pow", 0, -1, infinity, -infinity, -infinity, ""},
    {"pow", -2, 3, -8, 12, nan_value, "exponents beside it have no value"},
    {"pow", -2, 0.5, nan_value, nan_value, nan_value, ""},
    {"maximum", 1, 1, 1, 0.5, 0.5, "a tie is shared"},
    {"minimum", 1, 1, 1, 0.5, 0.5, "a tie is shared"},
    {"maximum", infinity, infinity, infinity, 0.5, 0.5, "a tie is shared"},
    {"maximum", nan_value, 1, nan_value, nan_value, nan_value, "NaN is never swallowed; PyTorch says 1 for both"},
    {"minimum", 1, nan_value, nan_value, nan_value, nan_value, "NaN is never swallowed; PyTorch says 1 for both"},
    {"logaddexp", -infinity, -infinity, -infinity, 0.5, 0.5, "shared as a tie is; PyTorch says NaN"},
    {"logaddexp", infinity, infinity, infinity, 0.5, 0.5, "shared as a tie is; PyTorch says NaN"},
    {"logaddexp", 1000, 1000, 1000.6931471805599, 0.5, 0.5, ""},
    {"logaddexp", -1000, 1000, 1000, 0, 1, ""},
    {"logaddexp", -infinity, 1, 1, 0, 1, "e^-inf is nothing"},
    {"logaddexp", infinity, -infinity, infinity, 1, 0, ""},
    {"logaddexp", nan_value, 1, nan_value, nan_value, nan_value, ""},
    {"heaviside", 0, 0.25, 0.25, 0, 1, "the given value"},
    {"heaviside", -0.0, 0.25, 0.25, 0, 1, "the given value"},
    {"heaviside", -1, nan_value, 0, 0, 0, "which is not looked at elsewhere"},
    {"heaviside", nan_value, 0.25, nan_value, nan_value, nan_value, "NaN is never swallowed"},
    {"leaky_relu", 0, 0.25, 0, 0.25, 0, "kink: from below"},
    {"leaky_relu", nan_value, 0.25, nan_value, nan_value, nan_value, "NaN is never swallowed; PyTorch says 0.25"},
    {"leaky_relu", -infinity, 0.25, -infinity, 0.25, -infinity, ""},
    {"elu", 0, 0.5, 0, 0.5, 0, "kink: from below"},
    {"elu", -1000, 0.5, -0.5, 0, -1, "saturated"},
    {"elu", 1000, 0.5, 1000, 1, 0, "e^x is not looked at"},
    {"elu", nan_value, 1, nan_value, nan_value, nan_value, ""},
    {"hypot", 0, 0, 0, 0, 0, "kink; PyTorch says NaN"},
    {"hypot", 3, 4, 5, 0.6, 0.8, ""},
    {"hypot", 1e+200, 1e+200, 1.414213562373095e+200, 0.7071067811865476, 0.7071067811865476, "squares are beyond the largest number"},
    {"hypot", 1e-200, 1e-200, 1.414213562373095e-200, 0.7071067811865476, 0.7071067811865476, "squares are below the smallest"},
    {"hypot", -infinity, 0, infinity, -1, 0, "its limit; PyTorch says NaN"},
    {"atan2", 0, 0, 0, 0, 0, "kink; PyTorch says NaN"},
    {"atan2", -0.0, -1, -3.141592653589793, -1, 0, "the lower side of the cut"},
    {"atan2", 1e+200, 1e+200, 0.7853981633974483, 5e-201, -5e-201, "squares are beyond the largest number; PyTorch says 0"},
    {"atan2", infinity, 1, 1.5707963267948966, 0, 0, "its limit; PyTorch says NaN"},
    {"atan2", 1, -infinity, 3.141592653589793, 0, 0, "its limit; PyTorch says NaN"},
    {"fmod", 5.5, 2, 1.5, 1, -2, ""},
    {"fmod", -5.5, 2, -1.5, 1, 2, "of the sign of the first"},
    {"fmod", 6, 2, 0, 1, -3, "a jump"},
    {"fmod", 1, 0, nan_value, 1, nan_value, "no value, and no slope; PyTorch says -infinity"},
    {"fmod", 1, infinity, 1, 1, 0, ""},
    {"polygamma", 1, 1, 1.6449340668482264, 0, -2.4041138063191885, ""},
    {"polygamma", 2, 1, -2.4041138063191885, 0, 6.493939402266828, ""},
    {"polygamma", 1, -1, infinity, 0, nan_value, "a pole"},
    {"polygamma", -1, 1, nan_value, 0, -0.5772156649015329, "no such order"},
};
// clang-format on

/// As `expected`, NaN and the sign of a zero included; in floats only what floats can hold.
template <class T>
void expect_as(double got, double expected, const std::string& where, bool looks_at_zero = false) {
  if (std::isnan(expected)) {
    EXPECT_TRUE(std::isnan(got)) << where << ' ' << got;
    return;
  }
  if (std::isinf(expected) || expected == 0) {
    EXPECT_EQ(got, expected) << where;
    if (looks_at_zero) {
      EXPECT_EQ(std::signbit(got), std::signbit(expected)) << where << ", the sign of 0";
    }
    return;
  }
  const double tolerance = std::is_same_v<T, float> ? 2e-5 : 1e-12;
  EXPECT_NEAR(got, expected, tolerance * std::abs(expected)) << where;
}

/// Whether floats can hold a number; the float next to it may stand for it where `roughly`.
bool is_float(double x, bool roughly) {
  const auto as_float = static_cast<float>(x);
  if (std::isnan(x) || static_cast<double>(as_float) == x) return true;
  return roughly && std::isnormal(as_float);
}

template <class T>
using Op = std::function<T(const std::vector<T>&)>;
struct Ops {
  Op<Scalar> on_scalars;
  Op<Tensor<double>> on_doubles;
  Op<Tensor<float>> on_floats;
};

const std::map<std::string, Ops>& ops() {
  static const std::map<std::string, Ops> all = [] {
    std::map<std::string, Ops> result;
    for (const testing::UnaryOp& op : testing::unary_ops()) {
      const auto f = [&op](const auto& in) { return op(in[0]); };
      result[op.name] = {f, f, f};
    }
    for (const testing::BinaryOp& op : testing::binary_ops()) {
      const auto f = [&op](const auto& in) { return op(in[0], in[1]); };
      result[op.name] = {f, f, f};
    }
    return result;
  }();
  return all;
}

/// y and its gradients, from a whole batch of the same numbers and a part of one.
template <class T>
void check_tensors(const Op<Tensor<T>>& op, const std::vector<double>& at, double y,
                   const std::vector<double>& slopes, const std::string& where) {
  std::vector<Tensor<T>> in;
  for (const double x : at) in.push_back(variable(full_array<T>({19}, static_cast<T>(x))));
  const Tensor<T> result = op(in);
  result.backward(Tensor<T>(full_array<T>({19}, T(1))));
  for (const std::size_t i : {0, 18}) {
    expect_as<T>(result.data()[i], y, where, true);
    for (std::size_t k = 0; k < in.size(); ++k)
      expect_as<T>(in[k].grad().data()[i], slopes[k], where + ", gradient " + std::to_string(k));
  }
}

void check(const std::string& op, const std::vector<double>& at, double y, const std::vector<double>& slopes,
           const std::string& why) {
  std::string where = op;
  for (const double x : at) where += ' ' + std::to_string(x);
  if (!why.empty()) where += " (" + why + ")";
  std::vector<Scalar> in;
  for (const double x : at) in.push_back(variable(x));
  const Scalar result = ops().at(op).on_scalars(in);
  result.backward();
  expect_as<double>(result.value(), y, where + " of Scalars", true);
  for (std::size_t k = 0; k < in.size(); ++k)
    expect_as<double>(in[k].grad(), slopes[k], where + " of Scalars, gradient " + std::to_string(k));

  check_tensors<double>(ops().at(op).on_doubles, at, y, slopes, where + " of doubles");
  bool fits = is_float(y, true);
  for (const double x : at) fits = fits && is_float(x, false);
  for (const double slope : slopes) fits = fits && is_float(slope, true);
  if (fits) check_tensors<float>(ops().at(op).on_floats, at, y, slopes, where + " of floats");
}

TEST(HardPoints, OfOneOperand) {
  for (const Point& p : points) check(p.op, {p.x}, p.y, {p.dx}, p.why);
}
TEST(HardPoints, OfTwoOperands) {
  for (const PointOfTwo& p : points_of_two) check(p.op, {p.a, p.b}, p.y, {p.da, p.db}, p.why);
}

TEST(HardPoints, EveryNumberBecomesFinite) {
  const Tensor<double> x = xt::xarray<double>{infinity, -infinity};
  constexpr double most = std::numeric_limits<double>::max();
  EXPECT_EQ(elements(nan_to_num(x)), (Numbers{most, -most}));
  const Tensor<float> f = xt::xarray<float>{std::numeric_limits<float>::infinity()};
  EXPECT_EQ(nan_to_num(f).item(), std::numeric_limits<float>::max());
  EXPECT_EQ(nan_to_num(Scalar(-infinity)).value(), -most);
  const Scalar s = variable(infinity);
  nan_to_num(s).backward();
  EXPECT_EQ(s.grad(), 0);
}

/// Second derivatives where a formula has an |x| or a branch, and the function does not.
TEST(HardPoints, SmoothFunctionsAreSmoothAtZero) {
  const struct {
    const char* op;
    double second;
  } smooth[] = {
      {"softplus", 0.25}, {"log_sigmoid", -0.25}, {"silu", 0.5}, {"gelu", 0.79788456080286535588},
      {"mish", 0.64},     {"sigmoid", 0},         {"tanh", 0},   {"asinh", 0},
      {"exp", 1},         {"expm1", 1},           {"erf", 0},    {"gelu_tanh", 0.79788456080286535588}};
  for (const auto& [op, second] : smooth) {
    const Scalar x = variable(0.0);
    const Scalar slope = grad(ops().at(op).on_scalars({x}), {x}, {.create_graph = true})[0];
    EXPECT_NEAR(grad(slope, {x})[0].value(), second, 1e-15) << op;
  }
  const Scalar a = variable(2.0), b = variable(2.0);
  const Scalar slope = grad(logaddexp(a, b), {a, b}, {.create_graph = true})[0];
  const auto second = grad(slope, {a, b});
  EXPECT_EQ(second[0].value(), 0.25);
  EXPECT_EQ(second[1].value(), -0.25);
}

/// lgamma can be differentiated again and again: psi_3(1) = pi^4/15.
TEST(HardPoints, DerivativesOfLgammaDoNotEnd) {
  const Scalar x = variable(1.0);
  Scalar y = lgamma(x);
  for (int i = 0; i < 4; ++i) y = grad(y, {x}, {.create_graph = true})[0];
  EXPECT_NEAR(y.value(), 6.4939394022668291491, 1e-13);
  const Tensor<float> t = variable(xt::xarray<float>{1, 1});
  Tensor<float> z = lgamma(t);
  for (int i = 0; i < 4; ++i) z = grad(sum(z), {t}, {.create_graph = true})[0];
  EXPECT_NEAR(z.data()[1], 6.4939394, 1e-5);
}

TEST(HardPoints, ParametersHaveTheirUsualValues) {
  const Scalar x = variable(-2.0);
  const Tensor<float> t = variable(xt::xarray<float>{-2, 2});
  EXPECT_EQ(leaky_relu(x).value(), -0.02);
  EXPECT_EQ(elements(leaky_relu(t, 0.5)), (Numbers{-1, 2}));
  EXPECT_EQ(elu(x).value(), std::expm1(-2.0));
  EXPECT_EQ(elu(t).data()[1], 2);
  EXPECT_EQ(elements(hardtanh(t)), (Numbers{-1, 1}));
  EXPECT_EQ(hardtanh(x, -3, 0).value(), -2);
  EXPECT_THROW(hardtanh(t, 1, 0), ValueError);
  EXPECT_EQ(lerp(x, 2, 0.25).value(), -1);
  EXPECT_EQ(elements(lerp(t, xt::xarray<float>{2, 4}, 0.5)), (Numbers{0, 3}));
  EXPECT_EQ(lerp(1, 3, variable(0.5)).value(), 2);

  const Tensor<float> slope = variable(xt::xarray<float>{0.25});
  sum(leaky_relu(t, slope)).backward();  // a slope that is learnt
  EXPECT_EQ(elements(slope.grad()), (Numbers{-2}));
  EXPECT_EQ(elements(t.grad()), (Numbers{0.25, 1}));
}

}  // namespace
}  // namespace gradus
