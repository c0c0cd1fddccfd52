#pragma once

#include <string>
#include <vector>

namespace gradus::cli {

/// The name that was probably meant: the one with the fewest letters to change, to add or to leave out, if
/// these are no more than two or a third, or one that only goes on. Empty: none is near. Source: V.
/// Levenshtein, "Binary codes capable of correcting deletions, insertions and reversals" (1966).
std::string nearest(const std::string& word, const std::vector<std::string>& names);

}  // namespace gradus::cli
