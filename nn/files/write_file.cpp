#include <atomic>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <csignal>
#include <memory>
#include <optional>
#include <string>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <gradus/core/error.hpp>
#include <gradus/nn/files/write_file.hpp>

namespace gradus::nn::detail {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view mark = ".gradus-", ending = ".tmp";

// Two programs, or two threads, that write the same file must not share its temporary one.
fs::path temporary_beside(const fs::path& file) {
  static std::atomic<unsigned> count = 0;
  fs::path beside = file;
  beside += mark;
  beside += std::to_string(getpid()).append("-").append(std::to_string(count++)).append(ending);
  return beside;
}

/// Whether that is the name of a temporary file beside `file` whose program is no more, here at least.
bool is_orphan(std::string_view name, const std::string& file) {
  if (!name.starts_with(file) || !name.ends_with(ending)) return false;
  name.remove_prefix(file.size());
  if (!name.starts_with(mark)) return false;
  name.remove_prefix(mark.size());
  pid_t program = 0;
  const char* const end = name.data() + name.size();
  const auto [stop, error] = std::from_chars(name.data(), end, program);
  return error == std::errc() && stop != end && *stop == '-' && program > 0 && ::kill(program, 0) != 0 &&
         errno == ESRCH;
}

/// Removes what programs that were killed while they wrote `file` have left. One on another computer, or in
/// another container, may be at it and is not to be seen: a file that was written into lately stays.
void remove_orphans(const fs::path& file) {
  const auto latest = fs::file_time_type::clock::now() - std::chrono::hours(1);
  const fs::path folder = file.parent_path().empty() ? fs::path(".") : file.parent_path();
  std::error_code error, none;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    if (!is_orphan(at->path().filename().string(), file.filename().string())) continue;
    const auto written = fs::last_write_time(at->path(), none);
    if (!none && written < latest) fs::remove(at->path(), none);
  }
}

/// An open file or folder, closed at the end of the scope. Its functions return whether they succeeded, and
/// leave the reason in errno.
class OpenFile {
 public:
  OpenFile(const fs::path& path, int flags, mode_t mode = 0666)
      : fd_(::open(path.c_str(), flags | O_CLOEXEC, mode)) {}
  /// What is open already, through a descriptor of its own.
  explicit OpenFile(int other) : fd_(::fcntl(other, F_DUPFD_CLOEXEC, 0)) {}
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
  bool set_mode(fs::perms mode) { return ::fchmod(fd_, static_cast<mode_t>(mode & fs::perms::mask)) == 0; }
  bool sync() { return ::fsync(fd_) == 0; }
  bool close() {
    const int fd = fd_;
    fd_ = -1;
    return fd < 0 || ::close(fd) == 0;
  }

 private:
  int fd_;
};

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

/// Of the last call.
std::error_code last_error() { return {errno, std::generic_category()}; }

/// Opens a new file beside `file`, of the same mode where there is one, and puts its name into `temporary`.
std::unique_ptr<OpenFile> create_beside(const fs::path& file, fs::path& temporary) {
  std::error_code none;
  const fs::file_status replaced = fs::status(file, none);
  const bool is_there = fs::exists(replaced);
  for (;;) {
    temporary = temporary_beside(file);
    auto out = std::make_unique<OpenFile>(temporary, O_WRONLY | O_CREAT | O_EXCL, is_there ? 0600 : 0666);
    if (out->is_open() && is_there) out->set_mode(replaced.permissions());  // some file systems have none
    if (out->is_open() || errno != EEXIST) return out;
  }
}

/// 0, or the error.
std::error_code write_and_rename(const fs::path& file, std::string_view bytes) {
  fs::path temporary;
  const std::unique_ptr<OpenFile> out = create_beside(file, temporary);
  if (!out->is_open()) return last_error();
  std::error_code error, none;
  if (!out->write(bytes) || !out->sync() || !out->close())
    error = last_error();
  else
    fs::rename(temporary, file, error);
  if (error) {
    fs::remove(temporary, none);
  } else {
    remove_orphans(file);
    sync_folder(file.parent_path());
  }
  return error;
}

std::error_code write_into(OpenFile&& out, std::string_view bytes) {
  if (out.is_open() && out.write(bytes) && out.close()) return {};
  return last_error();
}

/// The descriptor of this program that the path is another name of: /dev/stdout, /dev/fd/3. What it leads to
/// may be a file that others write into as well, and must not be replaced.
std::optional<int> own_descriptor(fs::path path) {
  const fs::path all = "/proc/" + std::to_string(getpid()) + "/fd";
  constexpr int most_links = 40;
  for (int links = 0; links < most_links; ++links) {
    std::error_code error;
    const fs::path folder = fs::canonical(path.parent_path().empty() ? "." : path.parent_path(), error);
    if (error) return {};
    const std::string name = path.filename();
    int descriptor = 0;
    if (folder == all &&
        std::from_chars(name.data(), name.data() + name.size(), descriptor).ec == std::errc())
      return descriptor;
    const fs::path target = fs::read_symlink(path, error);
    if (error) return {};
    path = folder / target;  // the target alone where it is absolute
  }
  return {};
}

std::error_code write_to(const fs::path& file, std::string_view bytes) {
  if (const auto descriptor = own_descriptor(file)) return write_into(OpenFile(*descriptor), bytes);
  const fs::path target = resolved(file);
  std::error_code none;
  if (!fs::exists(target, none) || fs::is_regular_file(target, none)) return write_and_rename(target, bytes);
  return write_into(OpenFile(target, O_WRONLY), bytes);
}

}  // namespace

void write_file(const std::string& op, const fs::path& file, std::string_view bytes) {
  if (const std::error_code error = write_to(file, bytes))
    throw DataError("[" + op + "] " + file.string() + ": cannot be written (" + error.message() +
                    "), expected a writable place");
}

}  // namespace gradus::nn::detail
