#pragma once

#include <functional>
#include <memory>

namespace gradus::nn::detail {

/// A thread that does one job after another beside its owner.
class Background {
 public:
  Background();
  Background(const Background&) = delete;
  Background& operator=(const Background&) = delete;
  /// Waits for the job at hand; what it throws is lost.
  ~Background();

  /// Begins a job; the one before must have been waited for.
  void start(std::function<void()> job);
  /// Whether a job was started and not yet waited for.
  bool busy() const;
  /// Waits until the job is done; throws what it threw.
  void wait();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace gradus::nn::detail
