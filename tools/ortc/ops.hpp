// The operations of the `ortc` command: libs/rtc/ortc's functions with JSON on both sides.
#pragma once

#include <boost/json/fwd.hpp>
#include <string>
#include <string_view>

#include "base/random.hpp"

namespace ortc_tool {

// Answers one line: `{"result":…}`, or `{"error":{"code","message"}}` whatever the line holds.
// The text has no newline. Nothing is kept from one line to the next.
std::string answer(std::string_view line, Random& random);

// The answer to a line that is longer than the command reads.
std::string answer_to_long_line();

}  // namespace ortc_tool
