#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// What the program `gradus` is told on its command line.
namespace gradus::cli {

/// Where data come from, and what they mean.
struct DataSettings {
  std::string data = "digits";  ///< a generated set, a folder of IDX files, a .csv, .npz or .npy file
  std::string inputs, targets;  ///< .npy files, or names of arrays in a .npz file
  std::string label;            ///< the column to predict; empty: the last
  bool regression = false;
  std::vector<std::string> ignore;  ///< columns that are left out
  std::string missing = "error";
  bool allow_unknown = false;     ///< texts that no row to learn from has
  std::vector<std::string> na;    ///< what stands for a missing value
  std::optional<char> delimiter;  ///< without: a comma, in .tsv files tab
  bool no_header = false;
  std::size_t rows = 0;         ///< to generate; 0: as many as the set has by default
  std::optional<double> noise;  ///< of generated sets
  std::uint64_t data_seed = 2024;
};

struct ModelSettings {
  std::string file;  ///< a description in JSON; empty: by the others
  std::vector<std::string> hidden{"128"};
  std::string activation = "relu", init = "auto";
  double dropout = 0;
  bool batch_norm = false;
};

struct OptimizerSettings {
  std::string name = "adam";
  std::optional<double> lr, momentum, weight_decay;
  bool nesterov = false;
};

struct ScheduleSettings {
  std::string name = "constant";
  double warm_up = 0;  ///< epochs
  std::size_t plateau = 0;
  double factor = 0.1;
  std::size_t every = 1;  ///< epochs
};

struct OutputSettings {
  std::string folder = "run";
  std::string model, history, report;  ///< empty: in the folder
};

struct TrainSettings {
  DataSettings data;
  std::string validation;
  std::optional<double> validation_fraction;
  std::string scale;          ///< empty: standardize for tables
  std::string scale_targets;  ///< empty: standardize where the loss measures distances
  bool scale_together = false;
  ModelSettings model;
  OptimizerSettings optimizer;
  ScheduleSettings schedule;
  std::string loss;  ///< empty: cross_entropy for classes, mse for values
  double label_smoothing = 0;
  std::size_t epochs = 10;
  std::size_t batch = 0;  ///< 0: 64, or all rows for lbfgs
  std::size_t accumulate = 1;
  std::optional<double> clip_norm;
  std::size_t patience = 0;
  bool keep_best = false;
  std::string monitor;  ///< empty: the validation loss, or the training loss where nothing is held out
  std::uint64_t seed = 1;
  int threads = 0;  ///< 0: as many as the library takes by itself
  std::string config, resume;
  bool new_lr = false;  ///< whether optimizer.lr is said anew, and not by the run that is resumed
  OutputSettings output;
  bool quiet = false;
  std::string command_line;
};

/// Data, and a model that was trained before.
struct UseSettings {
  std::string model;
  DataSettings data;
  std::string output;
  int threads = 0;
};

}  // namespace gradus::cli
