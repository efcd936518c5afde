// Names that people read to tell who is who: what may be in one, and which two look alike.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

enum class DisplayNameError : std::uint8_t {
  NotText,    // not UTF-8, or U+0000
  Empty,      // nothing that can be seen
  TooLong,    // more than the given number of code points
  Invisible,  // a control, a direction mark, or a character that takes no room (Unicode
              // Default_Ignorable_Code_Point); those that join or colour an emoji are allowed
  Stacked,    // more than four combining marks on one character, which cover other lines (UTS 39)
};
// For people: "must not hold invisible characters".
std::string_view reason_of(DisplayNameError error);

// The name without white space at its ends, every run of white space inside made one space.
std::expected<std::string, DisplayNameError> checked_display_name(std::string_view utf8,
                                                                  std::size_t characters_max);

// Names with the same skeleton can be taken for each other: same letters in another script, width
// or case, or letters that look the same in some font (UTS 39 section 4, and i, l, 1 and I as one).
// White space does not count, and what cannot be seen. Not for showing. Empty for what is not
// UTF-8.
std::string name_skeleton(std::string_view utf8);
