#include "base/text.hpp"

#include <gtest/gtest.h>

TEST(Text, TrimsAsciiAndUnicodeSpaceAtBothEndsOnly) {
  EXPECT_EQ(trim(" \t\r\nhello  there\v\f "), "hello  there");
  EXPECT_EQ(trim("\u00A0\u3000x\uFEFF\u2003"), "x");
  EXPECT_EQ(trim(" \u2028 "), "");
  EXPECT_EQ(trim(""), "");
  EXPECT_EQ(trim("\u00E9"), "\u00E9");
}

TEST(Text, CountsCodePoints) {
  EXPECT_EQ(count_characters(""), 0U);
  EXPECT_EQ(count_characters("abc"), 3U);
  EXPECT_EQ(count_characters("\u00E9\u4E2D\U0001F600"), 3U);
}

TEST(Text, LowersAsciiAlone) { EXPECT_EQ(to_lower_ascii("AbZ9_\u00C9"), "abz9_\u00C9"); }
