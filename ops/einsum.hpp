#pragma once

#include <string_view>
#include <vector>

#include <gradus/ops/operands.hpp>

namespace gradus {

/// Einstein's summation as NumPy writes it: each operand's axes are named by letters, axes of one name run
/// together, and the result is summed over the names that are not in the output. "ij,jk->ik" is a product of
/// matrices, "ii" a trace, "ii->i" a diagonal, "i,j->ij" an outer product, "...ij->...ji" transposes the last
/// two axes of any array; "..." stands for axes that are broadcast from the last one backwards. Without an
/// arrow the output is the ellipsis and then the names that occur once, in alphabetical order. An extent of 1
/// stretches to that of other axes of its name. Spaces mean nothing.
///
/// It is composed of other steps: sums over names that one operand alone has, transposes, and products of
/// two operands at a time (steps named einsum; elementwise ones are steps of mul), each time those two that
/// make the smallest result compared to themselves. Where nothing is to be done the result is the operand.
///
/// ValueError for subscripts that cannot be read, a wrong number of operands, a name of the output that no
/// operand has or that is there twice, an ellipsis missing in the output; ShapeError for operands that have
/// another number of axes than their subscripts, or extents of one name that do not fit.
/// Source of the order: D. Smith and J. Gray, "opt_einsum", Journal of Open Source Software 3(26), 2018.
Tensor<float> einsum(std::string_view subscripts, const std::vector<Tensor<float>>& operands);
Tensor<double> einsum(std::string_view subscripts, const std::vector<Tensor<double>>& operands);
template <class... A>
requires TensorOperands<A...>
auto einsum(std::string_view subscripts, A&&... operands) {
  using T = element_type_of<A...>;
  detail::check_threads(detail::OpName::einsum.text(), operands...);
  return einsum(subscripts, std::vector<Tensor<T>>{as_tensor<T>(operands)...});
}

}  // namespace gradus
