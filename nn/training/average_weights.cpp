#include <gradus/core/error.hpp>
#include <gradus/nn/training/average_weights.hpp>

namespace gradus::nn {

template <class T>
AverageWeights<T>::AverageWeights(std::vector<Tensor<T>> parameters, const EMAOptions& options)
    : parameters_(std::move(parameters)), options_(options), ema_(parameters_, options) {}

template <class T>
void AverageWeights<T>::begin(const FitPlan& plan) {
  if (ema_.is_applied())
    throw ValueError("[AverageWeights] the averages are applied: expected ema().restore() before fit()");
  if (plan.first_epoch == 1) ema_ = EMA<T>(parameters_, options_);
}

template class AverageWeights<float>;
template class AverageWeights<double>;

}  // namespace gradus::nn
