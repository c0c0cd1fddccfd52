#include <utility>

#include <gradus/core/graph_errors.hpp>
#include <gradus/core/node.hpp>

namespace gradus::detail {

std::string Node::text() const {
  if (is_variable()) return variable_text(name());
  const std::string step = "the " + std::string(op_name()) + " step";
  return name().empty() ? step : step + " '" + name() + "'";
}

const std::string& Node::name() const {
  static const std::string none;
  return name_ ? *name_ : none;
}

void destroy(Node* node) {
  thread_local Node* waiting = nullptr;
  thread_local bool is_busy = false;
  node->next_to_destroy_ = std::exchange(waiting, node);
  if (is_busy) return;
  is_busy = true;
  while (waiting) {
    const Node* const next = std::exchange(waiting, waiting->next_to_destroy_);
    delete next;  // what it held comes back here and joins the list
  }
  is_busy = false;
}

}  // namespace gradus::detail
