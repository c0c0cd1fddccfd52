#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <string>

#include <gradus/nn/modules/module.hpp>

/// Models as files, in the safetensors format: parameters and buffers under their names, "0.weight".
namespace gradus::nn {

/// Whose names and layouts a file has.
struct ModelFileOptions {
  /// PyTorch's layout: the weight of a Linear is (out, in) there and (in, out) here, and is transposed. All
  /// else lies alike. PyTorch's "num_batches_tracked" is passed over. Files of save_model() say their layout,
  /// which counts when they are read; it must be given for files that PyTorch has written.
  bool torch = false;
  /// The name in the file of what has this name in the model: "layers.0.weight" -> "fc1.weight". Empty: the
  /// same.
  std::function<std::string(const std::string& name)> rename = {};
  /// Reads numbers of another dtype too, rounded to the model's. (Numbers of 16 bits are read in any case.)
  bool cast = false;
};

/// Saves a model: its parameters and buffers, how they lie there, and, where all its modules have a type,
/// what it consists of (describe_model), so that read_model() can make it anew. `metadata` is kept with it.
/// The file is written whole or not at all. ValueError when two names are the same in the file; DataError
/// when it cannot be written.
template <class T>
void save_model(const std::filesystem::path& file, const Module<T>& model,
                const ModelFileOptions& options = {},
                const std::map<std::string, std::string>& metadata = {});

/// Loads parameters and buffers into a model that is there. A file of save_training() will do too: its model
/// is loaded. DataError, before anything is changed, for a damaged file, and one for all that does not fit:
/// arrays that are missing or unexpected, of another shape or dtype.
template <class T>
void load_model(const std::filesystem::path& file, const Module<T>& model,
                const ModelFileOptions& options = {});

/// Makes the model that a file describes, and loads it. Errors as of load_model() and build_model(), and
/// DataError for a file that has no description.
template <class T>
Module<T> read_model(const std::filesystem::path& file, const ModelFileOptions& options = {});

template <class M>
requires requires { typename M::value_type; }
void save_model(const std::filesystem::path& file, const M& model, const ModelFileOptions& options = {},
                const std::map<std::string, std::string>& metadata = {}) {
  save_model(file, Module<typename M::value_type>(model), options, metadata);
}
template <class M>
requires requires { typename M::value_type; }
void load_model(const std::filesystem::path& file, const M& model, const ModelFileOptions& options = {}) {
  load_model(file, Module<typename M::value_type>(model), options);
}

#define GRADUS_DECLARE(T)                                                                                   \
  extern template void save_model(const std::filesystem::path&, const Module<T>&, const ModelFileOptions&,  \
                                  const std::map<std::string, std::string>&);                               \
  extern template void load_model(const std::filesystem::path&, const Module<T>&, const ModelFileOptions&); \
  extern template Module<T> read_model(const std::filesystem::path&, const ModelFileOptions&);
GRADUS_DECLARE(float)
GRADUS_DECLARE(double)
#undef GRADUS_DECLARE

}  // namespace gradus::nn
