#include <atomic>
#include <fstream>
#include <system_error>

#include <unistd.h>

#include <gradus/core/error.hpp>
#include <gradus/nn/data/write_file.hpp>

namespace gradus::nn::detail {
namespace {

namespace fs = std::filesystem;

// Two programs, or two threads, that write the same file must not share its temporary one.
fs::path temporary_beside(const fs::path& file) {
  static std::atomic<unsigned> count = 0;
  fs::path beside = file;
  beside += std::to_string(getpid()).append("-").append(std::to_string(count++)).append(".tmp");
  return beside;
}

bool write_all(const fs::path& file, std::string_view bytes) {
  std::ofstream out(file, std::ios::binary);
  out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  out.close();
  return out.good();
}

// Through links to what they lead to, where there is one.
fs::path resolved(const fs::path& file) {
  std::error_code error;
  const fs::path target = fs::canonical(file, error);
  return error ? file : target;
}

bool write_and_rename(const fs::path& file, std::string_view bytes) {
  const fs::path temporary = temporary_beside(file);
  std::error_code error, none;
  if (write_all(temporary, bytes)) {
    fs::rename(temporary, file, error);
    if (!error) return true;
  }
  fs::remove(temporary, none);
  return false;
}

}  // namespace

void write_file(const std::string& op, const fs::path& file, std::string_view bytes) {
  std::error_code none;
  const fs::path target = resolved(file);
  const bool replaceable =
      !fs::exists(target, none) || fs::is_regular_file(target, none);  // /dev/null is not
  if (replaceable ? write_and_rename(target, bytes) : write_all(target, bytes)) return;
  throw DataError("[" + op + "] " + file.string() + ": cannot be written, expected a writable place");
}

}  // namespace gradus::nn::detail
