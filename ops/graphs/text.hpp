#pragma once

#include <string>
#include <string_view>

/// Text for formats that give some characters a meaning of their own.
namespace gradus::detail {

/// Well-formed UTF-8 on one line: control characters become blanks, and bytes that are no UTF-8 question
/// marks.
std::string clean_text(std::string_view text);
/// For XML, and Graphviz's labels that are written like it.
std::string xml_text(std::string_view text);
/// For what stands between quotes in Graphviz's language.
std::string dot_text(std::string_view text);
/// How many characters it is.
std::size_t text_width(std::string_view text);

}  // namespace gradus::detail
