#pragma once

#include <initializer_list>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include <gradus/core/array.hpp>
#include <gradus/nn/files/any_array.hpp>

namespace gradus::nn {

/// What something remembers, by names: enough to go on from there, bit for bit.
struct State {
  std::string owner = {};  ///< whose it is: "Adam"
  std::map<std::string, AnyArray> arrays = {};
  std::map<std::string, double> numbers = {};

  template <class T>
  void keep(const std::string& name, const Array<T>& array) {
    arrays[name] = xt::xarray<T>(array);
  }
  /// An array that is there, of this type: what mismatches() has nothing to say of.
  template <class T>
  Array<T> array(const std::string& name) const {
    return Array<T>(std::get<xt::xarray<T>>(arrays.at(name)));
  }
  double number(const std::string& name) const { return numbers.at(name); }

  bool operator==(const State&) const = default;
};

/// What goes on across an interruption: an optimizer, averages of weights, a callback of a Trainer.
class Stateful {
 public:
  virtual ~Stateful() = default;

  /// Whose state it is: "Adam". Empty: there is nothing to remember.
  virtual std::string owner() const = 0;
  /// What it needs to go on from here.
  virtual State state() const = 0;
  /// A line for everything in `state` that does not fit; by default what mismatches(state, state()) says.
  virtual std::vector<std::string> mismatches(const State& state) const;
  /// Goes on from the state of one that was made alike. ValueError, before anything is changed, with all that
  /// mismatches() finds.
  void load_state(const State& state);

 protected:
  Stateful() = default;
  Stateful(const Stateful&) = default;
  Stateful(Stateful&&) = default;
  Stateful& operator=(const Stateful&) = default;
  Stateful& operator=(Stateful&&) = default;

 private:
  /// Takes the state over, after mismatches() has found nothing.
  virtual void put_state(const State& state) = 0;
};

/// A line for everything in `state` that does not fit where `expected` is what fits: another owner, names
/// that are missing or too many, arrays of another shape or type. Empty when all fits.
std::vector<std::string> mismatches(const State& state, const State& expected);

/// A line for each number that is negative, infinite or none.
std::vector<std::string> negative_numbers(const State& state);
/// A line for each of these numbers, as far as they are there, that is no count: 0, 1, 2, ...
std::vector<std::string> no_counts(const State& state, std::initializer_list<const char*> names);

}  // namespace gradus::nn
