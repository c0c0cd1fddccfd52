#include <chrono>
#include <cmath>
#include <functional>
#include <limits>

#include <gradus/core/backward.hpp>
#include <gradus/core/expected.hpp>
#include <gradus/core/no_grad.hpp>
#include <gradus/core/number_text.hpp>
#include <gradus/nn/optimizers/clip.hpp>
#include <gradus/nn/optimizers/lbfgs.hpp>
#include <gradus/nn/training/run_parts.hpp>
#include <gradus/nn/training/trainer.hpp>
#include <gradus/ops/elementwise.hpp>
#include <gradus/ops/kernels/vector.hpp>

namespace gradus::nn {
namespace {

double seconds_now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

/// Rows that are put one below the other.
template <class E>
class Rows {
 public:
  void add(const xt::xarray<E>& more) {
    Shape shape(more.shape());
    shape[0] = 1;
    if (rows_ == 0) shape_ = shape;
    if (shape != shape_)
      throw ShapeError("[Trainer] the model gave rows of shape " + to_string(shape) +
                       " for a batch, and rows of shape " + to_string(shape_) + " before");
    rows_ += more.shape(0);
    elements_.insert(elements_.end(), more.data(), more.data() + more.size());
  }
  xt::xarray<E> array() const {
    Shape shape = shape_;
    if (shape.empty()) return xt::xarray<E>::from_shape({0});
    shape[0] = rows_;
    xt::xarray<E> result = xt::xarray<E>::from_shape(shape);
    std::copy(elements_.begin(), elements_.end(), result.data());
    return result;
  }

