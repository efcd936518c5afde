#include "rtc/cc/send_history.hpp"

#include <gtest/gtest.h>

#include "tests/cc/feedback_of.hpp"

namespace {

using namespace std::chrono_literals;
using rtc::PacketResult;
using rtc::SendHistory;
using rtc::testing::with_feedback;

using Reports = std::vector<std::pair<std::uint16_t, std::optional<Duration>>>;

std::vector<PacketResult> news(SendHistory& history, const Reports& reports) {
  std::vector<PacketResult> results;
  with_feedback(reports, [&](const rtc::TransportFeedback& feedback) {
    history.on_feedback(feedback, [&](const PacketResult& one) { results.push_back(one); });
  });
  return results;
}

TEST(SendHistory, TellsWhatBecameOfEachPacketOnce) {
  SendHistory history;
  history.on_sent(Instant::at(1ms), 65535, 100);
  history.on_sent(Instant::at(2ms), 0, 200);
  history.on_sent(Instant::at(3ms), 1, 300);
  const Reports reports{{65535, 10ms}, {0, std::nullopt}, {1, 12ms}};
  const auto first = news(history, reports);
  ASSERT_EQ(first.size(), 3U);
  EXPECT_EQ(first[0].sent, Instant::at(1ms));
  EXPECT_EQ(first[0].octets, 100U);
  EXPECT_EQ(first[0].arrival, 10ms);
  EXPECT_EQ(first[1].arrival, std::nullopt);
  EXPECT_EQ(first[2].sequence, first[0].sequence + 2);
  EXPECT_TRUE(news(history, reports).empty());
}

TEST(SendHistory, TellsWhenALostOneCameAfterAll) {
  SendHistory history;
  for (std::uint16_t i = 0; i < 3; ++i) history.on_sent(Instant(), i, 10);
  news(history, {{0, 0ms}, {1, std::nullopt}, {2, 0ms}});
  const auto late = news(history, {{1, 5ms}, {2, 0ms}});
  ASSERT_EQ(late.size(), 1U);
  EXPECT_TRUE(late[0].was_lost);
  EXPECT_EQ(late[0].arrival, 5ms);
}

TEST(SendHistory, PassesOverWhatWasNeverSentOrIsForgotten) {
  SendHistory history;
  EXPECT_TRUE(news(history, {{0, 0ms}}).empty());
  for (std::uint16_t i = 10; i < 20; ++i) history.on_sent(Instant(), i, 10);
  EXPECT_TRUE(news(history, {{9, 0ms}}).empty());
  EXPECT_EQ(news(history, {{19, 0ms}, {20, 0ms}, {21, 0ms}}).size(), 1U);
  history.on_sent(Instant(), static_cast<std::uint16_t>(11 + SendHistory::kPackets), 10);
  EXPECT_TRUE(news(history, {{11, 0ms}}).empty());
  EXPECT_EQ(news(history, {{12, 0ms}}).size(), 1U);
  EXPECT_TRUE(news(history, {{1000, 0ms}}).empty()) << "skipped by the sender";
}

TEST(SendHistory, TimesGoOnWhereTheReferenceWraps) {
  SendHistory history;
  for (std::uint16_t i = 0; i < 3; ++i) history.on_sent(Instant(), i, 10);
  constexpr Duration kTurn = 64ms * (1 << 24);
  const auto before = news(history, {{0, kTurn - 64ms}});
  const auto after = news(history, {{1, kTurn + 64ms}});
  ASSERT_EQ(before.size() + after.size(), 2U);
  EXPECT_EQ(*after[0].arrival - *before[0].arrival, 128ms);
  // Half a turn's sign bit is no jump either.
  const auto half = news(history, {{2, kTurn + kTurn / 2}});
  EXPECT_EQ(*half[0].arrival - *after[0].arrival, kTurn / 2 - 64ms);
}

}  // namespace
