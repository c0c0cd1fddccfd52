#include "wrong_calls.hpp"

namespace gradus::wrong_calls {
namespace {

constexpr auto wide = std::ptrdiff_t{huge};

void add_transpose(std::vector<WrongCall>& all) {
  const auto& in = operands();
  const Rows rows(all, "transpose");
  rows.shape([&] { transpose(in.matrix, {0}); }, {"(2,3) has 2 axes", "1 are given", "each of them once"});
  rows.shape([&] { transpose(in.matrix, {1, 0, 2}); }, {"axis 2 of (2,3)", "expected -2 to 1"});
  rows.shape([&] { transpose(in.matrix, {0, 0}); }, {"axis 0 of (2,3)", "given twice"});
  rows.shape([&] { transpose(in.cube, {0, 1, -2}); }, {"axis -2 of (2,3,4)", "given twice"});
  rows.shape([&] { transpose(in.matrix, {0, -3}); }, {"axis -3 of (2,3)", "expected -2 to 1"});
  rows.shape([&] { transpose(in.number, {0}); }, {"axis 0 of ()", "a single number has no axes"});
  rows.step([](const auto& x) { return transpose(x); });
}

void add_reshape(std::vector<WrongCall>& all) {
  const auto& in = operands();
  const Rows rows(all, "reshape");
  rows.shape([&] { reshape(in.matrix, {4}); }, {"(2,3) to (4)", "6", "4"});
  rows.shape([&] { reshape(in.matrix, {-1, -1}); }, {"(2,3) to (-1,-1)", "-1"});
  rows.shape([&] { reshape(in.matrix, {-2, -3}); }, {"(2,3) to (-2,-3)"});
  rows.shape([&] { reshape(in.matrix, {4, -1}); }, {"(2,3) to (4,-1)", "6"});
  rows.shape([&] { reshape(in.nothing, {0, -1}); }, {"(0,3) to (0,-1)"});
  rows.shape([&] { reshape(in.number, {0}); }, {"() to (0)", "1"});
  rows.shape([&] { reshape(in.nothing, {wide, wide, 0}); }, {"more elements than memory can hold"});
  rows.step([](const auto& x) { return reshape(x, {3, 2}); });
}

void add_broadcast_to(std::vector<WrongCall>& all) {
  const auto& in = operands();
  const Rows rows(all, "broadcast_to");
  rows.shape([&] { broadcast_to(in.matrix, {3, 3}); }, {"(2,3) and (3,3)", "axis -2 has 2 and 3"});
  rows.shape([&] { broadcast_to(in.matrix, {3}); }, {"(2,3) to (3)", "only where it has 1"});
  rows.shape([&] { broadcast_to(in.matrix, {2, 1}); }, {"(2,3) to (2,1)", "only where it has 1"});
  rows.shape([&] { broadcast_to(in.vector, {-1, 3}); }, {"an extent of -1", "expected 0 or more"});
  rows.shape([&] { broadcast_to(in.vector, {2, 0}); }, {"(3) and (2,0)", "axis -1 has 3 and 0"});
  rows.shape([&] { broadcast_to(in.number, {wide, wide}); }, {"more elements than memory can hold"});
  rows.step([](const auto& x) { return broadcast_to(x, {2, 2, 3}); });
}

void add_squeeze(std::vector<WrongCall>& all) {
  const auto& in = operands();
  const Rows rows(all, "squeeze");
  rows.shape([&] { squeeze(in.matrix, 0); }, {"axis 0 of (2,3) has 2", "only an extent of 1"});
  rows.shape([&] { squeeze(in.cube, {0, -1}); }, {"axis 0 of (2,3,4) has 2", "only an extent of 1"});
  rows.shape([&] { squeeze(in.nothing, 0); }, {"axis 0 of (0,3) has 0", "only an extent of 1"});
  rows.shape([&] { squeeze(in.matrix, 2); }, {"axis 2 of (2,3)", "expected -2 to 1"});
  rows.shape([&] { squeeze(expand_dims(in.vector, 0), {0, -2}); }, {"axis -2 of (1,3)", "given twice"});
  rows.shape([&] { squeeze(in.number, 0); }, {"axis 0 of ()", "a single number has no axes"});
  rows.step([](const auto& x) { return squeeze(x); });
}

void add_expand_dims(std::vector<WrongCall>& all) {
  const auto& in = operands();
  const Rows rows(all, "expand_dims");
  rows.shape([&] { expand_dims(in.matrix, 3); }, {"axis 3 of (2,3) and 1 more", "expected -3 to 2"});
  rows.shape([&] { expand_dims(in.matrix, -4); }, {"axis -4 of (2,3) and 1 more", "expected -3 to 2"});
  rows.shape([&] { expand_dims(in.matrix, {0, 0}); }, {"axis 0 of (2,3) and 2 more", "given twice"});
  rows.shape([&] { expand_dims(in.matrix, {0, -4}); }, {"axis -4 of (2,3) and 2 more", "given twice"});
  rows.shape([&] { expand_dims(in.number, 1); }, {"axis 1 of () and 1 more", "expected -1 to 0"});
  rows.shape([&] { expand_dims(in.vector, {0, 3}); }, {"axis 3 of (3) and 2 more", "expected -3 to 2"});
  rows.step([](const auto& x) { return expand_dims(x, 0); });
}

void add_concatenate(std::vector<WrongCall>& all) {
  const auto& in = operands();
  const Rows rows(all, "concatenate");
  const std::string same = "all other extents must be the same";
  rows.shape([] { concatenate(std::vector<Tensor<double>>{}, 0); }, {"no tensors given", "at least one"});
  rows.shape([&] { concatenate({in.matrix, in.square}, 1); }, {"(2,3) and (3,3)", "axis 1", same});
  rows.shape([&] { concatenate({in.matrix, in.vector}, 0); }, {"(2,3) and (3)", "axis 0", same});
  rows.shape([&] { concatenate({in.vector, in.matrix}, 0); }, {"(3) and (2,3)", "axis 0", same});
  rows.shape([&] { concatenate({in.matrix, in.matrix}, 2); }, {"axis 2 of (2,3)", "expected -2 to 1"});
  rows.shape([&] { concatenate({in.number, in.number}, 0); }, {"axis 0 of ()", "has no axes"});
  rows.shape(
      [] {
        concatenate(std::vector<Tensor<double>>(1 << 20, hollow({0, huge})), 1);
      },
      {"a result of shape (0,", "more elements than memory can hold"});
  rows.step([](const auto& x) { return concatenate({x, x}, 0); });
}

void add_stack(std::vector<WrongCall>& all) {
  const auto& in = operands();
  const Rows rows(all, "stack");
  rows.shape([] { stack(std::vector<Tensor<double>>{}); }, {"no tensors given", "at least one"});
  rows.shape([] { stack(std::vector<Scalar>{}); }, {"no scalars given", "at least one"});
  rows.shape([&] { stack({in.matrix, in.square}); }, {"(2,3) and (3,3)", "must be the same"});
  rows.shape([&] { stack({in.matrix, in.vector}); }, {"(2,3) and (3)", "must be the same"});
  rows.shape([&] { stack({in.matrix, in.matrix}, 3); }, {"axis 3 of (2,3) and 1 more", "expected -3 to 2"});
  rows.shape([&] { stack({in.matrix, in.matrix}, -4); }, {"axis -4 of (2,3)", "expected -3 to 2"});
  rows.shape(
      [] {
        stack(std::vector<Tensor<double>>(1 << 20, hollow({0, huge})));
      },
      {"a result of shape (1048576,0,", "more elements than memory can hold"});
  rows.step([](const auto& x) { return stack({x, x}); });
}

void add_take(std::vector<WrongCall>& all) {
  const auto& in = operands();
  const Rows rows(all, "take");
  const auto take_from = [](const Tensor<double>& x, int index, std::ptrdiff_t axis) {
    return [=] { take(x, xt::xarray<int>{0, index}, axis); };
  };
  rows.value(take_from(in.matrix, 2, 0), {"index 2 along axis 0 of (2,3)", "expected -2 to 1"});
  rows.value(take_from(in.matrix, -4, 1), {"index -4 along axis 1 of (2,3)", "expected -3 to 2"});
  rows.value(take_from(in.nothing, 0, 0), {"index 0 along axis 0 of (0,3)", "expected none"});
  rows.value([&] { take(in.vector, xt::xarray<std::uint64_t>{~std::uint64_t{0}}, 0); },
             {"18446744073709551615", "larger than any index"});
  rows.shape(take_from(in.matrix, 0, 2), {"axis 2 of (2,3)", "expected -2 to 1"});
  rows.shape(take_from(in.matrix, 0, -3), {"axis -3 of (2,3)", "expected -2 to 1"});
  rows.shape(take_from(in.number, 0, 0), {"axis 0 of ()", "a single number has no axes"});
  rows.shape(
      [] {
        take(hollow({1, huge, 0}), xt::xarray<int>(xt::zeros<int>({1 << 20})), 0);
      },
      {"a result of shape (1048576,", "more elements than memory can hold"});
  rows.step([](const auto& x) { return take(x, xt::xarray<int>{1, 0, 1}, 0); });
}

void add_unfold(std::vector<WrongCall>& all) {
  const auto& in = operands();
  const Rows rows(all, "unfold");
  const auto images = [] { return reshape(operands().matrix, {1, 1, 2, 3}); };
  rows.shape([&] { unfold(in.matrix, 1); }, {"(2,3)", "(n,channels,height,width)"});
  rows.shape([&] { unfold(in.cube, 1); }, {"(2,3,4)", "(n,channels,height,width)"});
  rows.shape([=] { unfold(images(), 3); }, {"kernel of (3,3)", "images of (2,3)", "padding of (0,0)"});
  rows.shape(
      [=] {
        unfold(images(), {2, 6}, {.padding = {0, 1}});
      },
      {"kernel of (2,6)", "images of (2,3)", "padding of (0,1)"});
  rows.value([=] { unfold(images(), 1, {.padding = -1}); }, {"padding of (-1,-1)", "at least 0"});
  rows.shape([=] { unfold(hollow({0, 1, 1, 1}), 1, {.padding = huge}); }, {"more elements than memory"});
  rows.value([=] { unfold(images(), {0, 1}); }, {"kernel of (0,1)", "at least 1"});
  rows.value([=] { unfold(images(), 1, {.stride = {1, 0}}); }, {"stride of (1,0)", "at least 1"});
  const auto changed = [=] {
    const Tensor<double> x = variable(images().value()).named("x"), y = sum(unfold(x, 2));
    x.set_value(images().value());
    y.backward();
  };
  all.push_back(
      {"unfold", changed, Kind::graph, {"the variable 'x'", "the unfold step", "before changing it"}});
}

}  // namespace

std::vector<WrongCall> of_layout_ops() {
  std::vector<WrongCall> all;
  add_transpose(all);
  add_reshape(all);
  add_broadcast_to(all);
  add_squeeze(all);
  add_expand_dims(all);
  add_concatenate(all);
  add_stack(all);
  add_take(all);
  add_unfold(all);
  return all;
}

}  // namespace gradus::wrong_calls
