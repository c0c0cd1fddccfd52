#include <chrono>
#include <cmath>
#include <limits>
#include <numeric>

#include <gradus/core/backward.hpp>
#include <gradus/core/no_grad.hpp>
#include <gradus/core/number_text.hpp>
#include <gradus/nn/checkpoint/safetensors.hpp>
#include <gradus/nn/checkpoint/training_file.hpp>
#include <gradus/nn/data/rows.hpp>
#include <gradus/nn/optimizers/clip.hpp>
#include <gradus/nn/training/trainer.hpp>
#include <gradus/ops/elementwise.hpp>
#include <gradus/ops/kernels/vector.hpp>

namespace gradus::nn {
namespace {

/// The metadata's key for the history in a checkpoint.
constexpr const char* history_key = "history";

double seconds_now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

/// Rows that are put one below the other.
template <class E>
class Rows {
 public:
  void add(const xt::xarray<E>& more) {
    if (rows_ == 0) row_shape_ = Shape(more.shape());
    rows_ += more.shape(0);
    elements_.insert(elements_.end(), more.data(), more.data() + more.size());
  }
  xt::xarray<E> array() const {
    Shape shape = row_shape_;
    if (shape.empty()) return xt::xarray<E>::from_shape({0});
    shape[0] = rows_;
    xt::xarray<E> result = xt::xarray<E>::from_shape(shape);
    std::copy(elements_.begin(), elements_.end(), result.data());
    return result;
  }

