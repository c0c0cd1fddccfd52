#include <gradus/core/error.hpp>
#include <gradus/ops/scalar_ops.hpp>

namespace gradus::detail {

Wire unrecorded(const char* op, double y, Wire a, Wire b) {
  for (const Wire& operand : {a, b})
    if (operand.record_id != 0 && operand.record_id != thread_record.id) Scalar::fail_in_thread(op);
  return {.value = y};
}

}  // namespace gradus::detail
