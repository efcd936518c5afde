#include "rtc/transport/path_table.hpp"

#include <gtest/gtest.h>

namespace {

using rtc::Path;

Path path(std::uint16_t port) { return {.remote = {.address = {}, .port = port}, .local = {}}; }

struct Transport {};

TEST(PathTable, FindsWhoHasThePathNow) {
  Transport one;
  Transport other;
  rtc::PathTable<Transport> table;
  EXPECT_EQ(table.find(path(1)), nullptr);
  table.set(path(1), one);
  table.set(path(2), other);
  // In runs and in turn.
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(table.find(path(1)), &one);
    EXPECT_EQ(table.find(path(1)), &one);
    EXPECT_EQ(table.find(path(2)), &other);
    EXPECT_EQ(table.find(path(3)), nullptr);
  }
}

TEST(PathTable, ForgetsWhatItFoundLast) {
  Transport one;
  Transport other;
  rtc::PathTable<Transport> table;
  table.set(path(1), one);
  ASSERT_EQ(table.find(path(1)), &one);
  table.set(path(1), other);
  ASSERT_EQ(table.find(path(1)), &other);
  table.erase(path(1));
  EXPECT_EQ(table.find(path(1)), nullptr);
}

}  // namespace
