#pragma once

#include <map>
#include <string>
#include <vector>

#include <gradus/core/array.hpp>

namespace gradus::nn {

/// What an optimizer (or an average of weights) remembers between steps, by names: enough to go on from
/// there, bit for bit.
template <class T>
struct OptimizerState {
  std::string owner;  ///< whose it is: "Adam"
  std::map<std::string, Array<T>> arrays;
  std::map<std::string, double> numbers;  ///< counts, rates: none is negative
};

/// A line for everything in `state` that does not fit where `expected` is what fits: another owner, names
/// that are missing or too many, arrays of another shape, numbers that are none. Empty when all fits.
template <class T>
std::vector<std::string> mismatches(const OptimizerState<T>& state, const OptimizerState<T>& expected);

/// ValueError, saying "[<owner>] load_state()", when there are such lines.
void check_state(const std::string& owner, const std::vector<std::string>& mismatches);

}  // namespace gradus::nn
