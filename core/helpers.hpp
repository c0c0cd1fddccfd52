#pragma once

#include <array>
#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <exception>
#include <mutex>

#include <gradus/core/parallel.hpp>

/// The threads behind parallel_for(). Decision 0007.
namespace gradus::detail {

/// The ranges of one parallel_for(), in pieces. Each thread has a share of neighbouring pieces, the same for
/// every job of this size, so that it finds in its caches what it wrote there; then it takes what others have
/// not begun. Whoever comes late, or never, keeps nobody waiting.
class Job {
 public:
  static constexpr std::size_t most_threads = 64;

  Job(std::size_t n, std::size_t threads, RangeFunction function, void* context);

  /// Works as thread `self`, below threads(), until no piece is left to begin or one has thrown.
  void work(std::size_t self) noexcept;
  /// What a piece has thrown, when nobody works any more.
  void rethrow() const {
    if (thrown_) std::rethrow_exception(thrown_);
  }

  std::size_t threads() const { return threads_; }

 private:
  static constexpr std::size_t pieces_each = 4;

  std::size_t first_piece(std::size_t share) const { return pieces_ * share / threads_; }

  struct alignas(64) Share {  // a line of the cache each
    std::atomic<std::size_t> next;
  };

  std::size_t n_, pieces_, threads_;
  RangeFunction function_;
  void* context_;
  std::atomic<bool> has_thrown_{false};
  std::exception_ptr thrown_;  // by whoever set has_thrown_
  std::array<Share, most_threads> shares_;
};

/// Threads that wait for a job: a moment awake, because the next one is often near, then asleep.
class Helpers {
 public:
  static Helpers& of_process();

  /// Does the job, on this thread and on as many helpers as come in time, and throws what a piece has thrown.
  /// False, with nothing done, when they are at work on another.
  bool run(Job& job);

 private:
  static void begin_anew();
  void post(Job& job);
  void withdraw();
  void hire(std::size_t count);
  void serve();

  std::mutex turn_;   // whose job it is
  std::mutex state_;  // guards what follows
  std::condition_variable begin_, end_;
  Job* job_ = nullptr;
  std::size_t hired_ = 0, joined_ = 0;
  std::atomic<std::size_t> posted_{0}, working_{0};  // looked at without the lock, changed with it
};

}  // namespace gradus::detail
