#include <algorithm>
#include <array>
#include <atomic>
#include <csignal>
#include <cstddef>

#include <unistd.h>

#include <gradus/nn/cli/interrupt.hpp>

namespace gradus::cli {
namespace {

/// What a handler may read whenever it is called: the line that is not in use is written anew.
struct Line {
  std::array<char, 1024> text;
  std::size_t size;
};
std::array<Line, 2> lines;
std::atomic<std::size_t> latest{0};
static_assert(std::atomic<std::size_t>::is_always_lock_free);

extern "C" void interrupted(int signal) {
  const Line& line = lines[latest];
  [[maybe_unused]] const auto written = write(STDERR_FILENO, line.text.data(), line.size);
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

}  // namespace

void say_when_interrupted(const std::string& text) {
  const std::string whole = "\n" + text + "\n";
  Line& line = lines[1 - latest];
  line.size = std::min(whole.size(), line.text.size());
  std::copy_n(whole.begin(), line.size, line.text.begin());
  latest = 1 - latest;
  if (std::signal(SIGINT, interrupted) == SIG_IGN) std::signal(SIGINT, SIG_IGN);  // as under nohup
}

}  // namespace gradus::cli