 private:
  Shape row_shape_;
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

/// Calls piece(rows first to last of the inputs) for all of them, `size` at a time.
template <class T, class Piece>
void in_pieces(const xt::xarray<T>& inputs, std::size_t size, const Piece& piece) {
  const std::size_t rows = inputs.shape(0);
  for (std::size_t first = 0; first < rows; first += size) {
    std::vector<std::size_t> indices(std::min(size, rows - first));
    std::iota(indices.begin(), indices.end(), first);
    piece(indices);
  }
}

template <class T>
void check_rows(const char* caller, const xt::xarray<T>& inputs) {
  if (inputs.dimension() == 0)
    throw ShapeError(std::string("[") + caller + "] inputs (): expected (n, ...), a row for each example");
  if (inputs.shape(0) == 0)
    throw ValueError(std::string("[") + caller + "] inputs " + to_string(Shape(inputs.shape())) +
                     ": expected at least one row");
}

/// One number for all rows of a loss that may be one for each.
template <class T>
double mean_loss(const Tensor<T>& loss) {
  if (loss.size() == 1) return static_cast<double>(loss.item());
  throw ShapeError("[Trainer] the loss gave " + to_string(loss.shape()) +
                   ": expected one number, the mean over the rows");
}

}  // namespace

double Evaluation::metric(const std::string& name) const {
  std::string known;
  for (const auto& [other, value] : metrics) {
    if (other == name) return value;
    known += (known.empty() ? "" : ", ") + other;
  }
  throw ValueError("[Evaluation] no metric '" + name + "': expected one of " +
                   (known.empty() ? "none" : known));
}

/// What an epoch has given so far.
template <class T, class Target>
struct Trainer<T, Target>::EpochTally {
  double rows = 0, steps = 0;
  double loss_sum = 0, norm_sum = 0;
  double lr = 0;
  double step_loss = 0, step_norm = 0;
  std::optional<double> step_metric;
  Rows<T> predictions;
  Rows<Target> targets;
};

template <class T, class Target>
Trainer<T, Target>::Trainer(Module<T> model, Optimizer<T>& optimizer, Loss loss, Options options)
    : model_(std::move(model)), optimizer_(&optimizer), loss_(std::move(loss)), options_(std::move(options)) {
  const auto check = [](bool is_right, const std::string& message) {
    if (!is_right) throw ValueError("[Trainer] " + message);
  };
  check(options_.epochs > 0, "epochs 0: expected at least 1");
  check(options_.accumulate > 0, "accumulate 0: expected at least 1 batch for a step");
  check(options_.evaluation_batch > 0, "evaluation_batch 0: expected at least 1 row");
  if (options_.clip_norm)
    check(*options_.clip_norm > 0,
          "clip_norm " + gradus::detail::number_text(*options_.clip_norm) + ": expected a positive number");
  check(static_cast<bool>(loss_), "an empty loss: expected a function of predictions and targets");
}

template <class T, class Target>
History Trainer<T, Target>::run(DataLoader<T, Target>& batches, const Batch<T, Target>* validation) {
  control_ = {};
  batches.seek(position_);
  const FitPlan plan{.first_epoch = history_.epochs.size() + 1,
                     .epochs = options_.epochs,
                     .rows = batches.rows(),
                     .metric = options_.metrics.empty() ? "" : options_.metrics.front().name,
                     .history = history_,
                     .quantities = quantities(options_.metrics, validation != nullptr)};
  for (const auto& callback : callbacks_) callback->begin(plan);
  while (history_.epochs.size() < options_.epochs && !control_.stop_reason()) {
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
    for (const auto& callback : callbacks_) callback->after_epoch(record, control_);
  }
  for (const auto& callback : callbacks_) callback->end(history_);
  return history_;
}

template <class T, class Target>
typename Trainer<T, Target>::EpochTally Trainer<T, Target>::learn_epoch(DataLoader<T, Target>& batches) {
  model_.train();
  EpochTally tally;
  Batches together;
  const auto step = [&] {
    if (together.empty()) return;
    const double rows_before = tally.rows;
    take_step(together, tally);
    const StepRecord record{.epoch = history_.epochs.size() + 1,
                            .step = optimizer_->steps(),
                            .rows = static_cast<std::size_t>(tally.rows - rows_before),
                            .loss = tally.step_loss,
                            .lr = tally.lr,
                            .gradient_norm = tally.step_norm,
                            .metric = tally.step_metric};
    for (const auto& callback : callbacks_) callback->after_step(record);
    together.clear();
  };
  for (Batch<T, Target>& batch : batches) {
    together.push_back(std::move(batch));
    if (together.size() == options_.accumulate) step();
  }
  step();
  return tally;
}

template <class T, class Target>
void Trainer<T, Target>::take_step(Batches& batches, EpochTally& tally) {
  tally.lr = optimizer_->lr();
  EpochTally* first = &tally;  // an optimizer that looks several times at the loss is counted once
  optimizer_->step([&] {
    const double loss = backward_all(batches, first);
    const double norm = guarded_gradient_norm(loss);
    if (first) {
      first->step_loss = loss;
      first->step_norm = norm;
    }
    first = nullptr;
    return Tensor<T>(full_array<T>({}, static_cast<T>(loss)));
  });
  double rows = 0;
  for (const Batch<T, Target>& batch : batches) rows += static_cast<double>(batch.size());
  tally.rows += rows;
  tally.loss_sum += rows * tally.step_loss;
  tally.norm_sum += tally.step_norm;
  ++tally.steps;
}

/// The gradients of the mean loss over the rows of all batches; returns that loss.
template <class T, class Target>
double Trainer<T, Target>::backward_all(Batches& batches, EpochTally* tally) {
  double rows = 0, loss = 0;
  for (const Batch<T, Target>& batch : batches) rows += static_cast<double>(batch.size());
  optimizer_->zero_grad();
  if (tally) tally->step_metric.reset();
  for (Batch<T, Target>& batch : batches) {
    const double share = static_cast<double>(batch.size()) / rows;
    const Tensor<T> predictions = model_(Tensor<T>(batch.inputs));
    Tensor<T> batch_loss = loss_(predictions, batch.targets);
    loss += share * mean_loss(batch_loss);
    if (tally && !options_.metrics.empty()) {
      tally->predictions.add(predictions.value());
      tally->targets.add(batch.targets);
      const double metric = options_.metrics.front().of(predictions.value(), batch.targets);
      tally->step_metric = tally->step_metric.value_or(0) + share * metric;
    }
    if (batches.size() > 1) batch_loss = static_cast<T>(share) * batch_loss;
    batch_loss.backward();
  }
  return loss;
}

/// The norm of all gradients, clipped if asked for; throws where it or the loss is not finite.
template <class T, class Target>
double Trainer<T, Target>::guarded_gradient_norm(double loss) const {
  if (!std::isfinite(loss)) stop_at_nonfinite("the loss is " + gradus::detail::number_text(loss));
  const double limit = options_.clip_norm.value_or(std::numeric_limits<double>::infinity());
  const double norm = clip_grad_norm(optimizer_->parameters(), limit);
  if (!std::isfinite(norm))
    stop_at_nonfinite("the norm of the gradients is " + gradus::detail::number_text(norm));
  return norm;
}

template <class T, class Target>
void Trainer<T, Target>::stop_at_nonfinite(const std::string& what) const {
  std::string place = "all parameters and gradients are finite";
  const auto is_finite = [](const auto& array) { return kernels::all_finite(array.data(), array.size()); };
  for (const auto& [name, parameter] : model_.named_parameters()) {
    const bool value = is_finite(parameter.value());
    if (value && (!parameter.has_grad() || is_finite(parameter.grad()))) continue;
    place = std::string("the first ") + (value ? "gradient" : "parameter") +
            " that is not finite is that of '" + name + "'";
    break;
  }
  throw ValueError("[Trainer] step " + std::to_string(optimizer_->steps() + 1) + ", epoch " +
                   std::to_string(history_.epochs.size() + 1) + ": " + what + "; " + place +
                   ". The step was not taken. A lower learning rate or clip_norm may help");
}

template <class T, class Target>
Evaluation Trainer<T, Target>::evaluate(const xt::xarray<T>& inputs,
                                        const xt::xarray<Target>& targets) const {
  check_rows("Trainer::evaluate", inputs);
  if (targets.dimension() == 0 || targets.shape(0) != inputs.shape(0))
    throw ShapeError("[Trainer::evaluate] inputs " + to_string(Shape(inputs.shape())) + ", targets " +
                     to_string(Shape(targets.shape())) + ": expected the same number of rows");
  const NoGrad off;
  const EvalMode eval{model_};
  double loss = 0;
  Rows<T> predictions;
  in_pieces(inputs, options_.evaluation_batch, [&](const std::vector<std::size_t>& rows) {
    Batch<T, Target> piece;
    detail::copy_rows(inputs, rows, piece.inputs);
    detail::copy_rows(targets, rows, piece.targets);
    const Tensor<T> y = model_(Tensor<T>(std::move(piece.inputs)));
    loss += mean_loss(loss_(y, piece.targets)) * static_cast<double>(rows.size());
    if (!options_.metrics.empty()) predictions.add(y.value());
  });
  Evaluation result{.loss = loss / static_cast<double>(inputs.shape(0))};
  if (!options_.metrics.empty()) result.metrics = measure(options_.metrics, predictions.array(), targets);
  return result;
}

template <class T, class Target>
xt::xarray<T> Trainer<T, Target>::predict(const xt::xarray<T>& inputs) const {
  return nn::predict(model_, inputs, options_.evaluation_batch);
}

template <class T>
xt::xarray<T> predict(const Module<T>& model, const xt::xarray<T>& inputs, std::size_t batch) {
  check_rows("predict", inputs);
  const NoGrad off;
  const EvalMode eval{model};
  Rows<T> predictions;
  in_pieces(inputs, batch, [&](const std::vector<std::size_t>& rows) {
    xt::xarray<T> piece;
    detail::copy_rows(inputs, rows, piece);
    predictions.add(model(Tensor<T>(std::move(piece))).value());
  });
  return predictions.array();
}

template <class T, class Target>
void Trainer<T, Target>::save(const std::filesystem::path& file,
                              const std::map<std::string, std::string>& metadata) const {
  std::map<std::string, std::string> all = metadata;
  all[history_key] = history_.to_json_lines();
  LoaderPosition position = position_;
  save_training(file, TrainingRun<T>{.model = model_, .optimizer = optimizer_, .position = &position}, all);
}

template <class T, class Target>
void Trainer<T, Target>::load(const std::filesystem::path& file) {
  const auto metadata = read_safetensors(file).metadata;
  const auto entry = metadata.find(history_key);
  if (entry == metadata.end())
    throw DataError("[Trainer::load] '" + file.string() +
                    "' has no history: expected a file of Trainer::save()");
  History history = History::from_json_lines(entry->second);
  LoaderPosition position;
  load_training(file, TrainingRun<T>{.model = model_, .optimizer = optimizer_, .position = &position});
  history_ = std::move(history);
  position_ = position;
}

#define GRADUS_INSTANTIATE(T)                                                          \
  template xt::xarray<T> predict(const Module<T>&, const xt::xarray<T>&, std::size_t); \
  template class Trainer<T, std::int64_t>;                                             \
  template class Trainer<T, T>;
GRADUS_INSTANTIATE(float)
GRADUS_INSTANTIATE(double)
#undef GRADUS_INSTANTIATE

}  // namespace gradus::nn
