#pragma once

#include <string>
#include <vector>

#include <gradus/nn/checkpoint/model_file.hpp>
#include <gradus/nn/checkpoint/safetensors.hpp>

/// The parts of saving and loading that files of models and of training runs share.
namespace gradus::nn::detail {

/// Names that begin with it belong to a training run, not to its model.
inline constexpr const char* training_prefix = "training/";
/// The metadata's key for what the model consists of.
inline constexpr const char* description_key = "gradus.model";
/// Its key for how the weights lie in the file: "gradus" or "torch".
inline constexpr const char* layout_key = "gradus.layout";
/// What its keys begin with that say whose the states of a training run are: "gradus.state.optimizer".
inline constexpr const char* state_key_prefix = "gradus.state.";

/// Adds the arrays of a model, their layout, and its description if it has one. ValueError, begun with
/// `where`, when a name is there already or begins as those of training runs do, and for metadata under such
/// keys.
template <class T>
void store_model(const std::string& where, const Module<T>& model, const ModelFileOptions& options,
                 Safetensors& contents);

/// What is ready to be put into a model.
template <class T>
class LoadedModel {
 public:
  /// Finds the model's arrays in `contents`; a line in `mismatches` for each that does not fit.
  LoadedModel(const Safetensors& contents, const Module<T>& model, const ModelFileOptions& options,
              std::vector<std::string>& mismatches);
  /// Puts them in; nothing of it throws but what may run out of memory before the first.
  void put() const;

 private:
  NamedParameters<T> parameters_;
  NamedBuffers<T> buffers_;
  std::vector<Array<T>> values_;  // of the parameters, then of the buffers
};

/// DataError with all the lines, unless there is none.
void check_mismatches(const std::string& where, const std::vector<std::string>& mismatches);

extern template class LoadedModel<float>;
extern template class LoadedModel<double>;

}  // namespace gradus::nn::detail
