#include <gradus/ops/graphs/formula_text.hpp>

namespace gradus::detail {
namespace {

struct Helper {
  const char *name, *text;
};

constexpr Helper cpp_helpers[] = {
    {"maximum", "double maximum(double a, double b) { return b > a || b != b ? b : a; }\n"},
    {"minimum", "double minimum(double a, double b) { return b < a || b != b ? b : a; }\n"},
    {"flow", "double flow(double g, double d) { return g == 0 ? 0 : g * d; }\n"},
    {"polygamma",
     R"(// The derivative of digamma of the order n: moved upwards by its recurrence, then its asymptotic series.
double polygamma(double order, double x) {
  const int n = static_cast<int>(order);
  double factorial = 1, moved = 0;
  for (int i = 2; i <= n; ++i) factorial *= i;
  for (; x < n + 20; x += 1) moved += factorial / std::pow(x, n + 1);
  double sum = factorial / (2 * std::pow(x, n + 1)), term = factorial * (n + 1) / (2 * std::pow(x, n + 2));
  const double bernoulli[] = {1. / 6, -1. / 30, 1. / 42, -1. / 30, 5. / 66, -691. / 2730, 7. / 6};
  for (int k = 1; k <= 7; ++k) {
    sum += bernoulli[k - 1] * term;
    term *= (2. * k + n) * (2 * k + n + 1) / ((2 * k + 1) * (2 * k + 2) * x * x);
  }
  if (n == 0) return std::log(x) - sum - moved;
  return (n % 2 == 0 ? -1 : 1) * (factorial / n / std::pow(x, n) + sum + moved);
}
)"},
};

constexpr Helper numpy_helpers[] = {
    {"erf", "erf = np.vectorize(math.erf, otypes=[float])\n"},
    {"erfc", "erfc = np.vectorize(math.erfc, otypes=[float])\n"},
    {"lgamma", "lgamma = np.vectorize(math.lgamma, otypes=[float])\n"},
    {"flow", "def flow(g, d):\n    return np.where(g == 0, 0, g * d)\n"},
    {"polygamma", R"(@np.vectorize
def polygamma(order, x):
    """The derivative of digamma of this order: moved upwards by its recurrence, then its asymptotic series."""
    n, moved = int(order), 0.0
    factorial = float(math.factorial(n))
    while x < n + 20:
        moved += factorial / x**(n + 1)
        x += 1.0
    total, term = factorial / (2 * x**(n + 1)), factorial * (n + 1) / (2 * x**(n + 2))
    for k, b in enumerate([1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6], start=1):
        total += b * term
        term *= (2 * k + n) * (2 * k + n + 1) / ((2 * k + 1) * (2 * k + 2) * x**2)
    if n == 0:
        return math.log(x) - total - moved
    return (-1) ** (n + 1) * (factorial / n / x**n + total + moved)
)"},
    {"scatter_add", R"(def scatter_add(x, indices, n):
    y = np.zeros((x.shape[0], n, x.shape[2]), dtype=x.dtype)
    np.add.at(y, (slice(None), indices), x)
    return y
)"},
    {"softmax", R"(def softmax(x, axis):
    e = np.exp(x - np.max(x, axis=axis, keepdims=True))
    return e / np.sum(e, axis=axis, keepdims=True)
)"},
    {"log_softmax", R"(def log_softmax(x, axis):
    x = x - np.max(x, axis=axis, keepdims=True)
    return x - np.log(np.sum(np.exp(x), axis=axis, keepdims=True))
)"},
    {"logsumexp", R"(def logsumexp(x, axis, keepdims=False):
    top = np.max(x, axis=axis, keepdims=True)
    y = top + np.log(np.sum(np.exp(x - top), axis=axis, keepdims=True))
    return y if keepdims else np.squeeze(y, axis=axis)
)"},
};

/// Whether the code calls a function of this very name.
bool calls(const std::string& code, const std::string& name) {
  const std::string call = name + "(";
  for (std::size_t at = code.find(call); at != std::string::npos; at = code.find(call, at + 1)) {
    const char before = at == 0 ? ' ' : code[at - 1];
    if (before != '_' && before != '.' && before != ':' && !(before >= 'a' && before <= 'z')) return true;
  }
  return false;
}

}  // namespace

std::string missing_functions(Language language, const std::string& code) {
  std::string result;
  const auto add = [&](const auto& helpers) {
    for (const Helper& helper : helpers)
      if (calls(code, helper.name)) result += std::string(helper.text) + "\n";
  };
  language == Language::cpp ? add(cpp_helpers) : add(numpy_helpers);
  return result;
}

}  // namespace gradus::detail
