#include <algorithm>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "tensor_values.hpp"
#include <gtest/gtest.h>

#include <gradus/gradus.hpp>

// einsum and tensordot against sums over all values of all indices.
namespace gradus {
namespace {

using Tensors = std::vector<Tensor<double>>;

/// The terms of "ij,jk->ik", the output last.
std::vector<std::string> terms_of(std::string subscripts) {
  const std::size_t arrow = subscripts.find("->");
  subscripts.replace(arrow, 2, ",");
  std::vector<std::string> terms;
  std::istringstream in(subscripts + ",");
  for (std::string term; std::getline(in, term, ',');) terms.push_back(term);
  return terms;
}

/// Where an element lies whose indices are known by their letters; an extent of 1 is stretched.
template <class At>
std::size_t place(const std::string& term, const Shape& shape, const At& at) {
  std::size_t result = 0;
  for (std::size_t axis = 0; axis < shape.size(); ++axis)
    result = result * shape[axis] + (shape[axis] == 1 ? 0 : at.at(term[axis]));
  return result;
}

/// The sum over all values of all indices, by definition: letters and an arrow only.
template <class T>
Array<double> by_definition(const std::string& subscripts, const std::vector<Tensor<T>>& operands) {
  const std::vector<std::string> terms = terms_of(subscripts);
  std::map<char, std::size_t> extents, at;
  for (std::size_t i = 0; i < operands.size(); ++i)
    for (std::size_t axis = 0; axis < operands[i].ndim(); ++axis) {
      std::size_t& extent = extents.emplace(terms[i][axis], 1).first->second;
      if (operands[i].shape()[axis] != 1) extent = operands[i].shape()[axis];
    }
  Shape result;
  for (const char letter : terms.back()) result.push_back(extents.at(letter));
  Array<double> y = full_array<double>(result, 0);
  std::size_t all = 1;
  for (const auto& [letter, extent] : extents) all *= extent;
  for (std::size_t number = 0; number < all; ++number) {
    std::size_t rest = number;
    for (const auto& [letter, extent] : extents) {
      at[letter] = rest % extent;
      rest /= extent;
    }
    double product = 1;
    for (std::size_t i = 0; i < operands.size(); ++i)
      product *= static_cast<double>(operands[i].data()[place(terms[i], operands[i].shape(), at)]);
    y.data()[place(terms.back(), result, at)] += product;
  }
  return y;
}

template <class T>
void expect_near(const Tensor<T>& y, const Array<double>& expected, double tolerance) {
  ASSERT_EQ(y.shape(), shape_of(expected));
  for (std::size_t i = 0; i < y.size(); ++i) EXPECT_NEAR(y.data()[i], expected.data()[i], tolerance) << i;
}

template <class T>
void expect_einsum(const std::string& subscripts, const std::string& definition,
                   const std::vector<Shape>& shapes, double tolerance) {
  SCOPED_TRACE(subscripts);
  std::vector<Tensor<T>> operands;
  for (const Shape& shape : shapes)
    operands.push_back(irregular<T>(shape, 0.3 * static_cast<double>(operands.size())));
  expect_near(einsum(subscripts, operands), by_definition(definition, operands), tolerance);
}

struct Case {
  std::string subscripts;
  std::vector<Shape> shapes;
  std::string definition = subscripts;  // without ellipsis, with an arrow
};

const std::vector<Case> cases{
    {"ij,jk->ik", {{3, 4}, {4, 2}}},
    {"ji,jk->ik", {{4, 3}, {4, 2}}},
    {"ij,kj->ki", {{3, 4}, {2, 4}}},
    {"ij,jk", {{3, 4}, {4, 2}}, "ij,jk->ik"},
    {"ij,jh", {{3, 4}, {4, 2}}, "ij,jh->hi"},
    {"ba", {{3, 4}}, "ba->ab"},
    {"ii", {{3, 3}}, "ii->"},
    {"ii->i", {{3, 3}}},
    {"iij->j", {{3, 3, 2}}},
    {"iji->ij", {{3, 2, 3}}},
    {"ijij->ji", {{3, 2, 3, 2}}},
    {"iiii->i", {{2, 2, 2, 2}}},
    {"iij,jjk->ik", {{3, 3, 2}, {2, 2, 4}}},
    {"i,i->", {{5}, {5}}},
    {"i,i->i", {{5}, {5}}},
    {"i,j->ij", {{3}, {4}}},
    {"i,j->ji", {{3}, {4}}},
    {"i,j->", {{3}, {4}}},
    {",i->i", {{}, {3}}},
    {",", {{}, {}}, ",->"},
    {"ijk->", {{2, 3, 4}}},
    {"ijk->kij", {{2, 3, 4}}},
    {"ijk->ik", {{2, 3, 4}}},
    {"ij->ij", {{2, 3}}},
    {"bij,bjk->bik", {{2, 3, 4}, {2, 4, 2}}},
    {"ibj,kjb->kib", {{3, 2, 4}, {2, 4, 2}}},
    {"bi,bi->b", {{2, 3}, {2, 3}}},
    {"ib,ib->b", {{3, 2}, {3, 2}}},
    {"abcd,cdef->abef", {{2, 3, 2, 3}, {2, 3, 2, 2}}},
    {"abcd,dcef->abef", {{2, 3, 2, 3}, {3, 2, 2, 2}}},
    {"abcd,ebfd->acef", {{2, 3, 2, 3}, {2, 3, 2, 3}}},
    {"ij,jk,kl->il", {{2, 3}, {3, 4}, {4, 2}}},
    {"ij,jk,kl,lm->im", {{5, 1}, {1, 4}, {4, 2}, {2, 3}}},
    {"ij,jk,ki->", {{2, 3}, {3, 4}, {4, 2}}},
    {"i,i,i->i", {{4}, {4}, {4}}},
    {"i,i,i->", {{4}, {4}, {4}}},
    {"a,ab,abc->abc", {{2}, {2, 3}, {2, 3, 4}}},
    {"ea,fb,abcd,gc,hd->efgh", {{2, 3}, {2, 3}, {3, 3, 2, 2}, {2, 2}, {3, 2}}},
    {"ij,ij->ij", {{1, 3}, {2, 3}}},
    {"ij,jk->ik", {{2, 1}, {3, 4}}},
    {"ij,jk->ij", {{2, 3}, {3, 4}}},
    {"ij->ij", {{1, 1}}},
    {"...ij,...jk->...ik", {{2, 3, 4}, {2, 4, 2}}, "aij,ajk->aik"},
    {"...ij,...jk", {{2, 3, 4}, {4, 2}}, "aij,jk->aik"},
    {"...ij,...jk", {{2, 1, 3, 4}, {3, 4, 2}}, "abij,bjk->abik"},
    {"i...,i...->...", {{3, 2, 1}, {3, 4}}, "iab,ib->ab"},
    {"...i->...", {{2, 3, 4}}, "abi->ab"},
    {"i...i->i...", {{3, 2, 3}}, "iai->ia"},
    {"...", {{2, 3}}, "ab->ab"},
    {"...,...", {{2, 3}, {3}}, "ab,b->ab"},
    {"k...,jk", {{3, 2}, {4, 3}}, "ka,jk->aj"},
    {" i j , j k -> i k ", {{3, 4}, {4, 2}}, "ij,jk->ik"},
    {"Ab,bC->AC", {{2, 3}, {3, 2}}},
    {"aB,aC", {{3, 2}, {3, 4}}, "aB,aC->BC"},
    {"ij,jk->ik", {{0, 3}, {3, 2}}},
    {"ij,jk->ik", {{2, 0}, {0, 2}}},
    {"ij,j->i", {{2, 0}, {0}}},
};

TEST(Einsum, SumsOverAllIndices) {
  for (const Case& c : cases) {
    expect_einsum<double>(c.subscripts, c.definition, c.shapes, 1e-12);
    expect_einsum<float>(c.subscripts, c.definition, c.shapes, 1e-3);
  }
}

TEST(Einsum, HasRightGradients) {
  for (const Case& c : cases) {
    SCOPED_TRACE(c.subscripts);
    Tensors operands;
    for (const Shape& shape : c.shapes) operands.push_back(irregular(shape, 0.3));
    if (std::any_of(operands.begin(), operands.end(), [](const auto& x) { return x.size() == 0; })) continue;
    expect_right_gradients([&](const Tensors& in) { return einsum(c.subscripts, in); }, operands);
  }
}

TEST(Einsum, TakesTensorsAndArrays) {
  const Tensor<double> x = variable(xt::xarray<double>{{1, 2}, {3, 4}});
  const xt::xarray<double> a{1, -1};
  EXPECT_EQ(elements(einsum("ij,j->i", x, a)), (Numbers{-1, -1}));
  sum(einsum("ij,j->i", x, a)).backward();
  EXPECT_EQ(elements(x.grad()), (Numbers{1, -1, 1, -1}));
}

TEST(Einsum, MultipliesSmallThingsFirst) {
  const std::size_t n = 200000;  // from left to right there would be n x n numbers in between
  const Tensor<double> row = Tensor<double>(full_array<double>({1, n}, 1)),
                       column = Tensor<double>(full_array<double>({n, 1}, 1));
  EXPECT_EQ(elements(einsum("ij,jk,kl->il", column, row, column)), Numbers(n, n));
  EXPECT_EQ(elements(einsum("i,j,k,ij,jk->", full_array<double>({1}, 1), full_array<double>({n}, 1),
                            full_array<double>({1}, 1), row, column)),
            Numbers{n});
}

TEST(Einsum, ProductsOfMatricesAreOneStep) {
  const Tensor<double> a = irregular({2, 3, 4}), b = irregular({2, 4, 2});
  const Tensor<double> x = variable(a.value()), y = variable(b.value());
  EXPECT_EQ(einsum("bij,bjk->bik", x, y).stage(), 1u);
  EXPECT_EQ(einsum("bji,bjk->bik", x, variable(irregular({2, 3, 5}).value())).stage(), 1u);
  EXPECT_EQ(tensordot(x, y, TensordotAxes{{0, 2}, {0, 1}}).stage(), 2u);  // behind a transpose
  EXPECT_EQ(dot(variable(irregular({3, 4}).value()), y).stage(), 2u);
  EXPECT_EQ(outer(x, y).stage(), 1u);
}

TEST(Tensordot, FollowsNumPysRules) {
  const Tensor<double> a = irregular({2, 3, 4}), b = irregular({3, 4, 2}, 1), c = irregular({4, 2, 3}, 2);
  const auto expect_like = [](const Tensor<double>& y, const char* subscripts, const Tensors& operands) {
    SCOPED_TRACE(subscripts);
    expect_near(y, by_definition(subscripts, operands), 1e-12);
  };
  expect_like(tensordot(a, b), "ijk,jkl->il", {a, b});
  expect_like(tensordot(a, b, 2), "ijk,jkl->il", {a, b});
  expect_like(tensordot(a, c, 1), "ijk,klm->ijlm", {a, c});
  expect_like(tensordot(a, b, 0), "ijk,abc->ijkabc", {a, b});
  expect_like(tensordot(a, c, TensordotAxes{{0, 2}, {1, 0}}), "ijk,kim->jm", {a, c});
  expect_like(tensordot(a, c, TensordotAxes{{-1, 0, 1}, {0, 1, 2}}), "ijk,kij->", {a, c});
  expect_like(tensordot(a, b, TensordotAxes{1, 0}), "ijk,jbc->ikbc", {a, b});
  expect_like(tensordot(a, b, TensordotAxes{{}, {}}), "ijk,abc->ijkabc", {a, b});
}

TEST(Dot, FollowsNumPysRules) {
  const Tensor<double> v = irregular({4}), m = irregular({3, 4}, 1), n = irregular({4, 2}, 2),
                       a = irregular({2, 3, 4}, 3), b = irregular({2, 4, 2}, 4), s = irregular({}, 5);
  expect_near(dot(v, v), by_definition("i,i->", Tensors{v, v}), 1e-12);
  expect_near(dot(m, n), by_definition("ij,jk->ik", Tensors{m, n}), 1e-12);
  expect_near(dot(a, v), by_definition("ijk,k->ij", Tensors{a, v}), 1e-12);
  expect_near(dot(v, n), by_definition("k,kj->j", Tensors{v, n}), 1e-12);
  expect_near(dot(a, b), by_definition("ijk,lkm->ijlm", Tensors{a, b}), 1e-12);
  expect_near(dot(s, m), by_definition(",ij->ij", Tensors{s, m}), 1e-12);
  expect_near(outer(m, b), by_definition("a,b->ab", Tensors{reshape(m, {12}), reshape(b, {16})}), 1e-12);
}

}  // namespace
}  // namespace gradus
