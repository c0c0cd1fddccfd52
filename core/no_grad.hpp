#pragma once

#include <gradus/core/record.hpp>

namespace gradus {

namespace detail {

/// While one lives, the thread that made it records steps or does not.
class RecordingScope {
 public:
  explicit RecordingScope(bool on) : before_(thread_record.recording) { thread_record.set_recording(on); }
  ~RecordingScope() { thread_record.set_recording(before_); }
  RecordingScope(const RecordingScope&) = delete;
  RecordingScope& operator=(const RecordingScope&) = delete;

 private:
  bool before_;
};

}  // namespace detail

/// While one lives, the thread that made it records nothing: results are constants.
class NoGrad {
 private:
  detail::RecordingScope off_{false};
};

/// Whether steps are recorded in this thread.
inline bool is_recording() { return detail::thread_record.recording; }

}  // namespace gradus
