#pragma once

#include <cstdio>
#include <ctime>
#include <iostream>

#include "../workloads.hpp"

/// An engine of the table is a program that keeps its workloads ready and answers every line it reads, the
/// key of a workload, with the nanoseconds of one repetition, or with "-" where it has no such workload. The
/// table can so take turns between the engines, and none has to share its libraries or threads with another.
namespace workloads {

class Engine {
 public:
  explicit Engine(Setups setups) : setups_(std::move(setups)) {}

  int serve() {
    std::string key;
    while (std::getline(std::cin, key)) {
      if (setups_.count(key) == 0)
        std::puts("-");
      else
        std::printf("%.6g\n", 1e9 * repetition(key));
      std::fflush(stdout);
    }
    return 0;
  }

 private:
  struct Ready {
    std::function<void()> run;
    int count;  // of runs in one repetition
  };

  /// The mean time of a run in one repetition, in seconds.
  double repetition(const std::string& key) {
    const Ready& ready = prepare(key);
    ready.run();  // its memory is back in the caches
    return seconds(ready) / ready.count;
  }

  const Ready& prepare(const std::string& key) {
    const auto found = ready_.find(key);
    if (found != ready_.end()) return found->second;
    ready_.clear();  // one workload at a time: the memory of the one before is free again
    Ready ready{setups_.at(key)(), 1};
    ready.run();
    while (seconds(ready) < 0.02) ready.count *= 2;
    return ready_[key] = std::move(ready);
  }

  /// Of the processor, all threads together, so that whoever else runs on the machine does not count.
  static double seconds(const Ready& ready) {
    const std::clock_t start = std::clock();
    for (int i = 0; i < ready.count; ++i) ready.run();
    return static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
  }

  Setups setups_;
  std::map<std::string, Ready> ready_;
};

}  // namespace workloads