 private:
  Shape shape_;  // of one row
  std::size_t rows_ = 0;
  std::vector<E> elements_;
};

template <class T, class Target>
std::vector<std::pair<std::string, double>> measure(const std::vector<Metric<T, Target>>& metrics,
                                                    const xt::xarray<T>& predictions,
                                                    const xt::xarray<Target>& targets) {
  std::vector<std::pair<std::string, double>> values;
  for (const Metric<T, Target>& metric : metrics)
    values.emplace_back(metric.name, metric.of(predictions, targets));
  return values;
}

/// What the record of each epoch will have (EpochRecord::values).
template <class T, class Target>
std::vector<Quantity> quantities(const std::vector<Metric<T, Target>>& metrics, bool has_validation) {
  std::vector<Quantity> all;
  for (const char* part : {"train_", "validation_"}) {
    if (part[0] == 'v' && !has_validation) break;
    all.push_back({part + std::string("loss"), false});
    for (const Metric<T, Target>& metric : metrics)
      all.push_back({part + metric.name, metric.larger_is_better});
  }
  for (const char* name : {"lr", "gradient_norm", "seconds"}) all.push_back({name, false});
  return all;
}

template <class T, class Target>
double rows_of(std::span<const Batch<T, Target>> batches) {
  double rows = 0;
  for (const Batch<T, Target>& batch : batches) rows += static_cast<double>(batch.size());
  return rows;
}

/// The loss as a number; ShapeError where it is not one.
template <class T>
double mean_loss(const Tensor<T>& loss) {
  if (loss.size() == 1) return static_cast<double>(loss.item());
  throw ShapeError("[Trainer] the loss gave " + to_string(loss.shape()) +
                   ": expected one number, the mean over the rows");
}

}  // namespace

double Evaluation::metric(const std::string& name) const {
  std::vector<std::string> known;
  for (const auto& [other, value] : metrics) {
    if (other == name) return value;
    known.push_back(other);
  }
  throw ValueError("[Evaluation] no metric '" + name + "': " + gradus::detail::expected_one_of(known));
}

/// What an epoch has given so far.
template <class T, class Target>
struct Trainer<T, Target>::EpochTally {
  NamedBuffers<T> buffers;  // of the model, which a step that fails puts back
  double rows = 0, steps = 0;
  double loss_sum = 0, norm_sum = 0;
  double lr = 0;
  double step_loss = 0, step_norm = 0;
  std::optional<double> step_metric = {};
  Rows<T> predictions = {};
  Rows<Target> targets = {};
};

template <class T, class Target>
Trainer<T, Target>::Trainer(Module<T> model, Optimizer<T>& optimizer, Loss loss, Options options)
    : model_(std::move(model)), optimizer_(&optimizer), loss_(std::move(loss)), options_(std::move(options)) {
  const auto check = [](bool is_right, const std::string& message) {
    if (!is_right) throw ValueError("[Trainer] " + message);
  };
  gradus::detail::check_at_least_one("Trainer", "epochs", options_.epochs);
  check(options_.accumulate > 0, "accumulate 0: expected at least 1 batch for a step");
  check(options_.evaluation_batch > 0, "evaluation_batch 0: expected at least 1 row");
  if (options_.clip_norm)
    gradus::detail::check_option(*options_.clip_norm > 0, "Trainer", "clip_norm", *options_.clip_norm,
                                 "a positive number");
  if (options_.clip_norm)
    check(dynamic_cast<LBFGS<T>*>(optimizer_) == nullptr,
          "clip_norm with LBFGS, which needs the gradients of its loss as they are: expected none");
  std::vector<std::string> names;
  for (const Metric<T, Target>& metric : options_.metrics) names.push_back(metric.name);
  detail::check_metric_names(names);
  for (const Metric<T, Target>& metric : options_.metrics)
    check(static_cast<bool>(metric.of), "the metric '" + metric.name + "' has no function");
  check(static_cast<bool>(loss_), "an empty loss: expected a function of predictions and targets");
}

template <class T, class Target>
void Trainer<T, Target>::add(std::shared_ptr<Callback> callback) {
  if (!callback) throw ValueError("[Trainer::add] null: expected a callback");
  const bool all_are_told = told_ == callbacks_.size();
  callbacks_.push_back(std::move(callback));
  if (all_are_told) told_ = callbacks_.size();
}

template <class T, class Target>
void Trainer<T, Target>::set_epochs(std::size_t epochs) {
  gradus::detail::check_at_least_one("Trainer", "epochs", epochs);
  options_.epochs = epochs;
}

template <class T, class Target>
History Trainer<T, Target>::run(DataLoader<T, Target>& batches, const Batch<T, Target>* validation) {
  check_ready("Trainer::fit");
  control_ = {};
  if (history_.epochs.size() >= options_.epochs) return history_;
  const LoaderPosition start = position_.value_or(batches.position());
  check_data(detail::describe_data(batches, options_.accumulate, start.pass - history_.epochs.size()));
  batches.seek(start);
  position_ = start;
  try {
    train_epochs(batches, validation);
  } catch (...) {
    for (const auto& callback : callbacks_) try {
        callback->failed();
      } catch (...) {  // what went wrong first is what the caller must see
      }
    throw;
  }
  return history_;
}

template <class T, class Target>
void Trainer<T, Target>::check_ready(const char* caller) const {
  if (within_epoch_)
    throw ValueError("[" + std::string(caller) + "] epoch " + std::to_string(history_.epochs.size() + 1) +
                     " was begun and not ended: part of it is learnt already, and would be learnt twice. "
                     "Expected load() before");
}

template <class T, class Target>
void Trainer<T, Target>::check_data(const std::map<std::string, std::string>& data) {
  std::string differences;
  for (const auto& [name, value] : data)
    if (const auto before = data_.find(name);
        data_is_loaded_ && before != data_.end() && before->second != value)
      differences += "\n  " + name + " " + value + ": it was saved with " + before->second;
  if (!differences.empty())
    throw DataError("[Trainer::fit] training cannot go on with other data:" + differences);
  data_ = data;
  data_is_loaded_ = false;
}

template <class T, class Target>
void Trainer<T, Target>::train_epochs(DataLoader<T, Target>& batches, const Batch<T, Target>* validation) {
  const FitPlan plan{.first_epoch = history_.epochs.size() + 1,
                     .epochs = options_.epochs,
                     .rows = batches.rows(),
                     .metric = options_.metrics.empty() ? "" : options_.metrics.front().name,
                     .quantities = quantities(options_.metrics, validation != nullptr)};
  for (const auto& callback : callbacks_) callback->begin(plan, control_);
  tell_rest();
  while (history_.epochs.size() < options_.epochs && !control_.stop_reason())
    train_epoch(batches, validation);
  for (const auto& callback : callbacks_) callback->end(history_);
}

template <class T, class Target>
void Trainer<T, Target>::train_epoch(DataLoader<T, Target>& batches, const Batch<T, Target>* validation) {
  within_epoch_ = true;
  const double start = seconds_now();
  const EpochTally tally = learn_epoch(batches);
  EpochRecord record{
      .epoch = history_.epochs.size() + 1,
      .steps = optimizer_->steps(),
      .train_loss = tally.loss_sum / tally.rows,
      .train_metrics = measure(options_.metrics, tally.predictions.array(), tally.targets.array()),
      .lr = tally.lr,
      .gradient_norm = tally.norm_sum / tally.steps};
  if (validation) {
    Evaluation judged = evaluate(*validation);
    record.validation_loss = judged.loss;
    record.validation_metrics = std::move(judged.metrics);
  }
  record.seconds = seconds_now() - start;
  history_.epochs.push_back(record);
  position_ = batches.position();
  versions_ = versions();
  within_epoch_ = false;
  told_ = 0;
  tell_rest();
}

/// Of the latest epoch; also those that were not reached when one before them threw.
template <class T, class Target>
void Trainer<T, Target>::tell_rest() {
  const EpochRecord record = history_.epochs.empty() ? EpochRecord{} : history_.epochs.back();
  while (told_ < callbacks_.size()) callbacks_[told_++]->after_epoch(record, control_);
}

template <class T, class Target>
typename Trainer<T, Target>::EpochTally Trainer<T, Target>::learn_epoch(DataLoader<T, Target>& batches) {
  model_.train();
  EpochTally tally{.buffers = model_.named_buffers()};
  std::vector<Batch<T, Target>> together;
  const auto step = [&](Batches of_step) {
    const double rows_before = tally.rows;
    take_step(of_step, tally);
    report_step(tally, static_cast<std::size_t>(tally.rows - rows_before));
  };
  for (Batch<T, Target>& batch : batches) {
    if (options_.accumulate == 1) {  // it stays the loader's, which uses its memory again
      step({&batch, 1});
      continue;
    }
    together.push_back(std::move(batch));
    if (together.size() < options_.accumulate) continue;
    step(together);
    together.clear();
  }
  if (!together.empty()) step(together);
  return tally;
}

template <class T, class Target>
void Trainer<T, Target>::report_step(const EpochTally& tally, std::size_t rows) {
  const StepRecord record{.epoch = history_.epochs.size() + 1,
                          .step = optimizer_->steps(),
                          .rows = rows,
                          .loss = tally.step_loss,
                          .lr = tally.lr,
                          .gradient_norm = tally.step_norm,
                          .metric = tally.step_metric};
  for (const auto& callback : callbacks_) callback->after_step(record, control_);
}

template <class T, class Target>
void Trainer<T, Target>::take_step(Batches batches, EpochTally& tally) {
  tally.lr = optimizer_->lr();
  std::vector<Array<T>> before;
  for (const auto& each : tally.buffers) before.push_back(each.buffer.value());
  EpochTally* first = &tally;  // an optimizer that looks several times at the loss is counted once
  const auto closure = [&] {
    Tensor<T> loss = backward_all(batches, first);
    if (first) first->step_norm = guarded_gradient_norm(first->step_loss, batches);
    first = nullptr;
    return loss;
  };
  try {
    optimizer_->step(std::ref(closure));  // a copy would be allocated at each step
  } catch (...) {
    for (std::size_t i = 0; i < before.size(); ++i) tally.buffers[i].buffer.set_value(std::move(before[i]));
    throw;
  }
  const double rows = rows_of<T, Target>(batches);
  tally.rows += rows;
  tally.loss_sum += rows * tally.step_loss;
  tally.norm_sum += tally.step_norm;
  ++tally.steps;
}

/// The gradients of the mean loss over the rows of all batches; returns that loss.
template <class T, class Target>
Tensor<T> Trainer<T, Target>::backward_all(Batches batches, EpochTally* tally) {
  const double rows = rows_of<T, Target>(batches);
  double loss = 0;
  std::optional<Tensor<T>> only;
  optimizer_->zero_grad();
  if (tally) tally->step_metric.reset();
  for (Batch<T, Target>& batch : batches) {
    const double share = static_cast<double>(batch.size()) / rows;
    const Tensor<T> predictions = model_(Tensor<T>(batch.inputs));
    Tensor<T> batch_loss = loss_(predictions, batch.targets);
    loss += share * mean_loss(batch_loss);
    if (tally && !options_.metrics.empty()) {
      detail::check_row_for_row("Trainer", Shape(batch.inputs.shape()), predictions.shape());
      const xt::xarray<T> values = predictions.value();
      tally->predictions.add(values);
      tally->targets.add(batch.targets);
      const double metric = options_.metrics.front().of(values, batch.targets);
      tally->step_metric = tally->step_metric.value_or(0) + share * metric;
    }
    if (batches.size() > 1)
      batch_loss = static_cast<T>(share) * batch_loss;
    else
      only = batch_loss;
    batch_loss.backward();
  }
  if (tally) tally->step_loss = loss;
  return only ? *only : Tensor<T>(full_array<T>({}, static_cast<T>(loss)));
}

/// The norm of all gradients, clipped if asked for; throws where it or the loss is not finite.
template <class T, class Target>
double Trainer<T, Target>::guarded_gradient_norm(double loss, Batches batches) const {
  if (!std::isfinite(loss)) stop_at_nonfinite("the loss is " + gradus::detail::number_text(loss), batches);
  const double limit = options_.clip_norm.value_or(std::numeric_limits<double>::infinity());
  const double norm = clip_grad_norm(optimizer_->parameters(), limit);
  if (!std::isfinite(norm))
    stop_at_nonfinite("the norm of the gradients is " + gradus::detail::number_text(norm), batches);
  return norm;
}

template <class T, class Target>
void Trainer<T, Target>::stop_at_nonfinite(const std::string& what, Batches batches) const {
  throw ValueError("[Trainer] step " + std::to_string(optimizer_->steps() + 1) + ", epoch " +
                   std::to_string(history_.epochs.size() + 1) + ": " + what + "; " +
                   first_nonfinite(batches) + ". The step was not taken");
}

/// Causes before effects: inputs, parameters, buffers, gradients.
template <class T, class Target>
std::string Trainer<T, Target>::first_nonfinite(Batches batches) const {
  const auto is_finite = [](const auto& array) { return kernels::all_finite(array.data(), array.size()); };
  const auto first = [](const char* what, const std::string& name) {
    return std::string("the first ") + what + " that is not finite is that of '" + name + "'";
  };
  for (const Batch<T, Target>& batch : batches)
    if (!is_finite(batch.inputs)) return "the inputs are not finite: expected data without NaN and infinity";
  const std::string advice = ". A lower learning rate, or gradients of a limited norm, may help";
  const NamedParameters<T> parameters = model_.named_parameters();
  for (const auto& [name, parameter] : parameters)
    if (!is_finite(parameter.value())) return first("parameter", name) + advice;
  for (const auto& [name, buffer] : model_.named_buffers())
    if (!is_finite(buffer.value())) return first("buffer", name) + advice;
  for (const auto& [name, parameter] : parameters)
    if (parameter.has_grad() && !is_finite(parameter.grad())) return first("gradient", name) + advice;
  return "all inputs, parameters, buffers and gradients are finite" + advice;
}

/// How often each parameter was changed.
template <class T, class Target>
typename Trainer<T, Target>::Versions Trainer<T, Target>::versions() const {
  Versions all;
  for (const auto& each : model_.named_parameters())
    all.push_back(static_cast<const gradus::detail::VariableNode<T>&>(*each.tensor.node()).version());
  return all;
}

template <class T, class Target>
Evaluation Trainer<T, Target>::evaluate(const xt::xarray<T>& inputs,
                                        const xt::xarray<Target>& targets) const {
  if (targets.dimension() == 0 || inputs.dimension() == 0 || targets.shape(0) != inputs.shape(0))
    throw ShapeError("[Trainer::evaluate] inputs " + to_string(Shape(inputs.shape())) + ", targets " +
                     to_string(Shape(targets.shape())) + ": expected the same number of rows");
  const xt::xarray<T> predictions = predict(inputs);
  const NoGrad off;
  return {.loss = mean_loss(loss_(Tensor<T>(predictions), targets)),
          .metrics = measure(options_.metrics, predictions, targets)};
}

template <class T, class Target>
xt::xarray<T> Trainer<T, Target>::predict(const xt::xarray<T>& inputs) const {
  return nn::predict(model_, inputs, options_.evaluation_batch);
}

#define GRADUS_INSTANTIATE(T)              \
  template class Trainer<T, std::int64_t>; \
  template class Trainer<T, T>;
GRADUS_INSTANTIATE(float)
GRADUS_INSTANTIATE(double)
#undef GRADUS_INSTANTIATE

}  // namespace gradus::nn
