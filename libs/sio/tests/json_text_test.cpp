#include "sio/json_text.hpp"

#include <gtest/gtest.h>

namespace {

std::string again(std::string_view text) {
  const auto value = sio::parse_json(text);
  if (!value) return "<refused>";
  std::string written;
  sio::append_json(written, *value);
  return written;
}

// The right-hand side is what JSON.stringify(JSON.parse(text)) gives in a browser.
TEST(JsonText, WritesWhatABrowserWrites) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"null", "null"},
      {"[ true , false ]", "[true,false]"},
      {"{\"b\":1,\"a\":[]}", "{\"b\":1,\"a\":[]}"},
      {"0", "0"},
      {"-12", "-12"},
      {"1.5", "1.5"},
      {"1.0", "1"},
      {"[0.1,0.30000000000000004,5e-324,1.7976931348623157e308]",
       "[0.1,0.30000000000000004,5e-324,1.7976931348623157e+308]"},
      {"-0.0", "0"},
      {"0.1", "0.1"},
      {"1e21", "1e+21"},
      {"9007199254740991.0", "9007199254740991"},
      {"123456789012345680000", "1.2345678901234568e+20"},
      {"1e-7", "1e-7"},
      {"1.25e-300", "1.25e-300"},
      {"0.000001", "0.000001"},
      {"18446744073709551615", "18446744073709551615"},
      {R"("\u0007\b\f\n\r\t\"\\\/é")", R"("\u0007\b\f\n\r\t\"\\/é")"},
      {R"("\ud83d\ude00")", "\"\xF0\x9F\x98\x80\""},
      {"\"\x7F\xE2\x80\xA8\"", "\"\x7F\xE2\x80\xA8\""}};
  for (const auto& [text, expected] : cases) EXPECT_EQ(again(text), expected) << text;
}

TEST(JsonText, RefusesWhatIsNoJson) {
  for (const std::string_view text :
       {"", " ", "{", "[1,]", "{\"a\":1,}", "'a'", "01", "+1", "nul", "1 2", "\"\n\"", "\"\xFF\"",
        "NaN", "[1]x", "{a:1}", "\"\\x41\"", "\"\\ud83\""}) {
    EXPECT_EQ(again(text), "<refused>") << text;
  }
}

TEST(JsonText, RefusesNestingDeeperThan32) {
  const auto nested = [](std::size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
  };
  EXPECT_EQ(again(nested(32)), nested(32));
  EXPECT_EQ(again(nested(33)), "<refused>");
  EXPECT_EQ(again(std::string(100'000, '[')), "<refused>");
}

TEST(JsonText, LoneSurrogatesBecomeZero) {
  EXPECT_EQ(again(R"(["a\ud800b"])"), R"(["a\u0000b"])");
  EXPECT_EQ(again(R"(["\udc00"])"), R"(["\u0000"])");
  EXPECT_EQ(again(R"(["\ud800\ud800\udc00"])"), "[\"\\u0000\xF0\x90\x80\x80\"]");
  EXPECT_EQ(again(R"(["\\ud800 \ud800"])"), R"(["\\ud800 \u0000"])");
  EXPECT_EQ(again(R"(["\ud800\n"])"), R"(["\u0000\n"])");
  EXPECT_EQ(again(R"({"\ud800":"\ud800 then broken)"), "<refused>");
}

}  // namespace
