#include <algorithm>
#include <chrono>
#include <cstddef>
#include <new>
#include <system_error>
#include <thread>

#include <pthread.h>

#include <gradus/core/helpers.hpp>

#ifdef _OPENMP
#include <omp.h>
#endif

namespace gradus::detail {
namespace {

/// Whether this thread is at work on a job: what it calls meanwhile stays on it.
thread_local bool is_at_work = false;

bool inside_parallel_region() {
#ifdef _OPENMP
  return is_at_work || omp_in_parallel() != 0;
#else
  return is_at_work;
#endif
}

/// Where the helpers are, never destroyed: they sleep on to the end of the process.
alignas(Helpers) std::byte helpers_place[sizeof(Helpers)];

void pause() {
#ifdef __SSE2__
  __builtin_ia32_pause();
#endif
}

/// Waits for the condition without sleeping, about as long as falling asleep and being woken would take.
template <class Condition>
void wait_awake(const Condition& condition) {
  using Clock = std::chrono::steady_clock;
  const Clock::time_point end = Clock::now() + std::chrono::microseconds(100);
  while (!condition() && Clock::now() < end) pause();
}

}  // namespace

Job::Job(std::size_t n, std::size_t threads, RangeFunction function, void* context)
    : n_(n),
      pieces_(std::min(n, pieces_each * threads)),
      threads_(threads),
      function_(function),
      context_(context) {
  for (std::size_t share = 0; share < threads; ++share)
    shares_[share].next.store(first_piece(share), std::memory_order_relaxed);
}

void Job::work(std::size_t self) noexcept try {
  for (std::size_t k = 0; k < threads_; ++k) {
    const std::size_t share = (self + k) % threads_, end = first_piece(share + 1);
    for (std::size_t piece; (piece = shares_[share].next.fetch_add(1, std::memory_order_relaxed)) < end;) {
      if (has_thrown_.load(std::memory_order_relaxed)) return;
      function_(context_, n_ * piece / pieces_, n_ * (piece + 1) / pieces_);
    }
  }
} catch (...) {
  if (!has_thrown_.exchange(true)) thrown_ = std::current_exception();
}

Helpers& Helpers::of_process() {
  static const bool begun = [] {
    begin_anew();
    pthread_atfork(nullptr, nullptr, begin_anew);
    return true;
  }();
  static_cast<void>(begun);
  return *std::launder(reinterpret_cast<Helpers*>(helpers_place));
}

/// Also in a child made by fork(), which has none of the threads.
void Helpers::begin_anew() { new (helpers_place) Helpers; }

bool Helpers::run(Job& job) {
  if (inside_parallel_region()) return false;
  const std::unique_lock turn(turn_, std::try_to_lock);
  if (!turn) return false;
  post(job);
  is_at_work = true;
  job.work(0);
  is_at_work = false;
  withdraw();
  job.rethrow();
  return true;
}

void Helpers::post(Job& job) {
  {
    const std::lock_guard lock(state_);
    hire(job.threads() - 1);
    job_ = &job;
    joined_ = 0;
    ++posted_;
  }
  begin_.notify_all();
}

/// Nobody looks at the job any more when this returns.
void Helpers::withdraw() {
  const auto nobody_works = [this] { return working_ == 0; };
  std::unique_lock lock(state_);
  job_ = nullptr;
  lock.unlock();
  wait_awake(nobody_works);
  lock.lock();
  end_.wait(lock, nobody_works);
}

/// Where the system gives no more threads, or no memory for them, those that are there do.
void Helpers::hire(std::size_t count) {
  try {
    for (; hired_ < count; ++hired_) std::thread([this] { serve(); }).detach();
  } catch (const std::system_error&) {
  } catch (const std::bad_alloc&) {
  }
}

void Helpers::serve() {
  is_at_work = true;
  for (std::size_t seen = 0;;) {
    const auto there_is_news = [&] { return posted_ != seen; };
    wait_awake(there_is_news);
    std::unique_lock lock(state_);
    begin_.wait(lock, there_is_news);
    seen = posted_;
    if (job_ == nullptr || joined_ + 1 >= job_->threads()) continue;
    Job& job = *job_;
    const std::size_t self = ++joined_;
    ++working_;
    lock.unlock();
    job.work(self);
    lock.lock();
    if (--working_ == 0) end_.notify_one();
  }
}

}  // namespace gradus::detail
