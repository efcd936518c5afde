#include <gtest/gtest.h>

#include "cluster/redis_url.hpp"

namespace server::cluster {
namespace {

TEST(RedisUrl, HasDefaultsForAllButTheHost) {
  const auto url = RedisUrl::parse("redis://cache.internal");
  ASSERT_TRUE(url);
  EXPECT_EQ(url->host, "cache.internal");
  EXPECT_EQ(url->port, "6379");
  EXPECT_EQ(url->user, "");
  EXPECT_EQ(url->password, "");
  EXPECT_EQ(url->database, "0");
}

TEST(RedisUrl, HasUserPasswordPortAndDatabase) {
  const auto url = RedisUrl::parse("redis://meet:p%40ss:w@[::1]:7000/12");
  ASSERT_TRUE(url);
  EXPECT_EQ(url->host, "::1");
  EXPECT_EQ(url->port, "7000");
  EXPECT_EQ(url->user, "meet");
  EXPECT_EQ(url->password, "p@ss:w");
  EXPECT_EQ(url->database, "12");
  EXPECT_EQ(RedisUrl::parse("redis://:secret@h/")->password, "secret");
}

TEST(RedisUrl, RefusesOthersAndTellsNothingOfThem) {
  for (const char* wrong :
       {"", "redis", "redis://", "rediss://h", "http://h", "redis://h/first", "redis://h/-1",
        "redis://h/1/2", "redis://h:0", "redis://h:70000", "redis://user@h", "redis://h?db=1",
        "redis://:secret@h:x", "redis://h/99999999999999999999"}) {
    const auto url = RedisUrl::parse(wrong);
    ASSERT_FALSE(url) << wrong;
    EXPECT_EQ(url.error(), "redis://[[user]:password@]host[:port][/db]");
  }
}

}  // namespace
}  // namespace server::cluster
