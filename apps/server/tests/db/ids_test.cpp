#include "db/ids.hpp"

#include <gtest/gtest.h>

#include <set>

namespace server::db {
namespace {

TEST(Ids, AreUniqueSortedAndShapedLikeCuid) {
  SeededRandom random(1);
  Timestamp now{std::chrono::milliseconds(1'800'000'000'000)};
  IdSource source([&] { return now; }, random);
  std::string last;
  std::set<std::string> seen;
  for (int i = 0; i < 10'000; ++i) {
    if (i % 7 == 0)
      now += std::chrono::milliseconds(i % 3 == 0 ? -5 : 1);  // the clock steps back too
    const auto [id, at] = source.next();
    EXPECT_EQ(id.size(), 25U);
    EXPECT_EQ(id[0], 'c');
    EXPECT_TRUE(is_id(id));
    EXPECT_GT(id, last);
    last = id;
    EXPECT_TRUE(seen.insert(id).second);
  }
}

TEST(Ids, OfOutsideAreBounded) {
  EXPECT_FALSE(is_id(""));
  EXPECT_TRUE(is_id(std::string(64, 'x')));
  EXPECT_FALSE(is_id(std::string(65, 'x')));
  EXPECT_FALSE(is_id("a b"));
  EXPECT_FALSE(is_id(std::string("a\0", 2)));
  EXPECT_FALSE(is_id("\xC3\xA4"));
}

}  // namespace
}  // namespace server::db
