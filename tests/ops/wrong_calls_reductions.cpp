#include "wrong_calls.hpp"

namespace gradus::wrong_calls {
namespace {

const Tensor<double>& matrix() {
  static const Tensor<double> x = variable(xt::xarray<double>{{1, 2, 3}, {4, 5, 6}});
  return x;
}
const Tensor<double>& number() {
  static const Tensor<double> x = variable(xt::xarray<double>(1.0));
  return x;
}
const Tensor<double>& nothing() {
  static const Tensor<double> x = variable(xt::xarray<double>::from_shape({2, 0}));
  return x;
}

// clang-format off
/// What is wrong with the axes of any reduction.
template <class F>
void add_wrong_axes(std::vector<WrongCall>& calls, const char* op, const F& f) {
  const std::string tag = '[' + std::string(op) + ']';
  const auto of = [f](const Tensor<double>& x, const Axes& axes) { return [=] { f(x, axes); }; };
  calls.push_back({op, of(matrix(), 2), Kind::shape, {tag, "axis 2", "(2,3)", "-2 to 1"}});
  calls.push_back({op, of(matrix(), -3), Kind::shape, {tag, "axis -3", "(2,3)", "-2 to 1"}});
  calls.push_back({op, of(matrix(), {0, 2}), Kind::shape, {tag, "axis 2", "(2,3)", "-2 to 1"}});
  calls.push_back({op, of(matrix(), {0, 0}), Kind::shape, {tag, "axis 0", "(2,3)", "given twice"}});
  calls.push_back({op, of(matrix(), {1, -1}), Kind::shape, {tag, "axis -1", "(2,3)", "given twice"}});
  calls.push_back({op, of(number(), 0), Kind::shape, {tag, "axis 0", "()"}});
}

/// What is wrong with one axis.
template <class F>
void add_wrong_axis(std::vector<WrongCall>& calls, const char* op, const F& f) {
  const std::string tag = '[' + std::string(op) + ']';
  const Tensor<double> vector = xt::xarray<double>{1, 2}, cube = expand_dims(matrix(), 0);
  const auto of = [f](const Tensor<double>& x, std::ptrdiff_t axis) { return [=] { f(x, axis); }; };
  calls.push_back({op, of(matrix(), 2), Kind::shape, {tag, "axis 2", "(2,3)", "-2 to 1"}});
  calls.push_back({op, of(matrix(), -3), Kind::shape, {tag, "axis -3", "(2,3)", "-2 to 1"}});
  calls.push_back({op, of(number(), 0), Kind::shape, {tag, "axis 0", "()"}});
  calls.push_back({op, of(number(), -1), Kind::shape, {tag, "axis -1", "()"}});
  calls.push_back({op, of(vector, 1), Kind::shape, {tag, "axis 1", "(2)", "-1 to 0"}});
  calls.push_back({op, of(cube, -4), Kind::shape, {tag, "axis -4", "(1,2,3)", "-3 to 2"}});
}

}  // namespace

std::vector<WrongCall> of_reductions() {
  std::vector<WrongCall> calls;
#define GRADUS_WRONG_AXES(function) add_wrong_axes(calls, #function, [](const auto& x, const Axes& axes) { gradus::function(x, axes); })
  GRADUS_WRONG_AXES(sum);
  GRADUS_WRONG_AXES(mean);
  GRADUS_WRONG_AXES(prod);
  GRADUS_WRONG_AXES(max);
  GRADUS_WRONG_AXES(min);
  GRADUS_WRONG_AXES(var);
  GRADUS_WRONG_AXES(std);
  GRADUS_WRONG_AXES(logsumexp);
  GRADUS_WRONG_AXES(norm);
  GRADUS_WRONG_AXES(any);
  GRADUS_WRONG_AXES(all);
  GRADUS_WRONG_AXES(count_nonzero);
#undef GRADUS_WRONG_AXES
  add_wrong_axes(calls, "norm", [](const auto& x, const Axes& axes) { norm(x, axes, {.p = 1}); });
#define GRADUS_WRONG_AXIS(function) add_wrong_axis(calls, #function, [](const auto& x, std::ptrdiff_t axis) { gradus::function(x, axis); })
  GRADUS_WRONG_AXIS(softmax);
  GRADUS_WRONG_AXIS(log_softmax);
  GRADUS_WRONG_AXIS(cumsum);
  GRADUS_WRONG_AXIS(cumprod);
  GRADUS_WRONG_AXIS(sort);
  GRADUS_WRONG_AXIS(argsort);
  GRADUS_WRONG_AXIS(argmax);
  GRADUS_WRONG_AXIS(argmin);
#undef GRADUS_WRONG_AXIS
  add_wrong_axis(calls, "topk", [](const auto& x, std::ptrdiff_t axis) { topk(x, 1, axis); });

  const double nan = std::numeric_limits<double>::quiet_NaN();
  calls.push_back({"norm", [=] { norm(matrix(), {}, {.p = nan}); }, Kind::value, {"[norm]", "NaN"}});
  calls.push_back({"max", [] { max(nothing()); }, Kind::shape, {"[max]", "(2,0)", "at least 1"}});
  calls.push_back({"min", [] { min(nothing(), 1); }, Kind::shape, {"[min]", "(2,0)", "(1)", "at least 1"}});
  calls.push_back({"argmax", [] { argmax(nothing()); }, Kind::shape, {"[argmax]", "(2,0)", "1 or more"}});
  calls.push_back({"argmin", [] { argmin(nothing(), -1); }, Kind::shape, {"[argmin]", "(2,0)", "1 or more"}});
  calls.push_back({"topk", [] { topk(matrix(), 4); }, Kind::value, {"[topk]", "4 elements", "axis -1", "(2,3)", "0 to 3"}});
  calls.push_back({"topk", [] { topk(matrix(), -1, 0); }, Kind::value, {"[topk]", "-1 elements", "axis 0", "0 to 2"}});
  calls.push_back({"topk", [] { topk(nothing(), 1); }, Kind::value, {"[topk]", "(2,0)", "0 to 0"}});
  return calls;
}

// clang-format on

}  // namespace gradus::wrong_calls
