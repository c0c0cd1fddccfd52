#include <vector>

#include <gradus/core/node.hpp>

namespace gradus::detail {

const std::string& Node::name() const {
  static const std::string none;
  return name_ ? *name_ : none;
}

void destroy(Node* node) {
  thread_local std::vector<Node*>* waiting = nullptr;
  if (waiting) {
    waiting->push_back(node);
    return;
  }
  std::vector<Node*> list{node};
  waiting = &list;
  while (!list.empty()) {
    Node* const next = list.back();
    list.pop_back();
    delete next;  // what it held comes back here and joins the list
  }
  waiting = nullptr;
}

}  // namespace gradus::detail
