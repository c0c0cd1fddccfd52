#pragma once

#include <filesystem>
#include <map>
#include <string>

#include <gradus/nn/checkpoint/model_file.hpp>
#include <gradus/nn/checkpoint/safetensors.hpp>
#include <gradus/nn/data/data_loader.hpp>
#include <gradus/nn/optimizers/state.hpp>

/// Training runs as files, so that one that was interrupted goes on as if it had not been, bit for bit.
namespace gradus::nn {

/// Whatever a run consists of; what it does not have stays null or empty. Schedules are functions of the
/// step: whoever resumes sets the same again.
///
///     nn::TrainingRun<float> run{.model = model,
///                                .states = {{"optimizer", &opt}, {"average", &ema}},
///                                .position = &position};
///     nn::save_training("run.safetensors", run);
///     nn::load_training("run.safetensors", run);  loader.seek(position);
template <class T>
struct TrainingRun {
  Module<T> model;  ///< parameters, buffers, and the states of its modules
  /// Optimizer, EMA, ReduceOnPlateau and whatever else remembers something, by names.
  std::map<std::string, Stateful*> states = {};
  LoaderPosition* position = nullptr;     ///< the epoch, and where in it: DataLoader::position() and seek()
  std::map<std::string, Rng*> rngs = {};  ///< generators that the caller draws from
  std::map<std::string, double*> numbers = {};  ///< whatever else: the best loss so far
};

/// Saves a run, in a file of the safetensors format that load_model() and read_model() take too: beside the
/// model it has arrays under names that begin with "training/". The file is written whole or not at all.
/// ValueError as of save_model() and while the averages of an EMA are applied; DataError when it cannot be
/// written.
template <class T>
void save_training(const std::filesystem::path& file, const TrainingRun<T>& run,
                   const std::map<std::string, std::string>& metadata = {});

/// Loads it into a run of the same parts. DataError, before anything is changed, for a damaged file, and one
/// for all that does not fit.
template <class T>
void load_training(const std::filesystem::path& file, const TrainingRun<T>& run);

namespace detail {

/// The same from what was read already; messages begin with `where`.
template <class T>
void put_training(const std::string& where, const Safetensors& contents, const TrainingRun<T>& run);

}  // namespace detail

#define GRADUS_DECLARE(T)                                                                  \
  extern template void save_training(const std::filesystem::path&, const TrainingRun<T>&,  \
                                     const std::map<std::string, std::string>&);           \
  extern template void load_training(const std::filesystem::path&, const TrainingRun<T>&); \
  extern template void detail::put_training(const std::string&, const Safetensors&, const TrainingRun<T>&);
GRADUS_DECLARE(float)
GRADUS_DECLARE(double)
#undef GRADUS_DECLARE

}  // namespace gradus::nn
