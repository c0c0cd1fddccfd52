#include <gradus/core/gradients_aside.hpp>

namespace gradus::detail {

// When the other constructor is done, what is thrown here leads to the destructor.
GradientsAside::GradientsAside(Sweep& sweep, bool hide_shown) : GradientsAside(sweep, Nothing()) {
  const PooledVector<Step>& variables = sweep.scalars().variables();
  adjoints_.reserve(variables.size());
  sweep.scalars().remember_shown(hide_shown);
  for (const Step v : variables) adjoints_.push_back(std::exchange(thread_record.adjoint[v], unreached));
  for (const Ref<Node>& node : sweep.nodes()) {
    tensors_.emplace_back(node.get(), nullptr);
    tensors_.back().second = node->exchange_gradient(nullptr);
    if (!tensors_.back().second) tensors_.pop_back();
  }
  state_ = State::all_is_aside;
}

GradientsAside::~GradientsAside() {
  if (state_ == State::merged) return;
  if (state_ == State::all_is_aside)
    for (const Ref<Node>& node : sweep_.nodes()) node->exchange_gradient(nullptr);
  for (auto& [node, gradient] : tensors_) node->exchange_gradient(std::move(gradient));
  for (std::size_t i = 0; i < adjoints_.size(); ++i)
    thread_record.adjoint[sweep_.scalars().variables()[i]] = adjoints_[i];
  sweep_.scalars().bring_back_shown();
}

void GradientsAside::merge() {
  for (auto& [node, gradient] : tensors_)
    if (node->is_variable()) node->own_earlier(gradient);
  for (auto& [node, gradient] : tensors_)
    if (node->is_variable()) node->add_to_earlier(std::move(gradient));
  for (std::size_t i = 0; i < adjoints_.size(); ++i)
    thread_record.adjoint[sweep_.scalars().variables()[i]] +=
        adjoints_[i];  // "unreached" is -0: it adds nothing
  state_ = State::merged;
}

}  // namespace gradus::detail
