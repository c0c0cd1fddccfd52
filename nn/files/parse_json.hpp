#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

/// JSON that others may have written. For .cpp files alone: what is public knows nothing of the library.
namespace gradus::nn::detail {

/// The text as JSON, an nlohmann::json or ordered_json. DataError, begun with `where` (which names the text),
/// for a text that is none, for one that nests lists and objects deeper than most_depth, so that what walks
/// through it may recurse, and for an object that has a name twice.
template <class Json>
Json parse_json(const std::string& where, std::string_view text, std::size_t most_depth);

/// What an exception of nlohmann's says, without the number by which it calls it.
std::string json_problem(const std::string& what);

/// The text, or its beginning where it is long: for messages.
std::string shortened(std::string text);
/// A value of parse_json(), likewise.
std::string shortened_json(const nlohmann::json& value);
std::string shortened_json(const nlohmann::ordered_json& value);

}  // namespace gradus::nn::detail
