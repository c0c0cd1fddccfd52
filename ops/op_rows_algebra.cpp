#include <gradus/ops/einsum.hpp>
#include <gradus/ops/linalg/decompositions.hpp>
#include <gradus/ops/linalg/determinant.hpp>
#include <gradus/ops/linalg/powers.hpp>
#include <gradus/ops/linalg/solve.hpp>
#include <gradus/ops/op_rows.hpp>
#include <gradus/ops/product.hpp>
#include <gradus/ops/tensordot.hpp>

// Rows of products and of linear algebra.
namespace gradus::detail {
namespace {

template <class T>
void add_products(OpRows<Tensor<T>>& rows) {
  using In = Call<Tensor<T>>;
  rows["matmul"] = {2, 2, {}, [](In in) { return matmul(in[0], in[1]); }};
  rows["dot"] = {2, 2, {}, [](In in) { return dot(in[0], in[1]); }};
  rows["outer"] = {2, 2, {}, [](In in) { return outer(in[0], in[1]); }};
  rows["linear"] = {2, 3, {}, [](In in) {
                      return in.inputs().size() == 2 ? linear(in[0], in[1]) : linear(in[0], in[1], in[2]);
                    }};
  rows["tensordot"] = {2, 2, {"axes", "first", "second"}, [](In in) {
                         return in.has("axes")
                                    ? tensordot(in[0], in[1], in.integer("axes"))
                                    : tensordot(in[0], in[1], {in.integers("first"), in.integers("second")});
                       }};
  rows["einsum"] = {
      1, any_number, {"subscripts"}, [](In in) { return einsum(in.text("subscripts"), in.inputs()); }};
}

/// Of the results of a decomposition the one asked for.
template <class T>
Tensor<T> output_of(Call<Tensor<T>> call, std::initializer_list<Tensor<T>> results) {
  return results.begin()[call.output(results.size())];
}

template <class T>
void add_decompositions(OpRows<Tensor<T>>& rows) {
  using In = Call<Tensor<T>>;
  rows["slogdet"] = {1, 1, {"output"}, [](In in) {
                       const auto [sign, logabs] = slogdet(in[0]);
                       return output_of<T>(in, {sign, logabs});
                     }};
  rows["eigh"] = {1, 1, {"output"}, [](In in) {
                    const auto [values, vectors] = eigh(in[0]);
                    return output_of<T>(in, {values, vectors});
                  }};
  rows["qr"] = {1, 1, {"output"}, [](In in) {
                  const auto [q, r] = qr(in[0]);
                  return output_of<T>(in, {q, r});
                }};
  rows["svd"] = {1, 1, {"output"}, [](In in) {
                   const auto [u, s, vh] = svd(in[0]);
                   return output_of<T>(in, {u, s, vh});
                 }};
}

}  // namespace

template <class T>
void add_algebra(OpRows<Tensor<T>>& rows) {
  using In = Call<Tensor<T>>;
  add_products(rows);
  add_decompositions(rows);
  rows["inv"] = {1, 1, {}, [](In in) { return inv(in[0]); }};
  rows["det"] = {1, 1, {}, [](In in) { return det(in[0]); }};
  rows["cholesky"] = {1, 1, {}, [](In in) { return cholesky(in[0]); }};
  rows["pinv"] = {1, 1, {"rcond"}, [](In in) {
                    return pinv(in[0], {.rcond = in.has("rcond") ? in.number("rcond") : -1});
                  }};
  rows["matrix_power"] = {1, 1, {"n"}, [](In in) { return matrix_power(in[0], in.integer("n")); }};
  rows["solve"] = {2, 2, {}, [](In in) { return solve(in[0], in[1]); }};
  rows["solve_triangular"] = {2, 2, {"upper", "transposed", "unit_diagonal"}, [](In in) {
                                return solve_triangular(in[0], in[1],
                                                        {.lower = !in.flag("upper"),
                                                         .transposed = in.flag("transposed"),
                                                         .unit_diagonal = in.flag("unit_diagonal")});
                              }};
}

template void add_algebra(OpRows<Tensor<float>>&);
template void add_algebra(OpRows<Tensor<double>>&);

}  // namespace gradus::detail
