#include <algorithm>
#include <array>
#include <atomic>
#include <mutex>
#include <new>
#include <set>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

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
          next = end;
        }
        EXPECT_EQ(next, n);
        if (n < 2 * grain) {
          EXPECT_LE(ranges.size(), 1u);
        }
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

TEST(ParallelFor, UsesNoMoreThreadsThanFindAGrainEach) {
  for (const auto& [threads, n, grain, most] : std::vector<std::array<std::size_t, 4>>{
           {7, 1000, 1, 7}, {3, 1000, 400, 2}, {3, 1000, 501, 1}, {2, 2, 1, 2}, {100, 100000, 1, 64}}) {
    const Threads scope(static_cast<int>(threads));
    std::set<std::thread::id> seen;
    std::mutex mutex;
    parallel_for(n, grain, [&](std::size_t, std::size_t) {
      const std::lock_guard lock(mutex);
      seen.insert(std::this_thread::get_id());
    });
    EXPECT_GE(seen.size(), 1u);
    EXPECT_LE(seen.size(), most) << threads << " threads";
  }
}

/// Two pieces that wait for each other: only two threads get through.
TEST(ParallelFor, HasHelpWhenThereIsTimeForIt) {
  const Threads scope(2);
  std::atomic<int> arrived{0};
  parallel_for(2, 1, [&](std::size_t, std::size_t) {
    ++arrived;
    while (arrived < 2) std::this_thread::yield();
  });
  EXPECT_EQ(arrived, 2);
}

TEST(ParallelFor, ServesManyThreadsAtOnce) {
  const Threads scope(3);
  std::vector<std::thread> callers;
  std::atomic<int> wrong{0};
  for (int caller = 0; caller < 4; ++caller)
    callers.emplace_back([&] {
      for (std::size_t n = 1; n < 500; ++n) {
        std::vector<int> visits(n);
        parallel_for(n, 1, [&](std::size_t begin, std::size_t end) {
          for (std::size_t i = begin; i < end; ++i) ++visits[i];
        });
        if (visits != std::vector<int>(n, 1)) ++wrong;
      }
    });
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(wrong, 0);
}

TEST(ParallelFor, WorksInTheChildOfAFork) {
  const Threads scope(3);
  ranges_of(1000, 1);
  const pid_t child = fork();
  if (child == 0) {
    const Ranges ranges = ranges_of(1000, 1);
    _exit(ranges.front().first == 0 && ranges.back().second == 1000 ? 0 : 1);
  }
  int status = -1;
  waitpid(child, &status, 0);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
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

TEST(ParallelFor, ThrowsWhatAPieceHasThrown) {
  const Threads scope(3);
  const std::size_t n = 1000;
  for (const std::size_t bad : {std::size_t{0}, n / 2, n - 1}) {  // on this thread and on others
    const auto fail = [&](std::size_t begin, std::size_t end) {
      if (begin <= bad && bad < end) throw std::bad_alloc();
    };
    for (int i = 0; i < 20; ++i) EXPECT_THROW(parallel_for(n, 1, fail), std::bad_alloc);
  }
  const auto fail_everywhere = [](std::size_t, std::size_t) { throw ValueError("no"); };
  EXPECT_THROW(parallel_for(n, 1, fail_everywhere), ValueError);
  std::atomic<int> arrived{0};  // the helpers are there as before
  parallel_for(2, 1, [&](std::size_t, std::size_t) {
    ++arrived;
    while (arrived < 2) std::this_thread::yield();
  });
  EXPECT_EQ(arrived, 2);
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
