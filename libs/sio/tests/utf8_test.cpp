#include "sio/utf8.hpp"

#include <gtest/gtest.h>

#include <string>

namespace {

TEST(Utf8, TakesEveryLengthAtItsEdges) {
  for (const std::string_view text :
       {"", "plain", "\x7F", "\xC2\x80", "\xDF\xBF", "\xE0\xA0\x80", "\xED\x9F\xBF", "\xEE\x80\x80",
        "\xEF\xBF\xBF", "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF",
        "eight or more ASCII octets, then \xC3\xA9 and more after it"}) {
    EXPECT_TRUE(sio::is_utf8(text)) << text;
  }
  EXPECT_TRUE(sio::is_utf8(std::string_view("\0", 1)));
}

// RFC 3629 section 3: overlong forms, surrogates, above U+10FFFF, cut and stray octets.
TEST(Utf8, RefusesWhatTheRfcForbids) {
  for (const std::string_view text :
       {"\x80", "\xBF", "\xC0\x80", "\xC1\xBF", "\xC2", "\xC2\x41", "\xE0\x9F\xBF", "\xE2\x82",
        "\xED\xA0\x80", "\xED\xBF\xBF", "\xF0\x8F\xBF\xBF", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80",
        "\xF0\x9F\x98", "\xFE", "\xFF", "12345678\x80", "1234567\xC3"}) {
    EXPECT_FALSE(sio::is_utf8(text)) << testing::PrintToString(text);
  }
}

}  // namespace
