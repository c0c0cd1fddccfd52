#include <algorithm>
#include <numeric>
#include <vector>

#include <gradus/core/no_grad.hpp>
#include <gradus/nn/data/rows.hpp>
#include <gradus/nn/training/run_parts.hpp>
#include <gradus/nn/training/trainer.hpp>

namespace gradus::nn {
namespace {

void check_inputs(const Shape& inputs, std::size_t batch) {
  if (inputs.empty()) throw ShapeError("[predict] inputs (): expected (n, ...), a row for each example");
  if (inputs[0] == 0)
    throw ValueError("[predict] inputs " + to_string(inputs) + ": expected at least one row");
  if (batch == 0) throw ValueError("[predict] batch 0: expected at least 1 row at a time");
}

}  // namespace

void detail::check_row_for_row(const char* caller, const Shape& inputs, const Shape& predictions) {
  if (!predictions.empty() && predictions[0] == inputs[0]) return;
  throw ShapeError("[" + std::string(caller) + "] the model gave " + to_string(predictions) + " for inputs " +
                   to_string(inputs) + ": expected (" + std::to_string(inputs[0]) +
                   ", ...), a row for each of them");
}

template <class T>
xt::xarray<T> predict(const Module<T>& model, const xt::xarray<T>& inputs, std::size_t batch) {
  check_inputs(Shape(inputs.shape()), batch);
  const NoGrad off;
  const EvalMode eval{model};
  const std::size_t rows = inputs.shape(0);
  xt::xarray<T> all;
  Shape shape;  // of all predictions
  for (std::size_t first = 0; first < rows; first += batch) {
    std::vector<std::size_t> indices(std::min(batch, rows - first));
    std::iota(indices.begin(), indices.end(), first);
    xt::xarray<T> piece;
    detail::copy_rows(inputs, indices, piece);
    const Shape piece_shape(piece.shape());
    const Tensor<T> y = model(Tensor<T>(std::move(piece)));
    detail::check_row_for_row("predict", piece_shape, y.shape());
    Shape whole = y.shape();
    whole[0] = rows;
    if (first == 0) {
      shape = whole;
      all = xt::xarray<T>::from_shape(shape);
    } else if (whole != shape) {
      throw ShapeError("[predict] the model gave " + to_string(y.shape()) + " for rows from " +
                       std::to_string(first) + " on, and rows of another shape before");
    }
    std::copy_n(y.data(), y.size(), all.data() + first * (all.size() / rows));
  }
  return all;
}

template xt::xarray<float> predict(const Module<float>&, const xt::xarray<float>&, std::size_t);
template xt::xarray<double> predict(const Module<double>&, const xt::xarray<double>&, std::size_t);

}  // namespace gradus::nn
