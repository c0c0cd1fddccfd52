#include <cmath>
#include <iterator>
#include <numbers>
#include <sstream>
#include <string>

#include <gradus/core/error.hpp>
#include <gradus/core/number_text.hpp>
#include <gradus/core/rng.hpp>

// The standard fixes the output of std::mt19937_64, but not what std::uniform_real_distribution,
// std::normal_distribution and std::shuffle make of it: those differ from library to library. So does the
// last bit of std::log. Hence everything behind the engine is written out here, from operations that IEEE 754
// rounds in one way only; std::fma stands where a compiler might contract a product and a sum, or might not.

namespace gradus {
namespace {

// ln(s) for finite s > 0: s = m 2^e with m near 1, ln(m) = 2 artanh(t) with t = (m - 1) / (m + 1), as a
// series.
double portable_log(double s) {
  int exponent = 0;
  double m = std::frexp(s, &exponent);
  if (m < std::numbers::sqrt2 / 2) {
    m *= 2;
    --exponent;
  }
  const double t = (m - 1) / (m + 1);
  double series = 0;  // 1 + t^2/3 + t^4/5 + ...; |t| < 0.172, so that the term after t^20 is below 2^-53
  for (int power = 20; power >= 0; power -= 2) series = std::fma(series, t * t, 1.0 / (power + 1));
  return std::fma(exponent, std::numbers::ln2, 2 * t * series);
}

}  // namespace

double Rng::uniform(double lo, double hi) {
  if (!(lo <= hi && std::isfinite(hi - lo))) {
    throw ValueError("[uniform] lo " + detail::number_text(lo) + ", hi " + detail::number_text(hi) +
                     ": expected lo <= hi, a finite distance apart");
  }
  for (;;) {
    const double fraction = static_cast<double>(bits() >> 11) * 0x1p-53;
    const double value = std::fma(hi - lo, fraction, lo);
    if (value < hi || lo == hi) return value;  // rounding may reach hi, which is outside
  }
}

double Rng::normal(double mean, double stddev) {
  if (!(std::isfinite(mean) && std::isfinite(stddev) && stddev >= 0)) {
    throw ValueError("[normal] mean " + detail::number_text(mean) + ", stddev " +
                     detail::number_text(stddev) + ": expected finite numbers, stddev >= 0");
  }
  // Of the pair the method gives, one is dropped: the engine then is the whole state of the generator.
  for (;;) {
    const double u = uniform(-1, 1);
    const double v = uniform(-1, 1);
    const double s = std::fma(u, u, v * v);
    if (s >= 1 || s == 0) continue;
    return std::fma(stddev, u * std::sqrt(-2 * portable_log(s) / s), mean);
  }
}

std::uint64_t Rng::below(std::uint64_t n) {
  if (n == 0) throw ValueError("[below] n 0: expected at least 1");
  // Of the 2^64 values the first 2^64 mod n are left out; each remainder then has equally many.
  const std::uint64_t left_out = (0 - n) % n;
  for (;;) {
    const std::uint64_t value = bits();
    if (value >= left_out) return value % n;
  }
}

std::vector<std::uint64_t> Rng::state() const {
  std::stringstream text;
  text << engine_;
  return {std::istream_iterator<std::uint64_t>(text), {}};
}

void Rng::set_state(const std::vector<std::uint64_t>& state) {
  constexpr std::size_t words = std::mt19937_64::state_size;
  const auto fail = [](const std::string& found) {
    throw ValueError("[set_state] " + found + ": expected what Rng::state() gave");
  };
  if (const std::size_t size = this->state().size(); state.size() != size)
    fail(std::to_string(state.size()) + " numbers, not " + std::to_string(size));
  if (state.size() > words && state[words] > words)  // libstdc++ does not look
    fail("the position " + std::to_string(state[words]) + " among " + std::to_string(words) + " words");
  std::stringstream text;
  for (const std::uint64_t word : state) text << word << ' ';
  std::mt19937_64 engine;
  if (!(text >> engine)) fail("numbers that the engine does not take");
  engine_ = engine;
}

}  // namespace gradus
