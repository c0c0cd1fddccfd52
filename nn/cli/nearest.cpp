#include <algorithm>
#include <cstddef>
#include <numeric>
#include <utility>

#include <gradus/nn/cli/nearest.hpp>

namespace gradus::cli {
namespace {

std::size_t distance(const std::string& a, const std::string& b) {
  std::vector<std::size_t> row(b.size() + 1);  // of the first i letters of a to those of b
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i + 1);
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t changed = diagonal + (a[i] != b[j]);
      diagonal = row[j + 1];
      row[j + 1] = std::min({changed, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

}  // namespace

std::string nearest(const std::string& word, const std::vector<std::string>& names) {
  std::string best;
  std::size_t least = std::max<std::size_t>(word.size() / 3, 2) + 1;
  for (const std::string& name : names) {
    const std::size_t changes = name.starts_with(word) ? 0 : distance(word, name);
    if (changes < least) least = changes, best = name;
  }
  return best;
}

}  // namespace gradus::cli
