#pragma once

#include <gradus/core/record.hpp>

namespace gradus {

/// While one lives, the thread that made it records nothing: results are constants.
class NoGrad {
 public:
  NoGrad() : before_(detail::thread_record.recording) { detail::thread_record.set_recording(false); }
  ~NoGrad() { detail::thread_record.set_recording(before_); }
  NoGrad(const NoGrad&) = delete;
  NoGrad& operator=(const NoGrad&) = delete;

 private:
  bool before_;
};

/// Whether steps are recorded in this thread.
inline bool is_recording() { return detail::thread_record.recording; }

}  // namespace gradus
