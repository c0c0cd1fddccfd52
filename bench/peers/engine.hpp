#pragma once

#include <cstdio>
#include <iostream>
#include <optional>

#include "../measure.hpp"
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
        std::printf("%.6g\n", prepare(key)());
      std::fflush(stdout);
    }
    return 0;
  }

 private:
  const Repetition& prepare(const std::string& key) {
    if (key != key_) {
      ready_.reset();  // one workload at a time: the memory of the one before is free again
      ready_.emplace(setups_.at(key)(), processor_seconds);
      key_ = key;
    }
    return *ready_;
  }

  Setups setups_;
  std::string key_;
  std::optional<Repetition> ready_;
};

}  // namespace workloads
