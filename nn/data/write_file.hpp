#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace gradus::nn::detail {

/// Writes a whole file or none, whatever happens meanwhile: into a temporary file beside it, which takes its
/// name once all of it is on the disk. DataError, begun with [op] and with the system's reason, when it
/// cannot be written; a file that was there before is as it was then. What is there and is no file (a folder,
/// a device) is not replaced; of a link, the file it leads to is.
void write_file(const std::string& op, const std::filesystem::path& file, std::string_view bytes);

}  // namespace gradus::nn::detail
