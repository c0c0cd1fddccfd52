#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace gradus::nn::detail {

/// Writes a whole file or none: into a temporary file beside it, which then takes its name. What is no
/// regular file, such as /dev/stdout, is written into. DataError, begun with [op], when it cannot be written;
/// a file that was there before is as it was then.
void write_file(const std::string& op, const std::filesystem::path& file, std::string_view bytes);

}  // namespace gradus::nn::detail
