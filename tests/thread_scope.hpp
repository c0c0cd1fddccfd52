#pragma once

#include <gradus/core/parallel.hpp>

namespace gradus::testing {

/// Sets the number of threads while it lives.
class Threads {
 public:
  explicit Threads(int threads) : before_(num_threads()) { set_num_threads(threads); }
  ~Threads() { set_num_threads(before_); }

 private:
  int before_;
};

}  // namespace gradus::testing
