#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include <gradus/core/shape.hpp>
#include <gradus/nn/data/data_loader.hpp>

/// What the files of the Trainer share.
namespace gradus::nn::detail {

/// ValueError unless names of metrics are UTF-8, not empty, each another, and none is "loss".
void check_metric_names(const std::vector<std::string>& names);

/// ShapeError, begun with [caller], unless predictions have a row for each row of the inputs.
void check_row_for_row(const char* caller, const Shape& inputs, const Shape& predictions);

/// What must be the same where training goes on, by names.
template <class T, class Target>
std::map<std::string, std::string> describe_data(const DataLoader<T, Target>& batches, std::size_t accumulate,
                                                 std::size_t first_pass) {
  const DataLoaderOptions& options = batches.options();
  return {
      {"rows", std::to_string(batches.rows())},        {"batch_size", std::to_string(options.batch_size)},
      {"shuffle", options.shuffle ? "true" : "false"}, {"drop_last", options.drop_last ? "true" : "false"},
      {"seed", std::to_string(options.seed)},          {"accumulate", std::to_string(accumulate)},
      {"first_pass", std::to_string(first_pass)}};
}

}  // namespace gradus::nn::detail
