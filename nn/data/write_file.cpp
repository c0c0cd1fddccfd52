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

bool write_new(const fs::path& file, std::string_view bytes) {
  OpenFile out(file, O_WRONLY | O_CREAT | O_EXCL);
  return out.is_open() && out.write(bytes) && out.sync() && out.close();
}

bool write_into(const fs::path& device, std::string_view bytes) {
  OpenFile out(device, O_WRONLY);
  return out.is_open() && out.write(bytes) && out.close();
}

/// The name is on the disk too. A file system that cannot do that for folders is left alone.
void sync_folder(const fs::path& folder) {
  OpenFile open(folder.empty() ? fs::path(".") : folder, O_RDONLY | O_DIRECTORY);
  if (open.is_open()) open.sync();
}

[[noreturn]] void fail(const std::string& op, const fs::path& file, const std::string& reason) {
  throw DataError("[" + op + "] " + file.string() + ": cannot be written (" + reason +
                  "), expected a writable place");
}

}  // namespace

void write_file(const std::string& op, const fs::path& file, std::string_view bytes) {
  std::error_code error;
  const fs::path target = fs::is_symlink(file, error) ? fs::weakly_canonical(file, error) : file;
  if (fs::exists(target, error) && !fs::is_regular_file(target, error)) {
    if (!write_into(target, bytes)) fail(op, file, std::generic_category().message(errno));
    return;
  }
  const fs::path temporary = temporary_beside(target);
  error = {};
  if (!write_new(temporary, bytes))
    error = {errno, std::generic_category()};
  else
    fs::rename(temporary, target, error);
  if (error) {
    std::error_code none;
    fs::remove(temporary, none);
    fail(op, file, error.message());
  }
  sync_folder(target.parent_path());
}

}  // namespace gradus::nn::detail
