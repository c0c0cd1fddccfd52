#include "wrong_calls.hpp"

namespace gradus::wrong_calls {
namespace {

using Reduce = Tensor<double> (*)(const Tensor<double>&, const Axes&);

void add_reduction(std::vector<WrongCall>& all, const std::string& op, Reduce reduce) {
  const Rows rows(all, op);
  const auto& in = operands();
  rows.shape([=] { reduce(in.matrix, {2}); }, {"axis 2 of (2,3)", "expected -2 to 1"});
  rows.shape([=] { reduce(in.matrix, {-3}); }, {"axis -3 of (2,3)", "expected -2 to 1"});
  rows.shape([=] { reduce(in.matrix, {0, 0}); }, {"axis 0 of (2,3)", "given twice"});
  rows.shape([=] { reduce(in.cube, {1, -2}); }, {"axis -2 of (2,3,4)", "given twice"});
  rows.shape([=] { reduce(in.cube, {0, 1, 2, 3}); }, {"axis 3 of (2,3,4)", "expected -3 to 2"});
  rows.shape([=] { reduce(in.number, {0}); }, {"axis 0 of ()", "a single number has no axes"});
  rows.step([=](const auto& x) { return reduce(x, {0}); });
}

void add_extremum(std::vector<WrongCall>& all, const std::string& op, Reduce reduce) {
  add_reduction(all, op, reduce);
  const Rows rows(all, op);
  const std::string least = "every reduced axis needs at least 1";
  rows.shape([=] { reduce(operands().nothing, {0}); }, {"no elements along axes (0) of (0,3)", least});
  rows.shape([=] { reduce(operands().nothing, {}); }, {"no elements in (0,3)", "no " + op, least});
  rows.shape([=] { reduce(hollow({2, 0}), {-1}); }, {"no elements along axes (-1) of (2,0)", least});
}

void add_along_axis(std::vector<WrongCall>& all, const std::string& op,
                    Tensor<double> (*f)(const Tensor<double>&, std::ptrdiff_t)) {
  const Rows rows(all, op);
  const auto& in = operands();
  rows.shape([=] { f(in.matrix, 2); }, {"axis 2 of (2,3)", "expected -2 to 1"});
  rows.shape([=] { f(in.matrix, -3); }, {"axis -3 of (2,3)", "expected -2 to 1"});
  rows.shape([=] { f(in.vector, 1); }, {"axis 1 of (3)", "expected -1 to 0"});
  rows.shape([=] { f(in.cube, 3); }, {"axis 3 of (2,3,4)", "expected -3 to 2"});
  rows.shape([=] { f(in.nothing, 2); }, {"axis 2 of (0,3)", "expected -2 to 1"});
  rows.shape([=] { f(in.number, -1); }, {"axis -1 of ()", "a single number has no axes"});
  rows.step([=](const auto& x) { return f(x, 0); });
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
  std::vector<WrongCall> all;
#define GRADUS_REDUCTION(function) \
  add_reduction(all, #function, [](const Tensor<double>& x, const Axes& axes) { return function(x, axes); });
  GRADUS_REDUCTION(sum)
  GRADUS_REDUCTION(mean)
  GRADUS_REDUCTION(prod)
  GRADUS_REDUCTION(var)
  GRADUS_REDUCTION(logsumexp)
  GRADUS_REDUCTION(norm)
#undef GRADUS_REDUCTION
  add_extremum(all, "max", [](const Tensor<double>& x, const Axes& axes) { return max(x, axes); });
  add_extremum(all, "min", [](const Tensor<double>& x, const Axes& axes) { return min(x, axes); });
  add_along_axis(all, "softmax",
                 [](const Tensor<double>& x, std::ptrdiff_t axis) { return softmax(x, axis); });
  add_along_axis(all, "log_softmax",
                 [](const Tensor<double>& x, std::ptrdiff_t axis) { return log_softmax(x, axis); });
  add_cross_entropy(all);
  return all;
}

}  // namespace gradus::wrong_calls
