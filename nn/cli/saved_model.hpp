#pragma once

#include <filesystem>
#include <map>
#include <string>

#include <gradus/nn/cli/load_data.hpp>
#include <gradus/nn/modules/module.hpp>
#include <gradus/nn/training/history.hpp>

namespace gradus::cli {

/// What goes with a model in its file.
struct RunNotes {
  Preprocessing preprocessing = {};
  std::string settings = "{}";  ///< the flags of its training, as options_json() writes them
  nn::History history = {};

  /// As metadata of a safetensors file; the history of a checkpoint is the Trainer's to write. The times that
  /// epochs took are left out, so that equal runs give equal files.
  std::map<std::string, std::string> metadata(bool with_history) const;

  std::string loss() const;
  double label_smoothing() const;
  std::string text_setting(const std::string& name) const;  ///< empty: it was not set
};

/// What the metadata say; empty notes where the file was written by another program. DataError for notes that
/// are damaged, and for those of another version.
RunNotes notes_of(const std::map<std::string, std::string>& metadata);

struct SavedModel {
  nn::Module<float> model;
  RunNotes notes;
};

/// A model or checkpoint. DataError as of nn::read_model().
SavedModel read_saved_model(const std::filesystem::path& file);

}  // namespace gradus::cli
