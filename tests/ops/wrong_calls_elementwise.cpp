#include <exception>
#include <thread>

#include "../elementwise_ops.hpp"
#include "wrong_calls.hpp"

namespace gradus::wrong_calls {
namespace {

using testing::BinaryOp;
using testing::UnaryOp;

/// Calls in another thread than that of the Scalars which are used, and brings its error back.
void elsewhere(const std::function<void()>& call) {
  std::exception_ptr error;
  std::thread([&] {
    try {
      call();
    } catch (...) {
      error = std::current_exception();
    }
  }).join();
  if (error) std::rethrow_exception(error);
}

void add_unary(std::vector<WrongCall>& all, const UnaryOp& op) {
  const Rows rows(all, op.name);
  rows.step([&op](const auto& x) { return op(x); });
  rows.graph(
      [&op] {
        const Scalar x = variable(0.5);
        elsewhere([&] { op(x); });
      },
      {"thread"});
}

/// What any op that broadcasts two tensors must refuse.
void add_broadcasting(const Rows& rows,
                      const std::function<void(const Tensor<double>&, const Tensor<double>&)>& f) {
  const auto& in = operands();
  rows.shape([=] { f(in.matrix, in.cube); }, {"(2,3) and (2,3,4)", "axis -1 has 3 and 4"});
  rows.shape([=] { f(in.square, in.matrix); }, {"(3,3) and (2,3)", "axis -2 has 3 and 2"});
  rows.shape([=] { f(in.matrix, in.nothing); }, {"(2,3) and (0,3)", "axis -2 has 2 and 0"});
  rows.shape(
      [=] {
        f(hollow({huge, 1, 0}), hollow({1, huge, 0}));
      },
      {"a result of shape (1099511627776,1099511627776,0)", "more elements than memory can hold"});
}

void add_binary(std::vector<WrongCall>& all, const BinaryOp& op) {
  const Rows rows(all, op.name);
  rows.step([&op](const auto& x) { return op(x, x); });
  add_broadcasting(rows, [&op](const auto& a, const auto& b) { op(a, b); });
  rows.graph(
      [&op] {
        const Scalar x = variable(0.5), y = variable(0.7);
        elsewhere([&] { op(x, y); });
      },
      {"thread"});
}

void add_clip(std::vector<WrongCall>& all) {
  const Rows rows(all, "clip");
  const auto clip_to = [](double lo, double hi) { return [=] { clip(operands().matrix, lo, hi); }; };
  const double nan = std::nan("");
  rows.value(clip_to(2, 1), {"bounds 2 and 1", "the lower must not be above the upper"});
  rows.value(clip_to(nan, 1), {"bounds nan and 1", "the lower must not be above the upper"});
  rows.value(clip_to(0, nan), {"bounds 0 and nan", "the lower must not be above the upper"});
  rows.value([] { clip(Scalar(1), 2, 1); }, {"bounds 2 and 1", "the lower must not be above the upper"});
  const double lo = 2 + static_cast<double>(operands().nothing.size());  // not known to the compiler
  rows.value([=] { fuse([=](auto x) { return clip(x, lo, 1); }, operands().matrix); }, {"bounds 2 and 1"});
  rows.step([](const auto& x) { return clip(x, 0, 1); });
}

void add_where(std::vector<WrongCall>& all) {
  const Rows rows(all, "where");
  const auto& in = operands();
  const xt::xarray<bool> mask{true, false};
  rows.shape([=] { where(mask, in.matrix, 1); }, {"(2) and (2,3)", "axis -1 has 2 and 3"});
  rows.shape([=] { where(mask, 1, in.vector); }, {"(2) and (3)", "axis -1 has 2 and 3"});
  rows.shape([=] { where(mask, in.nothing, 1); }, {"(2) and (0,3)", "axis -1 has 2 and 3"});
  add_broadcasting(rows, [=](const auto& a, const auto& b) { where(mask, a, b); });
  rows.step([](const auto& x) { return where(x > 0.5, x, 2.0); });
}

void add_fuse(std::vector<WrongCall>& all) {
  const Rows rows(all, "fuse");
  const auto product = [](auto a, auto b) { return a * b; };
  add_broadcasting(rows, [=](const auto& a, const auto& b) { fuse(product, a, b); });
  rows.graph(
      [=] {
        const Scalar x = variable(0.5);
        elsewhere([&] { fuse(product, operands().matrix, x); });
      },
      {"thread"});
  rows.step([=](const auto& x) { return fuse(product, x, x); });
}

}  // namespace

std::vector<WrongCall> of_elementwise_ops() {
  std::vector<WrongCall> all;
  for (const UnaryOp& op : testing::unary_ops()) add_unary(all, op);
  for (const BinaryOp& op : testing::binary_ops()) add_binary(all, op);
  add_clip(all);
  add_where(all);
  add_fuse(all);
  return all;
}

}  // namespace gradus::wrong_calls
