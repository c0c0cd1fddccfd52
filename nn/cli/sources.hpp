#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
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
  AnyDataset train;
  std::optional<AnyDataset> held_out;      ///< a part of its rows
  std::vector<std::size_t> held_out_rows;  ///< which they are
  std::optional<AnyDataset> test;          ///< where the source has one of its own
  std::vector<std::string> doubts = {};
};

/// Whether the source comes with a set that is for testing alone.
bool has_test_set(const DataSettings& settings);

/// Reads or generates what the settings name, holds a part of the rows out (0: none) from which nothing is
/// learnt, and notes in `preprocessing` what it learns of the others: encoder, class names, shape of
/// pictures. DataError for arrays with NaN or infinity.
Source read_source(const DataSettings& settings, double fraction, std::uint64_t seed,
                   Preprocessing& preprocessing);

/// Reads a file by an encoder and the like that are there.
AnyDataset read_examples(const DataSettings& settings, const Preprocessing& preprocessing);
xt::xarray<float> read_inputs(const DataSettings& settings, const Preprocessing& preprocessing);

}  // namespace gradus::cli
