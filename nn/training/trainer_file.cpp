#include <gradus/nn/checkpoint/safetensors.hpp>
#include <gradus/nn/checkpoint/stored_model.hpp>
#include <gradus/nn/checkpoint/training_file.hpp>
#include <gradus/nn/training/trainer.hpp>

namespace gradus::nn {
namespace {

/// The metadata's keys in a checkpoint: for the history, and what those of the data begin with.
const std::string history_key = "history", data_prefix = "data.";

/// DataError unless epochs follow one another and are as many as the passes.
void check_history(const std::string& where, const History& history, const Safetensors& contents,
                   const std::map<std::string, std::string>& data) {
  for (std::size_t i = 0; i < history.epochs.size(); ++i)
    if (history.epochs[i].epoch != i + 1)
      throw DataError(where + "epoch " + std::to_string(history.epochs[i].epoch) + " in the place of epoch " +
                      std::to_string(i + 1));
  const auto passes = contents.tensors.find(std::string(detail::training_prefix) + "position/pass");
  if (passes == contents.tensors.end() || shape_of(passes->second) != Shape{})
    return;  // put_training() tells
  const auto pass = static_cast<std::uint64_t>(array_cast<double>(passes->second)());
  const auto entry = data.find("first_pass");
  const std::string first = entry == data.end() ? "0" : entry->second;
  if (std::to_string(pass - history.epochs.size()) != first)
    throw DataError(where + "a history of " + std::to_string(history.epochs.size()) + " epochs and " +
                    std::to_string(pass) + " passes over the data, the first of them pass " + first +
                    ": expected as many");
}

/// The optimizer and the callbacks that have a state; a number tells those of one name apart.
std::map<std::string, Stateful*> named_states(Stateful& optimizer,
                                              const std::vector<std::shared_ptr<Callback>>& callbacks) {
  std::map<std::string, Stateful*> all{{"optimizer", &optimizer}};
  for (const auto& callback : callbacks) {
    const std::string owner = callback->owner();
    if (owner.empty()) continue;
    std::string name = owner;
    for (std::size_t i = 2; !all.emplace(name, callback.get()).second; ++i)
      name = owner + " " + std::to_string(i);
  }
  return all;
}

}  // namespace

template <class T, class Target>
void Trainer<T, Target>::save(const std::filesystem::path& file,
                              const std::map<std::string, std::string>& metadata) const {
  check_ready("Trainer::save");
  if (versions_ && *versions_ != versions())
    throw ValueError(
        "[Trainer::save] parameters were changed since the last epoch (by KeepBest, which puts the "
        "best back?) and do not belong to the optimizer's state: expected to be called before, in "
        "a callback's after_epoch()");
  for (std::size_t i = told_; i < callbacks_.size(); ++i)
    if (const std::string owner = callbacks_[i]->owner(); !owner.empty())
      throw ValueError("[Trainer::save] " + owner + " has not seen epoch " +
                       std::to_string(history_.epochs.size()) +
                       " yet: expected the callback that saves to be added behind it");
  std::map<std::string, std::string> all = metadata;
  all[history_key] = history_.to_json_lines();
  for (const auto& [name, value] : data_) all[data_prefix + name] = value;
  LoaderPosition position = position_.value_or(LoaderPosition{});
  save_training(
      file,
      TrainingRun<T>{.model = model_, .states = named_states(*optimizer_, callbacks_), .position = &position},
      all);
}

template <class T, class Target>
void Trainer<T, Target>::load(const std::filesystem::path& file) {
  const std::string where = "[Trainer::load] '" + file.string() + "' has ";
  const auto contents = read_safetensors(file);
  const auto entry = contents.metadata.find(history_key);
  if (entry == contents.metadata.end())
    throw DataError(where + "no history: expected a file of Trainer::save()");
  History history = History::from_json_lines(entry->second);
  std::map<std::string, std::string> data;
  for (const auto& [name, value] : contents.metadata)
    if (name.starts_with(data_prefix)) data[name.substr(data_prefix.size())] = value;
  check_history(where, history, contents, data);
  LoaderPosition position;
  detail::put_training(
      detail::tag("load_training", file), contents,
      TrainingRun<T>{
          .model = model_, .states = named_states(*optimizer_, callbacks_), .position = &position});
  history_ = std::move(history);
  position_ = position;
  data_is_loaded_ = !data.empty();
  data_ = std::move(data);
  versions_ = versions();
  within_epoch_ = false;
  told_ = callbacks_.size();
}

#define GRADUS_INSTANTIATE(T)                                                                                \
  template void Trainer<T, std::int64_t>::save(const std::filesystem::path&,                                 \
                                               const std::map<std::string, std::string>&) const;             \
  template void Trainer<T, std::int64_t>::load(const std::filesystem::path&);                                \
  template void Trainer<T, T>::save(const std::filesystem::path&, const std::map<std::string, std::string>&) \
      const;                                                                                                 \
  template void Trainer<T, T>::load(const std::filesystem::path&);
GRADUS_INSTANTIATE(float)
GRADUS_INSTANTIATE(double)
#undef GRADUS_INSTANTIATE

}  // namespace gradus::nn
