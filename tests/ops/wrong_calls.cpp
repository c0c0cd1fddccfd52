#include "wrong_calls.hpp"

namespace gradus::wrong_calls {

const Operands& operands() {
  static const Operands all = [] {
    const auto irregular = [](const Shape& shape) {
      Array<double> array = empty_array<double>(shape);
      for (std::size_t i = 0; i < array.size(); ++i) array.data()[i] = 0.3 + 0.07 * static_cast<double>(i);
      return variable(array);
    };
    return Operands{irregular({}),     irregular({3}),       irregular({2, 3}),
                    irregular({3, 3}), irregular({2, 3, 4}), irregular({0, 3})};
  }();
  return all;
}

Tensor<double> hollow(const Shape& shape) { return Tensor<double>(empty_array<double>(shape)); }

void Rows::add(Call call, Kind kind, Says says) const {
  says.push_back("[" + op_ + "]");
  all_.push_back({op_, std::move(call), kind, std::move(says)});
}

void Rows::step(const std::function<Tensor<double>(const Tensor<double>&)>& f) const {
  const auto fresh = [] { return variable(operands().matrix.value()).named("x"); };
  const auto seeded = [](const Tensor<double>& y) {
    y.backward(Tensor<double>(full_array<double>(y.shape(), 1)));
  };
  const std::string step = "the " + op_ + " step", shape = to_string(f(fresh()).shape());
  const auto wrong = [&](Call call, Kind kind, Says says) {
    says.push_back(step);
    all_.push_back({op_, std::move(call), kind, std::move(says)});
  };
  const auto sweep_twice = [=] {
    const Tensor<double> y = f(fresh());
    seeded(y);
    seeded(y);
  };
  const auto change_before_sweep = [=] {
    const Tensor<double> x = fresh(), y = f(x);
    x.set_value(x.value() + 1);
    seeded(y);
  };
  wrong(sweep_twice, Kind::graph, {"[backward]", "released", "retain_graph"});
  wrong(change_before_sweep, Kind::graph, {"[backward]", "the variable 'x'", "changed"});
  wrong([=] { f(fresh()).backward(); }, Kind::graph, {"[backward]", shape, "needs a seed"});
  wrong(
      [=] {
        f(fresh()).backward(xt::xarray<double>{1, 2, 3, 4, 5});
      },
      Kind::shape, {"[backward]", "a seed of shape (5)", shape});
  wrong([=] { (void)f(fresh()).grad(); }, Kind::graph, {"[grad]", "retain_grad()"});
  wrong([=] { f(fresh()).set_value(1); }, Kind::graph, {"[set_value]", "only a variable"});
}

}  // namespace gradus::wrong_calls
