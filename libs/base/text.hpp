// UTF-8 text as people count it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

// Without white space (as Unicode and ECMAScript's trim() have it) at both ends.
std::string_view trim(std::string_view utf8);

// Code points of valid UTF-8.
std::size_t count_characters(std::string_view utf8);

// ASCII letters made small; everything else stays.
std::string to_lower_ascii(std::string_view text);
