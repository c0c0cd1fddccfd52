#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <span>
#include <utility>
#include <vector>

namespace gradus {

/// A seeded generator of random numbers. The same seed gives bitwise the same numbers with every compiler,
/// standard library and optimisation level. A copy continues the same sequence on its own.
class Rng {
 public:
  /// Starts the sequence that belongs to `seed`.
  explicit Rng(std::uint64_t seed) : engine_(seed) {}

  /// The next 64 random bits.
  std::uint64_t bits() { return engine_(); }

  /// A number uniform in [lo, hi), or lo itself when both are equal; 53 random bits are behind it.
  /// ValueError unless lo <= hi and hi - lo is finite.
  double uniform(double lo = 0.0, double hi = 1.0);

  /// A number of the normal distribution N(mean, stddev^2). ValueError unless mean is finite and stddev is
  /// finite and not negative.
  /// Source: G. Marsaglia, T. A. Bray, "A convenient method for generating normal variables" (1964).
  double normal(double mean = 0.0, double stddev = 1.0);

  /// An integer of 0 ... n - 1, each equally likely. ValueError when n is 0.
  std::uint64_t below(std::uint64_t n);

  /// Puts the items in a random order, each order equally likely (Fisher and Yates, in Durstenfeld's form).
  template <class T>
  void shuffle(std::span<T> items) {
    using std::swap;
    for (std::size_t left = items.size(); left > 1; --left) swap(items[left - 1], items[below(left)]);
  }

  /// The same for a vector.
  template <class T>
  void shuffle(std::vector<T>& items) {
    shuffle(std::span<T>(items));
  }

  /// Where the sequence has come to, for files: 313 numbers, the engine's as the standard library counts
  /// them.
  std::vector<std::uint64_t> state() const;
  /// Goes on from there. ValueError, before anything is changed, for numbers that no state() gives.
  void set_state(const std::vector<std::uint64_t>& state);

  /// True when both will give the same numbers from here on.
  friend bool operator==(const Rng& a, const Rng& b) { return a.engine_ == b.engine_; }

 private:
  std::mt19937_64 engine_;
};

}  // namespace gradus
