#include <gradus/ops/elementwise.hpp>
#include <gradus/ops/scalar_ops.hpp>

namespace gradus {

/// The local derivative is known as soon as x is: the step is recorded as one of a product with it, so that
/// neither a code nor room for two bounds is needed.
Scalar clip(const Scalar& x, double lo, double hi) {
  using rules::Mul;
  static_assert(Mul::da_reads == rules::Reads::second);  // not the value, which is not that of the product
  const rules::Clip rule = detail::checked_clip(lo, hi);
  x.check_thread(rules::Clip::name);
  const double value = x.value(), y = rule.forward(value);
  if (!detail::is_recorded(x.wire())) return y;
  detail::thread_record.make_room();
  return Scalar(
      detail::push_step_with_constant<Mul, detail::second_constant>(x.step(), rule.dx(value, y), y));
}

}  // namespace gradus
