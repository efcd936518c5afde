#include "gateway/backlog.hpp"

#include <gtest/gtest.h>

namespace {

using namespace std::chrono_literals;
using server::gateway::Backlog;
namespace json = boost::json;

constexpr Instant kStart = Instant::at(1s);

TEST(Backlog, KeepsTheOrder) {
  Backlog backlog(kStart);
  for (const int number : {1, 2, 3}) backlog.add(Backlog::event("said", number));
  ASSERT_EQ(backlog.events().size(), 3U);
  EXPECT_EQ(backlog.events()[0]->payload, 1);
  EXPECT_EQ(backlog.events()[2]->payload, 3);
  EXPECT_FALSE(backlog.is_over(kStart));
}

TEST(Backlog, LastsForTheRecoveryTime) {
  const Backlog backlog(kStart);
  EXPECT_FALSE(backlog.is_over(kStart + (2min - 1us)));
  EXPECT_TRUE(backlog.is_over(kStart + 2min));
}

TEST(Backlog, IsOverRatherThanHaveAGap) {
  Backlog many(kStart);
  for (std::size_t i = 0; i < Backlog::kEventsMax; ++i) many.add(Backlog::event("said", 1));
  EXPECT_FALSE(many.is_over(kStart));
  many.add(Backlog::event("said", 1));
  EXPECT_TRUE(many.is_over(kStart));
  EXPECT_TRUE(many.events().empty());

  Backlog large(kStart);
  const auto event = Backlog::event("said", json::string(1024 * 1024, 'x'));
  for (int i = 0; i < 3; ++i) large.add(event);
  EXPECT_FALSE(large.is_over(kStart));
  large.add(event);
  EXPECT_TRUE(large.is_over(kStart));
  large.add(Backlog::event("said", 1));
  EXPECT_TRUE(large.events().empty());
}

}  // namespace
