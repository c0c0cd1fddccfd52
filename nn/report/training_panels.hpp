#pragma once

#include <cstddef>
#include <vector>

#include <gradus/core/xtensor.hpp>
#include <gradus/nn/report/curve_svg.hpp>
#include <gradus/nn/training/history.hpp>

namespace gradus::nn {

/// The curves of a training run over its epochs: loss, each metric that is not the loss over again, learning
/// rate, norm of the gradient. Metrics that are fractions (is_fraction()) are in percent. None when the
/// history is empty.
std::vector<Panel> training_panels(const History& history);

/// Predictions (n, k) against what is true, (n, k): a panel for each of the first `most` columns, a point for
/// each row, and the line on which the points of perfect predictions lie. (n) counts as (n, 1). ShapeError
/// when the shapes do not fit.
std::vector<Panel> prediction_panels(const xt::xarray<float>& predictions, const xt::xarray<float>& targets,
                                     std::size_t most = 6);

}  // namespace gradus::nn
