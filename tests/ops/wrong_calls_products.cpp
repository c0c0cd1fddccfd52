#include "tensor_values.hpp"
#include "wrong_calls.hpp"

namespace gradus::wrong_calls {
namespace {

Tensor<double> of(const Shape& shape) { return variable(irregular(shape).value()); }

/// Of a product of two: swept twice, an operand changed, and a seed of another shape. `f` takes matrices
/// (2,2).
void add_wrong_sweeps(std::vector<WrongCall>& calls, const char* op,
                      const std::function<Tensor<double>(const Tensor<double>&, const Tensor<double>&)>& f) {
  const std::string step = std::string("the ") + op + " step";
  calls.push_back({op,
                   [=] {
                     const Tensor<double> y = f(of({2, 2}), of({2, 2}));
                     backward(y, y.detach());
                     backward(y, y.detach());
                   },
                   Kind::graph,
                   {step, "retain_graph"}});
  calls.push_back({op,
                   [=] {
                     const Tensor<double> x = of({2, 2}).named("x"), y = f(x, of({2, 2}));
                     x.set_value(xt::xarray<double>{{1, 2}, {3, 4}});
                     backward(y, y.detach());
                   },
                   Kind::graph,
                   {"'x'", step}});
}

void add_matmul(std::vector<WrongCall>& calls) {
  const auto add = [&](const Shape& a, const Shape& b, std::vector<std::string> says) {
    says.push_back("[matmul] " + to_string(a) + " x " + to_string(b));
    calls.push_back({"matmul", [=] { matmul(of(a), of(b)); }, Kind::shape, std::move(says)});
  };
  add({}, {2}, {"at least one axis"});
  add({2, 3}, {}, {"at least one axis"});
  add({2, 3}, {4, 5}, {"inner dimensions 3 and 4 differ"});
  add({3}, {4}, {"inner dimensions 3 and 4 differ"});
  add({2, 3}, {2, 4, 5}, {"inner dimensions 3 and 4 differ"});
  add({2, 3, 4}, {3}, {"inner dimensions 4 and 3 differ"});
  add({2, 3, 4}, {3, 4, 5}, {"(2) and (3)", "do not broadcast"});
  add({5, 2, 3, 4}, {4, 4, 5}, {"(5,2) and (4)", "do not broadcast"});
  add_wrong_sweeps(calls, "matmul", [](const auto& a, const auto& b) { return matmul(a, b); });
}

void add_linear(std::vector<WrongCall>& calls) {
  const auto add = [&](const Shape& x, const Shape& w, const Shape& b, std::vector<std::string> says) {
    says.emplace_back("[linear]");
    calls.push_back({"linear", [=] { linear(of(x), of(w), of(b)); }, Kind::shape, std::move(says)});
  };
  add({2, 3}, {4, 5}, {5}, {"(2,3) x (4,5)", "inner dimensions 3 and 4 differ"});
  add({3}, {3, 5}, {5}, {"(3) x (3,5)", "(batch,in) x (in,out)"});
  add({2, 3}, {3}, {1}, {"(2,3) x (3)", "(batch,in) x (in,out)"});
  add({2, 3}, {3, 5}, {4}, {"weight (3,5) and bias (4)", "expected a bias (5)"});
  add({2, 3}, {3, 5}, {}, {"weight (3,5) and bias ()", "expected a bias (5)"});
  add({2, 2, 3}, {3, 5}, {5}, {"(2,2,3) x (3,5)"});
  add_wrong_sweeps(calls, "linear", [](const auto& a, const auto& b) { return linear(a, b); });
}

void add_dot(std::vector<WrongCall>& calls) {
  const auto add = [&](const Shape& a, const Shape& b, std::vector<std::string> says) {
    says.push_back("[dot] " + to_string(a) + " x " + to_string(b));
    calls.push_back({"dot", [=] { dot(of(a), of(b)); }, Kind::shape, std::move(says)});
  };
  add({3}, {4}, {"axis 0 has 3 and axis 0 has 4", "same extent"});
  add({2, 3}, {4}, {"axis 1 has 3 and axis 0 has 4"});
  add({2, 3}, {2, 3}, {"axis 1 has 3 and axis 0 has 2"});
  add({2, 3}, {3, 2, 3}, {"axis 1 has 3 and axis 1 has 2"});
  add({0}, {1}, {"axis 0 has 0 and axis 0 has 1"});
  add_wrong_sweeps(calls, "dot", [](const auto& a, const auto& b) { return dot(a, b); });
}

void add_outer(std::vector<WrongCall>& calls) {
  add_wrong_sweeps(calls, "outer", [](const auto& a, const auto& b) { return outer(a, b); });
  constexpr std::size_t huge = std::size_t{1} << 40;
  const auto add = [&](const Shape& a, const Shape& b) {
    calls.push_back({"outer",
                     [=] {
                       const Tensor<double> x = outer(of(a), of(b));
                       backward(x, Tensor<double>(xt::xarray<double>{1, 2}));
                     },
                     Kind::shape,
                     {"[backward]", "(2)", to_string(Shape{count(a), count(b)})}});
  };
  add({3}, {2});
  add({}, {2});
  add({2, 2}, {2});
  calls.push_back({"outer",
                   [] {
                     const Tensor<double> none = empty_array<double>({0, huge});
                     matmul(outer(of({2}), of({2})), none);
                   },
                   Kind::shape,
                   {"[matmul] (2,2) x (0,1099511627776)"}});
}

void add_tensordot(std::vector<WrongCall>& calls) {
  const Tensor<double> a = of({2, 3, 4}), b = of({3, 4, 2});
  const auto add = [&](Kind kind, const std::function<void()>& call, std::vector<std::string> says) {
    says.emplace_back("[tensordot]");
    calls.push_back({"tensordot", call, kind, std::move(says)});
  };
  using Pair = TensordotAxes;
  add(Kind::value, [=] { tensordot(a, b, -1); }, {"-1 axes", "0 or more"});
  add(Kind::shape, [=] { tensordot(a, b, 4); }, {"(2,3,4) x (3,4,2)", "4 axes", "at most 3"});
  add(Kind::shape, [=] { tensordot(a, b, 1); }, {"axis 2 has 4 and axis 0 has 3"});
  add(Kind::shape, [=] { tensordot(a, b, Pair{{0, 1}, {2}}); }, {"(0,1) and (2)", "as many"});
  add(Kind::shape, [=] { tensordot(a, b, Pair{{3}, {0}}); }, {"axis 3 of (2,3,4)", "-3 to 2"});
  add(Kind::shape, [=] { tensordot(a, b, Pair{{0}, {-4}}); }, {"axis -4 of (3,4,2)", "-3 to 2"});
  add(Kind::shape, [=] { tensordot(a, b, Pair{{1, -2}, {0, 0}}); }, {"axis -2 of (2,3,4)", "given twice"});
  add(Kind::shape, [=] { tensordot(a, b, Pair{{0}, {0}}); }, {"axis 0 has 2 and axis 0 has 3"});
  add_wrong_sweeps(calls, "tensordot", [](const auto& x, const auto& y) { return tensordot(x, y, 1); });
}

void add_einsum(std::vector<WrongCall>& calls) {
  const auto add = [&](Kind kind, const char* subscripts, const std::vector<Shape>& shapes,
                       std::vector<std::string> says) {
    says.push_back(std::string("[einsum] '") + subscripts + "'");
    const auto call = [=] {
      std::vector<Tensor<double>> operands;
      for (const Shape& shape : shapes) operands.push_back(of(shape));
      einsum(subscripts, operands);
    };
    calls.push_back({"einsum", call, kind, std::move(says)});
  };
  add(Kind::value, "ij,jk->ik", {{2, 2}}, {"2 operands, 1 are given"});
  add(Kind::value, "ij", {{2, 2}, {2, 2}}, {"1 operands, 2 are given"});
  add(Kind::value, "", {}, {"1 operands, 0 are given"});
  add(Kind::value, "i2->i", {{2, 2}}, {"'2' in 'i2'", "letters"});
  add(Kind::value, "i->i->i", {{2}}, {"'-' in 'i->i'"});
  add(Kind::value, "i..j->ij", {{2, 2}}, {"'.' in 'i..j'"});
  add(Kind::value, "...i...->i", {{2, 2}}, {"'.' in '...i...'", "one ellipsis"});
  add(Kind::value, "ij->ik", {{2, 2}}, {"no operand has 'k'"});
  add(Kind::value, "ij->ii", {{2, 2}}, {"'i' is twice in the output"});
  add(Kind::value, "...i->i", {{2, 3}}, {"ellipsis stands for 1 axes", "output"});
  add(Kind::value, "i->i,i", {{2}}, {"',' in 'i,i'"});
  add(Kind::shape, "ij->i", {{2, 3, 4}}, {"operand 0 has shape (2,3,4)", "'ij' names 2 axes"});
  add(Kind::shape, "i,ij->j", {{}, {2, 3}}, {"operand 0 has shape ()", "'i' names 1 axes"});
  add(Kind::shape, "...ij->ij", {{3}}, {"operand 0 has shape (3)", "at least 2 axes"});
  add(Kind::shape, "ij,jk->ik", {{2, 3}, {4, 5}},
      {"axis 0 of operand 1, shape (4,5), has 4", "'j' was 3 before"});
  add(Kind::shape, "ii->i", {{2, 3}}, {"axis 1 of operand 0, shape (2,3), has 3", "'i' was 2 before"});
  add(Kind::shape, "ii->i", {{1, 3}}, {"axis 1 of operand 0, shape (1,3), has 3", "'i' was 1 before"});
  add(Kind::shape, "...i,...i->...", {{2, 3}, {4, 3}}, {"has 4", "axis -1 of the ellipsis was 2 before"});
  add_wrong_sweeps(calls, "einsum", [](const auto& a, const auto& b) { return einsum("ij,jk->ik", a, b); });
}

}  // namespace

std::vector<WrongCall> of_products() {
  std::vector<WrongCall> calls;
  add_matmul(calls);
  add_linear(calls);
  add_dot(calls);
  add_outer(calls);
  add_tensordot(calls);
  add_einsum(calls);
  return calls;
}

}  // namespace gradus::wrong_calls
