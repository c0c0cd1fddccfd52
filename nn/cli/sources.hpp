#pragma once

#include <functional>
#include <string>
#include <vector>

#include <gradus/core/rng.hpp>
#include <gradus/nn/cli/load_data.hpp>

/// Where data come from, before anything is divided or scaled.
namespace gradus::cli {

/// A set that the program makes up.
struct Generated {
  std::string name;
  std::size_t rows;  ///< by default
  double noise;      ///< by default
  std::function<AnyDataset(std::size_t rows, double noise, Rng& rng)> make;
};
const std::vector<Generated>& generated_sets();

enum class SourceKind { generated, folder, csv, npz, npy };

/// What `data` names. DataError when it is nothing of all that.
SourceKind kind_of(const DataSettings& settings);
/// "a table".
std::string described(SourceKind kind);

/// What a source gives.
struct Source {
  AnyDataset all;                  ///< or the part to learn from, where there is a test set
  std::optional<AnyDataset> test;  ///< where the source has one of its own
  std::vector<std::string> doubts = {};
};

/// Reads or generates what the settings name, and notes in `preprocessing` what it learns of it: encoder,
/// class names, shape of pictures. DataError for arrays with
/// NaN or infinity.
Source read_source(const DataSettings& settings, Preprocessing& preprocessing);

/// Reads a file by an encoder and the like that are there.
AnyDataset read_examples(const DataSettings& settings, const Preprocessing& preprocessing);
xt::xarray<float> read_inputs(const DataSettings& settings, const Preprocessing& preprocessing);

}  // namespace gradus::cli
