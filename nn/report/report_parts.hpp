#pragma once

#include <string>

#include <gradus/nn/report/report.hpp>

namespace gradus::nn::detail {

/// How the page looks: CSS. Curves are painted with var(--curve-1) ... var(--curve-5), var(--ink),
/// var(--pale).
std::string report_style();

/// The confusion matrix as a table in which colour stands for frequency, and, where it has many classes, as a
/// picture beside the most frequent confusions.
std::string confusion_html(const ConfusionMatrix& matrix, const std::vector<std::string>& names);

/// Numbers of things with a space between thousands: "60 000".
std::string count_text(std::int64_t count);

/// A fraction in percent: "98.40%"; "–" for NaN.
std::string percent_text(double fraction, int decimals);

}  // namespace gradus::nn::detail
