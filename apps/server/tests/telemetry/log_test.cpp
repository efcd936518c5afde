#include "telemetry/log.hpp"

#include <gtest/gtest.h>

namespace server::log {
namespace {

TEST(LogLine, IsOneJsonObject) {
  EXPECT_EQ(format_line(Format::Json, "T", "info", "listening", {{"url", "http://localhost:3000"}}),
            R"({"time":"T","level":"info","message":"listening","url":"http://localhost:3000"})");
}

TEST(LogLine, IsPlainTextForATerminal) {
  EXPECT_EQ(format_line(Format::Text, "T", "info", "listening",
                        {{"url", "http://x"}, {"why", "a b"}, {"no", ""}}),
            R"(T info  listening url=http://x why="a b" no="")");
}

TEST(LogLine, CannotBeForgedByAField) {
  const std::string evil = "x\"\n{\"level\":\"error\"}\x1b[31m\\";
  const std::string json = format_line(Format::Json, "T", "info", "m", {{"path", evil}});
  EXPECT_EQ(
      json,
      R"({"time":"T","level":"info","message":"m","path":"x\"\u000a{\"level\":\"error\"}\u001b[31m\\"})");
  EXPECT_EQ(format_line(Format::Text, "T", "info", "m", {{"path", evil}}).find('\n'),
            std::string::npos);
}

TEST(LogLine, SteersNoTerminalAndTurnsNoText) {
  // Next line, C1's control sequence introducer, line separator, right-to-left override, isolate.
  const std::string evil = "\u0085\u009b31m\u2028\u202e\u2067\u200f";
  const std::string good = "\u00e9\u00a0\u2010\u4e2d\U0001f600";
  for (const Format format : {Format::Json, Format::Text}) {
    const std::string line = format_line(format, "T", "info", "m", {{"name", evil + good}});
    EXPECT_NE(line.find("\\u0085\\u009b31m\\u2028\\u202e\\u2067\\u200f" + good), std::string::npos)
        << line;
  }
  EXPECT_EQ(format_line(Format::Text, "T", "info", "m", {{"cut", "\xc2"}}),
            "T info  m cut=\"\xc2\"");
}

}  // namespace
}  // namespace server::log
