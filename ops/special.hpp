#pragma once

/// Special functions that <cmath> lacks, or has only in part, for float, double and long double.
namespace gradus::special {

/// ln |gamma(x)|, which, other than std::lgamma, several threads may call at once. Infinite at 0, -1, -2 ...
float lgamma(float x);
double lgamma(double x);
long double lgamma(long double x);

/// The derivative of the order n of digamma, which is the derivative of ln gamma; of order 0, digamma itself.
/// The order counts as the whole number below it. At 0 it is infinite, of the sign it has on the side of that
/// zero; at -1, -2 ... infinite for odd orders, where both sides agree, and NaN for even ones. NaN unless 0
/// <= order < 101, and at minus infinity.
///
/// From the asymptotic series, reached by recurrence, and for x < 0 by reflection. Source: M. Abramowitz, I.
/// Stegun, "Handbook of Mathematical Functions" (1964), 6.3.5, 6.3.7, 6.3.18, 6.4.6, 6.4.7, 6.4.11.
float polygamma(float order, float x);
double polygamma(double order, double x);
long double polygamma(long double order, long double x);

}  // namespace gradus::special
