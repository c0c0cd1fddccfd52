#pragma once

#include <gradus/nn/losses/reduction.hpp>

/// Losses of distributions and directions.
namespace gradus::nn {

struct KlDivOptions {
  Reduction reduction = Reduction::mean;
  bool log_target = false;  ///< whether t is the logarithm of the probabilities too
  bool batch_mean = false;  ///< the mean is that of the rows, not of the elements: sum / the extent of axis 0
};

/// The Kullback-Leibler divergence of q from p, from y = ln q and t = p: the mean over all elements of
/// p (ln p - y), which is 0 where p is 0. The divergence itself, by rows, is what batch_mean gives; the mean
/// over all elements, which is smaller by the number of classes, is PyTorch's default. ShapeError unless y
/// and t have the same shape, or for the mean over the rows of a tensor without axes. Source: S. Kullback, R.
/// Leibler, "On information and sufficiency" (1951).
template <class T>
Tensor<T> kl_div(const Tensor<T>& y, const Target<T>& t, KlDivOptions options = {});

struct CosineOptions {
  Reduction reduction = Reduction::mean;
  double margin = 0;  ///< the cosine, -1 to 1, up to which unlike rows cost nothing
};

/// Of rows a, b (n, features) and targets t (n): the mean over the rows of 1 - cos(a, b) where t = 1, and
/// max(0, cos(a, b) - margin) where t = -1. cos(a, b) = a b / (|a| |b|), where a length counts as at least
/// 1e-8. ShapeError unless a and b are (n, features) and t (n); ValueError for other targets and for a margin
/// outside [-1, 1].
template <class T>
Tensor<T> cosine_embedding_loss(const Tensor<T>& a, const Target<T>& b, const Target<T>& t,
                                CosineOptions options = {});

}  // namespace gradus::nn
