#include <gradus/ops/axes.hpp>

namespace gradus {

std::string IntList::text() const {
  std::string list;
  for (const std::ptrdiff_t value : values_) {
    if (!list.empty()) list += ',';
    list += std::to_string(value);
  }
  return '(' + list + ')';
}

namespace detail {

std::vector<std::size_t> inverse(const std::vector<std::size_t>& order) {
  std::vector<std::size_t> back(order.size());
  for (std::size_t place = 0; place < order.size(); ++place) back[order[place]] = place;
  return back;
}

}  // namespace detail
}  // namespace gradus
