#include "http/fair_queue.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace server::http {
namespace {

TEST(FairQueue, GivesEachKeyItsTurn) {
  FairQueue<int> queue(100, 1000);
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(queue.push("flood", i));
  EXPECT_TRUE(queue.push("guest", 10));
  EXPECT_TRUE(queue.push("other", 20));
  EXPECT_TRUE(queue.push("guest", 11));
  std::vector<int> order;
  while (const auto value = queue.pop()) order.push_back(*value);
  EXPECT_EQ(order, (std::vector{0, 10, 20, 1, 11, 2, 3, 4}));
  EXPECT_TRUE(queue.empty());
}

TEST(FairQueue, IsBoundedForOneAndForAll) {
  FairQueue<int> queue(2, 3);
  EXPECT_TRUE(queue.push("a", 1));
  EXPECT_TRUE(queue.push("a", 2));
  EXPECT_FALSE(queue.push("a", 3)) << "its own line is full";
  EXPECT_TRUE(queue.push("b", 4));
  EXPECT_FALSE(queue.push("c", 5)) << "all lines together are";
  EXPECT_EQ(queue.size(), 3U);
  EXPECT_EQ(queue.pop(), 1);
  EXPECT_TRUE(queue.push("c", 5));
  EXPECT_EQ(queue.pop(), 4);
  EXPECT_EQ(queue.pop(), 2);
  EXPECT_EQ(queue.pop(), 5);
  EXPECT_EQ(queue.pop(), std::nullopt);
}

}  // namespace
}  // namespace server::http
