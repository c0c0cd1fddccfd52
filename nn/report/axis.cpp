#include <algorithm>
#include <charconv>
#include <cmath>
#include <iterator>
#include <limits>

#include <gradus/nn/report/axis.hpp>
#include <gradus/nn/report/markup.hpp>

namespace gradus::nn::detail {
namespace {

constexpr int most_ticks = 20;
constexpr double slack = 1e-6;  // of a step, for rounding
constexpr std::size_t long_text = 7;

}  // namespace

bool Axis::drawable(double value, bool log) { return std::abs(value) < 1e100 && (!log || value > 1e-100); }

Axis::Axis(const std::vector<double>& values, const AxisOptions& options, bool round_ends)
    : options_(options) {
  lo_ = std::numeric_limits<double>::infinity(), hi_ = -lo_;
  for (double value : values) {
    if (!drawable(value, options.log)) continue;
    lo_ = std::min(lo_, scaled(value));
    hi_ = std::max(hi_, scaled(value));
  }
  if (lo_ > hi_) lo_ = 0, hi_ = 1;
  if (options.log) {
    set_log_ends(round_ends);
  } else {
    set_linear_ends(round_ends);
  }
  with_powers_ = needs_powers();
}

double Axis::scaled(double value) const { return options_.log ? std::log10(value) : value; }

double Axis::part(double value) const { return (scaled(value) - lo_) / (hi_ - lo_); }

// Ticks lie 1, 2 or 5 powers of ten apart.
void Axis::set_linear_ends(bool round_ends) {
  if (options_.from_zero && lo_ > 0) lo_ = 0;
  const double least = 1e-6 * std::max({std::abs(lo_), std::abs(hi_), 1e-6});
  if (hi_ - lo_ < least) {
    const double margin = hi_ == 0 ? 1 : 0.05 * std::abs(hi_);
    lo_ -= margin;
    hi_ += margin;
  }
  const double rough = (hi_ - lo_) / 5;
  const double power = std::pow(10, std::floor(std::log10(rough)));
  const double digit = rough / power;
  step_ = power * (digit <= 1 ? 1 : digit <= 2 ? 2 : digit <= 5 ? 5 : 10);
  if (options_.whole) step_ = std::max(step_, 1.0);
  if (!round_ends) return;
  lo_ = std::floor(lo_ / step_ + slack) * step_;
  hi_ = std::ceil(hi_ / step_ - slack) * step_;
  if (options_.percent) lo_ = std::max(lo_, 0.0), hi_ = std::min(hi_, 1.0);
}

// Ticks are powers of ten, some or all of them; of a range of less than two powers, 2 and 5 times each as
// well (the step is 0 then).
void Axis::set_log_ends(bool round_ends) {
  const double middle = (lo_ + hi_) / 2;
  lo_ = std::min(lo_, middle - 0.15);
  hi_ = std::max(hi_, middle + 0.15);
  step_ = hi_ - lo_ < 2 ? 0 : std::ceil((hi_ - lo_) / 8);
  if (!round_ends) return;
  const auto rounded = [this](double value, bool up) {
    const double whole = std::floor(value), digit = std::pow(10, value - whole);
    if (step_ > 0) return up ? std::ceil(value - slack) : std::floor(value + slack);
    const double digits[] = {1, 2, 5, 10};
    for (int i = 0; i < 4; ++i) {
      if (up ? digits[i] >= digit - slack : digits[std::min(i + 1, 3)] > digit + slack)
        return whole + std::log10(digits[i]);
    }
    return whole + 1;
  };
  lo_ = rounded(lo_, false);
  hi_ = rounded(hi_, true);
}

std::vector<double> Axis::ticks() const {
  std::vector<double> values;
  if (options_.log) {
    const double step = std::max(step_, 1.0);
    for (double power = std::floor(lo_); power <= hi_ + slack; power += step) {
      for (double digit : {1, 2, 5}) {
        const double place = power + std::log10(digit);
        if (place >= lo_ - slack && place <= hi_ + slack && (digit == 1 || step_ == 0))
          values.push_back(digit * std::pow(10, power));
      }
    }
    return values;
  }
  const double first = std::ceil(lo_ / step_ - slack);
  const int count = std::min(static_cast<int>(std::floor((hi_ - first * step_) / step_ + slack)), most_ticks);
  for (int i = 0; i <= count; ++i) values.push_back((first + i) * step_);
  return values;
}

std::string Axis::text(double tick) const { return with_powers_ ? power_text(tick) : plain_text(tick); }

std::size_t Axis::text_width() const { return widest(&Axis::text); }

std::size_t Axis::widest(std::string (Axis::*written)(double) const) const {
  std::size_t width = 0;
  for (const double tick : ticks()) width = std::max(width, (this->*written)(tick).size());
  return width;
}

// Some are too long, or so large or small that they have a power anyway.
bool Axis::needs_powers() const {
  if (options_.percent) return false;
  const std::size_t plain = widest(&Axis::plain_text);
  const std::vector<double> all = ticks();
  const bool have_powers = std::any_of(all.begin(), all.end(), [this](double tick) {
    return plain_text(tick).find('e') != std::string::npos;
  });
  return (plain >= long_text || have_powers) && widest(&Axis::power_text) < plain;
}

// "-1.5e6": as many digits as the step asks for, and neither "+06" nor "1.0".
std::string Axis::power_text(double tick) const {
  const double step = options_.log ? tick : step_;
  if (std::abs(tick) < step / 2) return "0";
  const double digits = std::floor(std::log10(std::abs(tick)) + slack) - std::floor(std::log10(step) + slack);
  char buffer[40];
  const auto end = std::to_chars(buffer, std::end(buffer), tick, std::chars_format::scientific,
                                 std::clamp(static_cast<int>(digits), 0, 15))
                       .ptr;
  const std::string all(buffer, end);
  const std::size_t e = all.find('e');
  std::string mantissa = all.substr(0, e);
  if (mantissa.find('.') != std::string::npos) mantissa.resize(mantissa.find_last_not_of('0') + 1);
  if (mantissa.back() == '.') mantissa.pop_back();
  const int power = std::stoi(all.substr(e + 1));
  return power == 0 ? mantissa : mantissa + "e" + std::to_string(power);
}

std::string Axis::plain_text(double tick) const {
  const double scale = options_.percent ? 100 : 1;
  if (options_.log) {
    const int decimals = std::max(-static_cast<int>(std::floor(std::log10(tick) + slack)), 0);
    return fixed_text(tick, decimals <= 4 ? decimals : 7);
  }
  if (std::abs(tick) < step_ / 2) tick = 0;  // not -0
  const int decimals = std::max(static_cast<int>(std::ceil(-std::log10(step_ * scale) - slack)), 0);
  return fixed_text(tick * scale, decimals) + (options_.percent ? "%" : "");
}

}  // namespace gradus::nn::detail
