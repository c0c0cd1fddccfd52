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

}  // namespace

void write_file(const std::string& op, const fs::path& file, std::string_view bytes) {
  const fs::path temporary = temporary_beside(file);
  std::error_code error;
  bool written = write_all(temporary, bytes);
  if (written) fs::rename(temporary, file, error);
  if (written && !error) return;
  std::error_code none;
  fs::remove(temporary, none);
  throw DataError("[" + op + "] " + file.string() + ": cannot be written, expected a writable place");
}

}  // namespace gradus::nn::detail
