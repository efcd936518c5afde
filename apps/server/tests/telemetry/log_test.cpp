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

}  // namespace
}  // namespace server::log
