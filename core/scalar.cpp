#include <gradus/core/backward.hpp>
#include <gradus/core/error.hpp>
#include <gradus/core/record_returns.hpp>
#include <gradus/core/scalar.hpp>
#include <gradus/core/scalar_sweep.hpp>

namespace gradus {

double Scalar::grad() const {
  if (!requires_grad()) throw GraphError("[grad] a constant has no gradient: make it with variable()");
  check_thread("grad");
  return detail::shown_gradient(record(), step()) + 0.0;  // unreached is -0
}

bool Scalar::has_grad() const {
  check_thread("has_grad");
  return requires_grad() && !detail::is_unreached(detail::shown_gradient(record(), step()));
}

void Scalar::zero_grad() const {
  check_thread("zero_grad");
  if (requires_grad()) detail::forget_gradient(record(), step());
}

void Scalar::set_value(double v) const {
  check_thread("set_value");
  if (!is_variable())
    throw GraphError("[set_value] only a variable can be changed; this is a " +
                     std::string(requires_grad() ? "recorded step" : "constant"));
  detail::RecordBooks& books = *record().books;
  books.last_change = detail::next_position(record());
  books.variable(step()).changed_at = books.last_change;
  ++books.variable(step()).version;
  record().value[step()] = v;
  record().seal();
}

void Scalar::backward() const { gradus::backward(*this); }

std::uint32_t Scalar::stage() const {
  check_thread("stage");
  return requires_grad() ? detail::stage_of(record(), step()) : 0;
}

Scalar Scalar::named(const std::string& name) const {
  check_thread("named");
  if (requires_grad()) {
    record().books->names.insert_or_assign(step(), name);
    record().seal();
  }
  return *this;
}

std::string Scalar::name() const {
  check_thread("name");
  if (!requires_grad()) return {};
  const auto& names = record().books->names;
  const auto found = names.find(step());
  return found == names.end() ? std::string() : found->second;
}

}  // namespace gradus
