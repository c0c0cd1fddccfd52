#include "wrong_calls.hpp"

namespace gradus::wrong_calls {
namespace {

using Ints = xt::xarray<int>;

const Tensor<double>& matrix() {
  static const Tensor<double> x = variable(xt::xarray<double>{{1, 2, 3}, {4, 5, 6}});
  return x;
}
const Tensor<double>& cube() {
  static const Tensor<double> x = variable(xt::xarray<double>(xt::ones<double>({2, 3, 4})));
  return x;
}
const Tensor<double>& number() {
  static const Tensor<double> x = variable(xt::xarray<double>(1.0));
  return x;
}

// clang-format off
std::vector<WrongCall> of_orders_of_axes() {
  return {
      {"ravel", [] { ravel(matrix()).backward(); }, Kind::graph, {"[backward]", "(6)"}},
      {"ravel", [] { ravel(cube()).backward(matrix()); }, Kind::shape, {"[backward]", "(24)", "(2,3)"}},
      {"ravel", [] { ravel(matrix()).item(); }, Kind::shape, {"(6)"}},
      {"ravel", [] { ravel(matrix()) + cube(); }, Kind::shape, {"[add]", "(6)", "(2,3,4)"}},
      {"ravel", [] { ravel(matrix()).set_value(1); }, Kind::graph, {"set_value"}},
      {"ravel", [] { sum(ravel(matrix()), 1); }, Kind::shape, {"[sum]", "axis 1", "(6)"}},
      {"swapaxes", [] { swapaxes(matrix(), 0, 2); }, Kind::shape, {"[swapaxes]", "axis 2", "(2,3)", "-2 to 1"}},
      {"swapaxes", [] { swapaxes(matrix(), -3, 0); }, Kind::shape, {"[swapaxes]", "axis -3", "(2,3)", "-2 to 1"}},
      {"swapaxes", [] { swapaxes(cube(), 3, 3); }, Kind::shape, {"[swapaxes]", "axis 3", "(2,3,4)", "-3 to 2"}},
      {"swapaxes", [] { swapaxes(cube(), 0, -4); }, Kind::shape, {"[swapaxes]", "axis -4", "(2,3,4)", "-3 to 2"}},
      {"swapaxes", [] { swapaxes(number(), 0, 0); }, Kind::shape, {"[swapaxes]", "axis 0", "()"}},
      {"swapaxes", [] { swapaxes(number(), -1, 0); }, Kind::shape, {"[swapaxes]", "axis -1", "()"}},
      {"moveaxis", [] { moveaxis(matrix(), 2, 0); }, Kind::shape, {"[moveaxis]", "axis 2", "(2,3)", "-2 to 1"}},
      {"moveaxis", [] { moveaxis(matrix(), 0, -3); }, Kind::shape, {"[moveaxis]", "axis -3", "(2,3)", "-2 to 1"}},
      {"moveaxis",
       [] {
         moveaxis(cube(), {0, 1}, 2);
       },
       Kind::shape,
       {"[moveaxis]", "(0,1)", "(2)", "(2,3,4)", "as many places as axes"}},
      {"moveaxis",
       [] {
         moveaxis(cube(), {0, -3}, {0, 1});
       },
       Kind::shape,
       {"[moveaxis]", "axis -3", "given twice"}},
      {"moveaxis",
       [] {
         moveaxis(cube(), {0, 1}, {2, 2});
       },
       Kind::shape,
       {"[moveaxis]", "axis 2", "given twice"}},
      {"moveaxis", [] { moveaxis(number(), 0, 0); }, Kind::shape, {"[moveaxis]", "axis 0", "()"}},
  };
}

std::vector<WrongCall> of_slicing() {
  return {
      {"slice", [] { slice(matrix(), {2}); }, Kind::value, {"[slice]", "position 2", "axis 0", "(2,3)", "-2 to 1"}},
      {"slice",
       [] {
         slice(matrix(), {all(), -4});
       },
       Kind::value,
       {"[slice]", "position -4", "axis 1", "(2,3)", "-3 to 2"}},
      {"slice",
       [] {
         slice(cube(), {newaxis(), ellipsis(), 4});
       },
       Kind::value,
       {"[slice]", "position 4", "axis 2", "(2,3,4)"}},
      {"slice",
       [] {
         slice(matrix(), {0, 0, 0});
       },
       Kind::shape,
       {"[slice]", "3 ranges and positions", "(2,3)", "at most 2"}},
      {"slice", [] { slice(number(), {all()}); }, Kind::shape, {"[slice]", "1 ranges", "()", "at most 0"}},
      {"slice",
       [] {
         slice(cube(), {ellipsis(), 0, ellipsis()});
       },
       Kind::shape,
       {"[slice]", "ellipsis", "(2,3,4)", "at most one"}},
      {"slice", [] { slice(matrix(), {range(0, 2, 0)}); }, Kind::value, {"[slice]", "step of 0"}},
      {"slice", [] { slice(Tensor<double>(empty_array<double>({0})), {0}); }, Kind::value, {"[slice]", "position 0", "(0)", "none"}},
      {"split", [] { split(matrix(), 2, 1); }, Kind::shape, {"[split]", "(2,3)", "axis 1", "3 elements", "2 equal parts"}},
      {"split", [] { split(matrix(), 0); }, Kind::value, {"[split]", "(2,3)", "0 parts", "1 or more"}},
      {"split", [] { split(matrix(), -2, 1); }, Kind::value, {"[split]", "-2 parts", "1 or more"}},
      {"split", [] { split(matrix(), 1, 2); }, Kind::shape, {"[split]", "axis 2", "(2,3)", "-2 to 1"}},
      {"split",
       [] {
         split(matrix(), {2, 1}, 1);
       },
       Kind::value,
       {"[split]", "(2,3)", "axis 1", "(2,1)", "in order"}},
      {"split", [] { split(matrix(), {4}, 1); }, Kind::value, {"[split]", "(4)", "between 0 and 3"}},
      {"split", [] { split(matrix(), {-4}, 1); }, Kind::value, {"[split]", "(-4)", "between 0 and 3"}},
      {"split", [] { split(number(), {0}); }, Kind::shape, {"[split]", "axis 0", "()"}},
      {"chunk", [] { chunk(matrix(), 0); }, Kind::value, {"[chunk]", "(2,3)", "0 parts", "1 or more"}},
      {"chunk", [] { chunk(matrix(), -1, 1); }, Kind::value, {"[chunk]", "-1 parts", "1 or more"}},
      {"chunk", [] { chunk(matrix(), 2, 2); }, Kind::shape, {"[chunk]", "axis 2", "(2,3)", "-2 to 1"}},
      {"chunk", [] { chunk(cube(), 2, -4); }, Kind::shape, {"[chunk]", "axis -4", "(2,3,4)", "-3 to 2"}},
      {"chunk", [] { chunk(number(), 1); }, Kind::shape, {"[chunk]", "axis 0", "()"}},
      {"chunk", [] { chunk(cube(), std::numeric_limits<std::ptrdiff_t>::min()); }, Kind::value, {"[chunk]", "1 or more"}},
  };
}

std::vector<WrongCall> of_rearrangements() {
  constexpr std::ptrdiff_t huge = std::ptrdiff_t{1} << 62, largest = std::numeric_limits<std::ptrdiff_t>::max();
  return {
      {"flip", [] { flip(matrix(), 2); }, Kind::shape, {"[flip]", "axis 2", "(2,3)", "-2 to 1"}},
      {"flip", [] { flip(matrix(), -3); }, Kind::shape, {"[flip]", "axis -3", "(2,3)"}},
      {"flip",
       [] {
         flip(matrix(), {0, 0});
       },
       Kind::shape,
       {"[flip]", "axis 0", "given twice"}},
      {"flip",
       [] {
         flip(matrix(), {1, -1});
       },
       Kind::shape,
       {"[flip]", "axis -1", "given twice"}},
      {"flip", [] { flip(number(), 0); }, Kind::shape, {"[flip]", "axis 0", "()"}},
      {"flip",
       [] {
         flip(cube(), {0, 1, 3});
       },
       Kind::shape,
       {"[flip]", "axis 3", "(2,3,4)", "-3 to 2"}},
      {"roll", [] { roll(matrix(), 1, 2); }, Kind::shape, {"[roll]", "axis 2", "(2,3)", "-2 to 1"}},
      {"roll", [] { roll(matrix(), 1, -3); }, Kind::shape, {"[roll]", "axis -3", "(2,3)"}},
      {"roll",
       [] {
         roll(matrix(), {1, 2}, {0});
       },
       Kind::shape,
       {"[roll]", "(2,3)", "(1,2)", "(0)", "one for each axis"}},
      {"roll",
       [] {
         roll(matrix(), {1, 2, 3}, {0, 1});
       },
       Kind::shape,
       {"[roll]", "(1,2,3)", "(0,1)"}},
      {"roll",
       [] {
         roll(matrix(), 1, {0, -2});
       },
       Kind::shape,
       {"[roll]", "axis -2", "given twice"}},
      {"roll", [] { roll(number(), 1, 0); }, Kind::shape, {"[roll]", "axis 0", "()"}},
      {"pad", [] { pad(matrix(), -1); }, Kind::shape, {"[pad]", "(2,3)", "-1", "axis 0", "0 or more"}},
      {"pad",
       [] {
         pad(matrix(), {{0, 0}, {0, -2}});
       },
       Kind::shape,
       {"[pad]", "(2,3)", "-2", "axis 1", "0 or more"}},
      {"pad",
       [] {
         pad(matrix(), {{1, 1}, {1, 1}, {1, 1}});
       },
       Kind::shape,
       {"[pad]", "3 pairs", "(2,3)", "one for each axis"}},
      {"pad",
       [] {
         pad(cube(), {{1, 1}, {1, 1}});
       },
       Kind::shape,
       {"[pad]", "2 pairs", "(2,3,4)", "one for each axis"}},
      {"pad",
       [] {
         pad(cube(), 1, {{1, 1}, {1, 1}});
       },
       Kind::shape,
       {"[pad]", "2 pairs", "(2,3,4)", "one for each axis"}},
      {"pad", [=] { pad(matrix(), huge); }, Kind::shape, {"[pad]"}},
      {"pad", [=] { pad(matrix(), largest); }, Kind::shape, {"[pad]", "more elements than memory"}},
      {"pad",
       [=] {
         pad(matrix(), {{0, 0}, {largest, largest}});
       },
       Kind::shape,
       {"[pad]", "more elements than memory"}},
      {"tile", [] { tile(matrix(), -1); }, Kind::shape, {"[tile]", "(2,3)", "(-1)", "0 or more"}},
      {"tile",
       [] {
         tile(matrix(), {2, -3});
       },
       Kind::shape,
       {"[tile]", "(2,3)", "(2,-3)", "0 or more"}},
      {"tile",
       [] {
         tile(matrix(), {-1, 1, 1});
       },
       Kind::shape,
       {"[tile]", "(2,3)", "(-1,1,1)", "0 or more"}},
      {"tile", [] { tile(number(), -2); }, Kind::shape, {"[tile]", "()", "(-2)", "0 or more"}},
      {"tile", [=] { tile(matrix(), huge); }, Kind::shape, {"[tile]"}},
      {"tile", [=] { tile(matrix(), largest); }, Kind::shape, {"[tile]", "more elements than memory"}},
      {"tile",
       [=] {
         tile(matrix(), {largest, 0, largest});
       },
       Kind::shape,
       {"[tile]", "more elements than memory"}},
      {"tile",
       [=] {
         tile(matrix(), {huge, huge});
       },
       Kind::shape,
       {"[tile]"}},
      {"repeat", [] { repeat(matrix(), -1); }, Kind::value, {"[repeat]", "(2,3)", "(-1)", "0 or more"}},
      {"repeat",
       [] {
         repeat(matrix(), {1, -2}, 0);
       },
       Kind::value,
       {"[repeat]", "(2,3)", "(1,-2)", "0 or more"}},
      {"repeat",
       [] {
         repeat(matrix(), {1, 2}, 1);
       },
       Kind::shape,
       {"[repeat]", "(2,3)", "(1,2)", "1 or 3 numbers"}},
      {"repeat",
       [] {
         repeat(matrix(), {1, 2});
       },
       Kind::shape,
       {"[repeat]", "(2,3)", "(1,2)", "1 or 6 numbers"}},
      {"repeat", [] { repeat(matrix(), 2, 2); }, Kind::shape, {"[repeat]", "axis 2", "(2,3)", "-2 to 1"}},
      {"repeat", [] { repeat(number(), 2, 0); }, Kind::shape, {"[repeat]", "axis 0", "()"}},
      {"repeat", [=] { repeat(matrix(), huge, 0); }, Kind::shape, {"[repeat]"}},
      {"repeat",
       [=] {
         repeat(matrix(), {huge, 1}, 0);
       },
       Kind::shape,
       {"[repeat]", "more elements than memory"}},
      {"repeat",
       [=] {
         repeat(matrix(), {largest, largest}, 0);
       },
       Kind::shape,
       {"[repeat]", "more elements than memory"}},
      {"repeat",
       [=] {
         repeat(matrix(), {largest, largest, 4}, 1);
       },
       Kind::shape,
       {"[repeat]", "more elements than memory"}},
  };
}

std::vector<WrongCall> of_diagonals() {
  const Tensor<double> vector = xt::xarray<double>{1, 2};
  std::vector<WrongCall> calls{
      {"diag", [] { diag(cube()); }, Kind::shape, {"[diag]", "(2,3,4)", "3 axes", "a vector or a matrix"}},
      {"diag", [] { diag(number()); }, Kind::shape, {"[diag]", "()", "0 axes", "a vector or a matrix"}},
      {"diag", [] { diag(cube(), 5); }, Kind::shape, {"[diag]", "(2,3,4)"}},
      {"diag", [] { diag(number(), -1); }, Kind::shape, {"[diag]", "()"}},
      {"diag", [] { diag(expand_dims(cube(), 0)); }, Kind::shape, {"[diag]", "(1,2,3,4)", "4 axes"}},
      {"diag",
       [] {
         diag(reshape(cube(), {1, 1, 24}));
       },
       Kind::shape,
       {"[diag]", "(1,1,24)"}},
  };
  for (const char* const op : {"diagonal", "trace"}) {
    const bool traces = op == std::string("trace");
    const std::string tag = '[' + std::string(op) + ']';
    const auto of = [=](const Tensor<double>& x, std::ptrdiff_t axis1, std::ptrdiff_t axis2) { return [=] { traces ? trace(x, 0, axis1, axis2) : diagonal(x, 0, axis1, axis2); }; };
    calls.push_back({op, of(vector, 0, 1), Kind::shape, {tag, "(2)", "1 axes", "2 or more"}});
    calls.push_back({op, of(number(), 0, 1), Kind::shape, {tag, "()", "0 axes", "2 or more"}});
    calls.push_back({op, of(matrix(), 0, 0), Kind::shape, {tag, "axis 0", "(2,3)", "given twice"}});
    calls.push_back({op, of(matrix(), 1, -1), Kind::shape, {tag, "axis -1", "(2,3)", "given twice"}});
    calls.push_back({op, of(matrix(), 0, 2), Kind::shape, {tag, "axis 2", "(2,3)", "-2 to 1"}});
    calls.push_back({op, of(cube(), -4, 1), Kind::shape, {tag, "axis -4", "(2,3,4)", "-3 to 2"}});
  }
  for (const char* const op : {"tril", "triu"}) {
    const bool is_lower = op == std::string("tril");
    const std::string tag = '[' + std::string(op) + ']';
    const auto of = [=](const Tensor<double>& x, int k) { return [=] { is_lower ? tril(x, k) : triu(x, k); }; };
    for (const int k : {0, 1, -1}) {
      calls.push_back({op, of(vector, k), Kind::shape, {tag, "(2)", "1 axes", "2 or more"}});
      calls.push_back({op, of(number(), k), Kind::shape, {tag, "()", "0 axes", "2 or more"}});
    }
  }
  return calls;
}

std::vector<WrongCall> of_picking() {
  const Ints line{0, 1}, rows{{0, 1, 0}}, square{{0, 1}, {1, 0}}, beyond{{0, 2, 0}};
  xt::xarray<std::uint64_t> too_large{~0ull, 0};
  too_large.reshape({1, 2});
  const xt::xarray<bool> mask{true, false};
  std::vector<WrongCall> calls;
  for (const char* const op : {"take_along_axis", "gather"}) {
    const bool gathers = op == std::string("gather");
    const std::string tag = '[' + std::string(op) + ']';
    const auto of = [=](const Tensor<double>& x, const auto& indices, std::ptrdiff_t axis) { return [=] { gathers ? gather(x, indices, axis) : take_along_axis(x, indices, axis); }; };
    calls.push_back({op, of(matrix(), rows, 2), Kind::shape, {tag, "axis 2", "(2,3)", "-2 to 1"}});
    calls.push_back({op, of(matrix(), rows, -3), Kind::shape, {tag, "axis -3", "(2,3)", "-2 to 1"}});
    calls.push_back({op, of(matrix(), line, 0), Kind::shape, {tag, "(2)", "axis 0", "(2,3)", "2 axes"}});
    calls.push_back({op, of(number(), Ints(0), 0), Kind::shape, {tag, "axis 0", "()"}});
    calls.push_back({op, of(matrix(), beyond, 0), Kind::value, {tag, "index 2", "axis 0", "(2,3)", "-2 to 1"}});
    calls.push_back({op, of(matrix(), Ints(rows - 3), 0), Kind::value, {tag, "index -3", "axis 0", "(2,3)", "-2 to 1"}});
    calls.push_back({op, of(matrix(), too_large, 1), Kind::value, {tag, "18446744073709551615"}});
  }
  calls.push_back({"take_along_axis", [=] { take_along_axis(matrix(), square, 0); }, Kind::shape, {"[take_along_axis]", "3 and 2"}});
  calls.push_back({"gather", [=] { gather(matrix(), Ints(xt::zeros<int>({1, 4})), 0); }, Kind::shape, {"[gather]", "(1,4)", "axis 0", "(2,3)", "at most"}});
  const auto scatter = [](const auto& indices, const auto& src, std::ptrdiff_t axis) { return [=] { scatter_add(matrix(), indices, src, axis); }; };
  const char* const op = "scatter_add";
  const std::string tag = "[scatter_add]";
  calls.push_back({op, scatter(rows, 1, 2), Kind::shape, {tag, "axis 2", "(2,3)", "-2 to 1"}});
  calls.push_back({op, scatter(line, 1, 0), Kind::shape, {tag, "(2)", "(2,3)", "2 axes"}});
  calls.push_back({op, scatter(beyond, 1, 0), Kind::value, {tag, "index 2", "axis 0", "(2,3)", "-2 to 1"}});
  calls.push_back({op, scatter(Ints(rows - 3), 1, 0), Kind::value, {tag, "index -3", "-2 to 1"}});
  calls.push_back({op, scatter(Ints(xt::zeros<int>({3, 1})), 1, 1), Kind::shape, {tag, "(3,1)", "(2,3)", "at most"}});
  calls.push_back({op, scatter(rows, xt::xarray<double>{1, 2}, 0), Kind::shape, {tag, "(2)", "(1,3)"}});
  calls.push_back({op, scatter(rows, matrix(), 0), Kind::shape, {tag, "src of (2,3)", "(1,3)"}});
  calls.push_back({"mask_select", [=] { mask_select(matrix(), mask); }, Kind::shape, {"[mask_select]", "(2)", "(2,3)"}});
  calls.push_back({"mask_select", [=] { mask_select(number(), mask); }, Kind::shape, {"[mask_select]", "(2)", "()", "broadcast to it"}});
  calls.push_back({"mask_select", [] { mask_select(matrix(), cube() > 0); }, Kind::shape, {"[mask_select]", "(2,3,4)", "(2,3)"}});
  calls.push_back({"mask_select", [] { mask_select(cube(), matrix() > 0); }, Kind::shape, {"[mask_select]", "(2,3)", "(2,3,4)"}});
  calls.push_back({"mask_select", [] { mask_select(matrix(), expand_dims(matrix(), 0) > 0); }, Kind::shape, {"[mask_select]", "(1,2,3)", "(2,3)"}});
  calls.push_back({"mask_select", [=] { mask_select(matrix(), Ints{0, 1, 1, 0}); }, Kind::shape, {"[mask_select]", "(4)", "(2,3)"}});
  calls.push_back({"one_hot", [=] { one_hot(line, 1); }, Kind::value, {"[one_hot]", "label 1", "1 classes", "0 to 0"}});
  calls.push_back({"one_hot", [=] { one_hot(line - 1, 3); }, Kind::value, {"[one_hot]", "label -1", "0 to 2"}});
  calls.push_back({"one_hot", [=] { one_hot(line, 0); }, Kind::value, {"[one_hot]", "0 classes", "none"}});
  calls.push_back({"one_hot", [] { one_hot<float>(Ints{7}, 7); }, Kind::value, {"[one_hot]", "label 7", "0 to 6"}});
  calls.push_back({"one_hot", [=] { one_hot(line, std::size_t{1} << 62); }, Kind::shape, {"[one_hot]"}});
  calls.push_back({"one_hot", [] { one_hot(xt::xarray<std::uint64_t>{~0ull}, 3); }, Kind::value, {"[one_hot]", "18446744073709551615"}});
  return calls;
}

}  // namespace

std::vector<WrongCall> of_shape_ops() {
  std::vector<WrongCall> calls;
  for (const auto& some : {of_orders_of_axes(), of_slicing(), of_rearrangements(), of_diagonals(), of_picking()}) calls.insert(calls.end(), some.begin(), some.end());
  return calls;
}

// clang-format on

}  // namespace gradus::wrong_calls
