#include <algorithm>
#include <mutex>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <gradus/core/error.hpp>
#include <gradus/core/parallel.hpp>
#include <gradus/tests/thread_scope.hpp>

namespace gradus {
namespace {

using gradus::testing::Threads;

using Ranges = std::vector<std::pair<std::size_t, std::size_t>>;

Ranges ranges_of(std::size_t n, std::size_t grain) {
  Ranges ranges;
  std::mutex mutex;
  parallel_for(n, grain, [&](std::size_t begin, std::size_t end) {
    const std::lock_guard lock(mutex);
    ranges.emplace_back(begin, end);
  });
  std::sort(ranges.begin(), ranges.end());
  return ranges;
}

TEST(ParallelFor, CoversEverythingOnce) {
  for (const int threads : {1, 2, 3, 7}) {
    const Threads scope(threads);
    for (const std::size_t n : {0, 1, 2, 5, 64, 1000, 1001}) {
      for (const std::size_t grain : {1, 10, 500, 5000}) {
        const Ranges ranges = ranges_of(n, grain);
        std::size_t next = 0;
        for (const auto& [begin, end] : ranges) {
          EXPECT_EQ(begin, next);
          EXPECT_GE(end - begin, std::min(n, grain));
          next = end;
        }
        EXPECT_EQ(next, n);
        EXPECT_LE(ranges.size(), static_cast<std::size_t>(threads));
      }
    }
  }
}

TEST(ParallelFor, IsOneCallWhenThereIsLittleToDoOrOneThread) {
  const Threads scope(4);
  EXPECT_EQ(ranges_of(100, 100), (Ranges{{0, 100}}));
  EXPECT_EQ(ranges_of(0, 1), Ranges{});
  const Threads single(1);
  EXPECT_EQ(ranges_of(1000, 1), (Ranges{{0, 1000}}));
}

TEST(ParallelFor, DoesNotMultiplyThreadsWhenNested) {
  const Threads scope(2);
  std::mutex mutex;
  std::size_t inner_calls = 0;
  parallel_for(2, 1, [&](std::size_t, std::size_t) {
    parallel_for(1000, 1, [&](std::size_t, std::size_t) {
      const std::lock_guard lock(mutex);
      ++inner_calls;
    });
  });
  EXPECT_EQ(inner_calls, 2u);
}

TEST(NumThreads, AreAtLeastOne) {
  const Threads scope(3);
  EXPECT_EQ(num_threads(), 3);
  EXPECT_THROW(set_num_threads(0), ValueError);
  EXPECT_THROW(set_num_threads(-1), ValueError);
  EXPECT_EQ(num_threads(), 3);
}

}  // namespace
}  // namespace gradus
