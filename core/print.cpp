#include <ostream>

#include <gradus/core/tensor.hpp>
#include <gradus/core/xtensor_io.hpp>

namespace gradus {

std::ostream& operator<<(std::ostream& out, const Scalar& x) { return out << x.value(); }

namespace detail {

std::ostream& print(std::ostream& out, const Array<float>& array) { return out << array; }
std::ostream& print(std::ostream& out, const Array<double>& array) { return out << array; }

}  // namespace detail
}  // namespace gradus
