#include <gradus/core/gradients_aside.hpp>

namespace gradus::detail {
namespace {

thread_local GradientsAside* innermost = nullptr;

}  // namespace

GradientsAside::GradientsAside(Sweep& sweep, Nothing)
    : sweep_(sweep), around_(std::exchange(innermost, this)) {}

// When the other constructor is done, what is thrown here leads to the destructor.
GradientsAside::GradientsAside(Sweep& sweep, bool hide_shown) : GradientsAside(sweep, Nothing()) {
  const PooledVector<Step>& variables = sweep.scalars().variables();
  adjoints_.reserve(variables.size());
  sweep.scalars().remember_shown(hide_shown);
  for (const Step v : variables) adjoints_.push_back(std::exchange(thread_record.adjoint[v], unreached));
  for (const Ref<Node>& node : sweep.nodes()) {
    tensors_.push_back({node.get(), nullptr, unreached});
    Aside& aside = tensors_.back();
    if (const double* const total = node->total_in_double()) aside.total = *total;
    aside.gradient = node->exchange_gradient(nullptr);
    if (!aside.gradient && is_unreached(aside.total)) tensors_.pop_back();
  }
  state_ = State::all_is_aside;
}

GradientsAside::~GradientsAside() {
  innermost = around_;
  if (state_ == State::merged) return;
  if (state_ == State::all_is_aside)
    for (const Ref<Node>& node : sweep_.nodes()) node->exchange_gradient(nullptr);
  for (Aside& aside : tensors_) put_back(aside);
  for (std::size_t i = 0; i < adjoints_.size(); ++i)
    thread_record.adjoint[sweep_.scalars().variables()[i]] = adjoints_[i];
  sweep_.scalars().bring_back_shown();
}

void GradientsAside::merge() {
  for (Aside& aside : tensors_)
    if (aside.node->is_variable()) aside.node->own_earlier(aside.gradient);
  for (const Ref<Node>& node : sweep_.nodes())
    if (is_in_sweep_around(*node)) node->exchange_gradient(nullptr);
  for (Aside& aside : tensors_)
    if (aside.node->is_variable())
      aside.node->add_to_earlier(std::move(aside.gradient));
    else if (is_in_sweep_around(*aside.node))
      put_back(aside);
  for (std::size_t i = 0; i < adjoints_.size(); ++i)
    thread_record.adjoint[sweep_.scalars().variables()[i]] +=
        adjoints_[i];  // "unreached" is -0: it adds nothing
  state_ = State::merged;
}

void GradientsAside::put_back(Aside& aside) {
  aside.node->exchange_gradient(std::move(aside.gradient));
  if (double* const total = aside.node->total_in_double()) *total = aside.total;
}

bool GradientsAside::is_in_sweep_around(const Node& node) const {
  if (node.is_variable()) return false;  // which collects from all
  for (const GradientsAside* outer = around_; outer; outer = outer->around_)
    if (outer->sweep_.sweeps(node)) return true;
  return false;
}

}  // namespace gradus::detail
