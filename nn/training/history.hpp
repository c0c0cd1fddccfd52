#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace gradus::nn {

/// What is known of an epoch when it has ended. Losses are means over the rows.
struct EpochRecord {
  std::size_t epoch = 0;  ///< from 1 on
  std::size_t steps = 0;  ///< of the optimizer since training began
  double train_loss = 0;
  std::optional<double> validation_loss = {};
  /// Metrics by name, in the trainer's order; those of the training rows are of predictions made while
  /// the model learnt.
  std::vector<std::pair<std::string, double>> train_metrics = {};
  std::vector<std::pair<std::string, double>> validation_metrics = {};
  double lr = 0;             ///< of the epoch's last step
  double gradient_norm = 0;  ///< the mean over the epoch's steps, before any clipping
  double seconds = 0;        ///< what the epoch took, validation included

  /// "train_loss", "validation_loss", "lr", "gradient_norm", "seconds", "train_accuracy",
  /// "validation_accuracy": ValueError, listing those that there are, for another name.
  double value(const std::string& name) const;
  /// All of them but epoch and steps, by these names, in the order of a history's columns.
  std::vector<std::pair<std::string, double>> values() const;

  bool operator==(const EpochRecord&) const = default;
};

/// How training went, epoch by epoch.
struct History {
  std::vector<EpochRecord> epochs = {};

  /// A quantity by its name (EpochRecord::value), one number for each epoch.
  std::vector<double> values(const std::string& name) const;

  /// A header and a line for each epoch: epoch, steps, then what any epoch has of values(); an empty cell
  /// where this one has not. Numbers are written so that reading them gives the same bits; NaN and infinities
  /// as nan, inf, -inf.
  std::string to_csv() const;

  /// JSON Lines: an object for each epoch. NaN is null there and infinities are the texts "inf" and "-inf",
  /// as JSON has no such numbers. ValueError for the name of a metric that is no UTF-8.
  std::string to_json_lines() const;
  /// The way back. DataError, naming the line, for text that is not of that form.
  static History from_json_lines(const std::string& text);

  /// Writes to_csv() or, unless the file's name ends in .csv, to_json_lines(); whole or not at all. DataError
  /// when that fails.
  void write(const std::filesystem::path& file) const;

  bool operator==(const History&) const = default;
};

}  // namespace gradus::nn
