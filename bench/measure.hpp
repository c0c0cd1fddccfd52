#pragma once

#include <algorithm>
#include <chrono>
#include <ctime>
#include <functional>
#include <utility>
#include <vector>

/// How a workload's time is taken.
namespace workloads {

/// Seconds of the processor, all threads together, so that whoever else runs on the machine does not count.
inline double processor_seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

/// Seconds on the wall.
inline double wall_seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

/// A workload that is ready, and how often it runs in one repetition: for at least 20 ms.
class Repetition {
 public:
  Repetition(std::function<void()> run, double (*now)()) : run_(std::move(run)), now_(now) {
    run_();
    while (seconds() < 0.02) count_ *= 2;
  }

  /// The mean time of a run in one repetition, in nanoseconds.
  double operator()() const {
    run_();  // its memory is back in the caches
    return 1e9 * seconds() / count_;
  }

 private:
  double seconds() const {
    const double start = now_();
    for (int i = 0; i < count_; ++i) run_();
    return now_() - start;
  }

  std::function<void()> run_;
  double (*now_)();
  int count_ = 1;
};

/// What is told of the times of all repetitions.
struct Summary {
  double median = 0, min = 0;

  Summary() = default;
  explicit Summary(std::vector<double> times) {
    if (times.empty()) return;
    std::sort(times.begin(), times.end());
    median = times[times.size() / 2];
    min = times.front();
  }
};

}  // namespace workloads
