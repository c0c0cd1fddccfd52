#include "wrong_calls.hpp"

namespace gradus::wrong_calls {
namespace {

/// What is wrong with the axes of any reduction.
template <class F>
Rows add_axes(std::vector<WrongCall>& all, const char* op, const F& reduce) {
  const Rows rows(all, op);
  const auto& in = operands();
  rows.shape([=] { reduce(in.matrix, Axes{2}); }, {"axis 2 of (2,3)", "expected -2 to 1"});
  rows.shape([=] { reduce(in.matrix, Axes{-3}); }, {"axis -3 of (2,3)", "expected -2 to 1"});
  rows.shape([=] { reduce(in.matrix, Axes{0, 0}); }, {"axis 0 of (2,3)", "given twice"});
  rows.shape([=] { reduce(in.cube, Axes{1, -2}); }, {"axis -2 of (2,3,4)", "given twice"});
  rows.shape([=] { reduce(in.cube, Axes{0, 1, 2, 3}); }, {"axis 3 of (2,3,4)", "expected -3 to 2"});
  rows.shape([=] { reduce(in.number, Axes{0}); }, {"axis 0 of ()", "a single number has no axes"});
  return rows;
}

template <class F>
void add_reduction(std::vector<WrongCall>& all, const char* op, const F& reduce) {
  add_axes(all, op, reduce).step([=](const auto& x) { return reduce(x, Axes{0}); });
}

template <class F>
void add_extremum(std::vector<WrongCall>& all, const std::string& op, const F& reduce) {
  add_reduction(all, op.c_str(), reduce);
  const Rows rows(all, op);
  const std::string least = "every reduced axis needs at least 1";
  rows.shape([=] { reduce(operands().nothing, Axes{0}); }, {"no elements along axes (0) of (0,3)", least});
  rows.shape([=] { reduce(operands().nothing, Axes{}); }, {"no elements in (0,3)", "no " + op, least});
  rows.shape([=] { reduce(hollow({2, 0}), Axes{-1}); }, {"no elements along axes (-1) of (2,0)", least});
}

/// What is wrong with one axis.
template <class F>
Rows add_axis(std::vector<WrongCall>& all, const char* op, const F& f) {
  const Rows rows(all, op);
  const auto& in = operands();
  rows.shape([=] { f(in.matrix, 2); }, {"axis 2 of (2,3)", "expected -2 to 1"});
  rows.shape([=] { f(in.matrix, -3); }, {"axis -3 of (2,3)", "expected -2 to 1"});
  rows.shape([=] { f(in.vector, 1); }, {"axis 1 of (3)", "expected -1 to 0"});
  rows.shape([=] { f(in.cube, 3); }, {"axis 3 of (2,3,4)", "expected -3 to 2"});
  rows.shape([=] { f(in.nothing, 2); }, {"axis 2 of (0,3)", "expected -2 to 1"});
  rows.shape([=] { f(in.number, -1); }, {"axis -1 of ()", "a single number has no axes"});
  return rows;
}

template <class F>
void add_along_axis(std::vector<WrongCall>& all, const char* op, const F& f) {
  add_axis(all, op, f).step([=](const auto& x) { return f(x, 0); });
}

void add_topk(std::vector<WrongCall>& all) {
  const auto& in = operands();
  const Rows rows = add_axis(all, "topk", [](const auto& x, std::ptrdiff_t axis) { topk(x, 1, axis); });
  rows.value([=] { topk(in.matrix, 4); }, {"4 elements", "axis -1", "(2,3)", "0 to 3"});
  rows.value([=] { topk(in.matrix, -1, 0); }, {"-1 elements", "axis 0", "0 to 2"});
  rows.value([=] { topk(in.nothing, 1, 0); }, {"(0,3)", "0 to 0"});
}

void add_cross_entropy(std::vector<WrongCall>& all) {
  using Labels = xt::xarray<int>;
  const Rows rows(all, "cross_entropy");
  const auto& in = operands();
  const std::string logits = "expected (batch,classes)", labels = "expected labels (2)";
  rows.shape([=] { cross_entropy(in.vector, Labels{0, 1, 2}); }, {"logits (3)", logits});
  rows.shape([=] { cross_entropy(in.cube, Labels{0, 1}); }, {"logits (2,3,4)", logits});
  rows.shape([=] { cross_entropy(in.matrix, Labels{0, 1, 2}); }, {"logits (2,3) and labels (3)", labels});
  rows.shape(
      [=] {
        cross_entropy(in.matrix, Labels{{0, 1}});
      },
      {"logits (2,3) and targets (1,2)", "class indices (2)"});
  rows.value([=] { cross_entropy(in.matrix, Labels{0, 3}); }, {"label 3 in row 1", "expected 0 to 2"});
  rows.value([=] { cross_entropy(in.matrix, Labels{-1, 0}); }, {"label -1 in row 0", "expected 0 to 2"});
  rows.value([=] { cross_entropy(hollow({2, 0}), Labels{0, 0}); }, {"label 0 in row 0", "no classes"});
  rows.shape([=] { cross_entropy(in.matrix, in.square); },
             {"logits (2,3) and targets (3,3)", "class indices (2)", "rows (2,3)"});
  rows.step([](const auto& x) { return cross_entropy(x, Labels{0, 2}, {.reduction = Reduction::none}); });
}

}  // namespace

std::vector<WrongCall> of_reductions() {
  std::vector<WrongCall> calls;
#define GRADUS_WITH_AXES(add, function) \
  add(calls, #function, [](const auto& x, const Axes& axes) { return gradus::function(x, axes); })
  GRADUS_WITH_AXES(add_reduction, sum);
  GRADUS_WITH_AXES(add_reduction, mean);
  GRADUS_WITH_AXES(add_reduction, prod);
  GRADUS_WITH_AXES(add_reduction, var);
  GRADUS_WITH_AXES(add_reduction, std);
  GRADUS_WITH_AXES(add_reduction, logsumexp);
  GRADUS_WITH_AXES(add_reduction, norm);
  GRADUS_WITH_AXES(add_extremum, max);
  GRADUS_WITH_AXES(add_extremum, min);
  GRADUS_WITH_AXES(add_axes, any);
  GRADUS_WITH_AXES(add_axes, all);
  GRADUS_WITH_AXES(add_axes, count_nonzero);
#undef GRADUS_WITH_AXES
  add_axes(calls, "norm", [](const auto& x, const Axes& axes) { norm(x, axes, {.p = 1}); });
  const double nan = std::nan("");
  Rows(calls, "norm").value([=] { norm(operands().matrix, {}, {.p = nan}); }, {"NaN"});

#define GRADUS_WITH_AXIS(add, function) \
  add(calls, #function, [](const auto& x, std::ptrdiff_t axis) { return gradus::function(x, axis); })
  GRADUS_WITH_AXIS(add_along_axis, softmax);
  GRADUS_WITH_AXIS(add_along_axis, log_softmax);
  GRADUS_WITH_AXIS(add_along_axis, cumsum);
  GRADUS_WITH_AXIS(add_along_axis, cumprod);
  GRADUS_WITH_AXIS(add_along_axis, sort);
  GRADUS_WITH_AXIS(add_axis, argsort);
  GRADUS_WITH_AXIS(add_axis, argmax);
  GRADUS_WITH_AXIS(add_axis, argmin);
#undef GRADUS_WITH_AXIS
  Rows(calls, "argmax").shape([] { argmax(hollow({2, 0})); }, {"(2,0)", "1 or more"});
  Rows(calls, "argmin").shape([] { argmin(hollow({2, 0}), -1); }, {"(2,0)", "1 or more"});
  add_topk(calls);
  add_cross_entropy(calls);
  return calls;
}

}  // namespace gradus::wrong_calls
