// JSON as browsers write and read it.
#pragma once

#include <boost/json/value.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace sio {

// Nesting deeper than that is refused, so that no document can exhaust the stack.
inline constexpr std::size_t kJsonDepthMax = 32;

// nullopt for what is no JSON, nested too deep, or not UTF-8. A lone surrogate, which JavaScript's
// strings may hold and UTF-8 cannot, becomes U+0000: those who refuse the one refuse the other.
std::optional<boost::json::value> parse_json(std::string_view text);

// JSON text with each escaped lone surrogate written as \u0000.
std::string without_lone_surrogates(std::string_view text);

// Appends `value` as JSON.stringify would write it: no white space, shortest numbers.
void append_json(std::string& text, const boost::json::value& value);
void append_json_string(std::string& text, std::string_view value);

}  // namespace sio
