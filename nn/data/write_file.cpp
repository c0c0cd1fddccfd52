#include <atomic>
#include <cerrno>
#include <system_error>

#include <fcntl.h>
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

/// An open file or folder, closed at the end of the scope. Its functions return whether they succeeded, and
/// leave the reason in errno.
class OpenFile {
 public:
  OpenFile(const fs::path& path, int flags) : fd_(::open(path.c_str(), flags | O_CLOEXEC, 0666)) {}
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  ~OpenFile() { close(); }

  bool is_open() const { return fd_ >= 0; }
  bool write(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t n = ::write(fd_, bytes.data(), bytes.size());
      if (n < 0 && errno != EINTR) return false;
      if (n > 0) bytes.remove_prefix(static_cast<std::size_t>(n));
    }
    return true;
  }
  bool sync() { return ::fsync(fd_) == 0; }
  bool close() {
    const int fd = fd_;
    fd_ = -1;
    return fd < 0 || ::close(fd) == 0;
  }

 private:
  int fd_;
};

bool write_all(const fs::path& file, int flags, std::string_view bytes, bool sync) {
  OpenFile out(file, O_WRONLY | flags);
  return out.is_open() && out.write(bytes) && (!sync || out.sync()) && out.close();
}

// Through links to what they lead to, where there is one.
fs::path resolved(const fs::path& file) {
  std::error_code error;
  const fs::path target = fs::canonical(file, error);
  return error ? file : target;
}

/// The name is on the disk too. A file system that cannot do that for folders is left alone.
void sync_folder(const fs::path& folder) {
  OpenFile open(folder.empty() ? fs::path(".") : folder, O_RDONLY | O_DIRECTORY);
  if (open.is_open()) open.sync();
}

/// 0, or the error.
std::error_code write_and_rename(const fs::path& file, std::string_view bytes) {
  const fs::path temporary = temporary_beside(file);
  std::error_code error, none;
  if (!write_all(temporary, O_CREAT | O_EXCL, bytes, true))
    error = {errno, std::generic_category()};
  else
    fs::rename(temporary, file, error);
  if (error)
    fs::remove(temporary, none);
  else
    sync_folder(file.parent_path());
  return error;
}

/// What is no regular file, such as /dev/stdout.
std::error_code write_into(const fs::path& device, std::string_view bytes) {
  if (write_all(device, 0, bytes, false)) return {};
  return {errno, std::generic_category()};
}

}  // namespace

void write_file(const std::string& op, const fs::path& file, std::string_view bytes) {
  std::error_code none;
  const fs::path target = resolved(file);
  const bool replaceable = !fs::exists(target, none) || fs::is_regular_file(target, none);
  const std::error_code error = replaceable ? write_and_rename(target, bytes) : write_into(target, bytes);
  if (error)
    throw DataError("[" + op + "] " + file.string() + ": cannot be written (" + error.message() +
                    "), expected a writable place");
}

}  // namespace gradus::nn::detail
