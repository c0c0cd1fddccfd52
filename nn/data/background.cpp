#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>
#include <utility>

#include <gradus/nn/data/background.hpp>

namespace gradus::nn::detail {

struct Background::State {
  std::mutex mutex;
  std::condition_variable changed;
  std::function<void()> job;  // empty when there is none to do
  std::exception_ptr thrown;  // by the latest job
  bool ends = false;
  bool busy = false;   // the owner's alone
  std::thread thread;  // last: it uses the others

  void run() {
    std::unique_lock lock(mutex);
    for (;;) {
      changed.wait(lock, [this] { return ends || job; });
      if (!job) return;
      lock.unlock();
      std::exception_ptr error;
      try {
        job();
      } catch (...) {
        error = std::current_exception();
      }
      lock.lock();
      thrown = error;
      job = nullptr;
      changed.notify_all();
    }
  }

  void wait() {
    std::unique_lock lock(mutex);
    changed.wait(lock, [this] { return !job; });
  }
};

Background::Background() : state_(std::make_unique<State>()) {
  state_->thread = std::thread([state = state_.get()] { state->run(); });
}

Background::~Background() {
  {
    const std::lock_guard lock(state_->mutex);
    state_->ends = true;
  }
  state_->changed.notify_all();
  state_->thread.join();
}

void Background::start(std::function<void()> job) {
  {
    const std::lock_guard lock(state_->mutex);
    state_->job = std::move(job);
  }
  state_->busy = true;
  state_->changed.notify_all();
}

bool Background::busy() const { return state_->busy; }

void Background::wait() {
  state_->wait();
  state_->busy = false;
  if (state_->thrown) std::rethrow_exception(std::exchange(state_->thrown, nullptr));
}

}  // namespace gradus::nn::detail
