#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace gradus::nn::detail {

/// Writes a whole file or none, whatever happens meanwhile: into a temporary file beside it, which takes its
/// name once all of it is on the disk. What a killed program has left there a write an hour later removes.
/// What is no regular file, a pipe or a device, is written into; so is what this program has open
/// (/dev/stdout, /dev/fd/3), where it stands, whatever that is. DataError, begun with [op] and with the
/// system's reason, when it cannot be written; a file that was there before is as it was then.
void write_file(const std::string& op, const std::filesystem::path& file, std::string_view bytes);

}  // namespace gradus::nn::detail
