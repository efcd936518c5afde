#include "chat/chat_quota.hpp"

#include <gtest/gtest.h>

namespace server::chat {
namespace {

using namespace std::chrono_literals;

const db::Timestamp kNow = db::Timestamp(std::chrono::days(20'000));

TEST(OctetQuota, GivesSoMuchAtOnceAndSoMuchAgainInTheCourseOfTheSpan) {
  OctetQuota quota(1'000, 1h);
  EXPECT_EQ(quota.wait_for("a", 1'000, kNow), 0ms);
  quota.take("a", 1'000, kNow);
  EXPECT_EQ(quota.wait_for("a", 500, kNow), 30min);
  const auto last_minute = quota.wait_for("a", 500, kNow + 29min);
  EXPECT_GE(last_minute, 1min);
  EXPECT_LE(last_minute, 1min + 1ms) << "rounded up";
  EXPECT_EQ(quota.wait_for("a", 500, kNow + 30min), 0ms);
  quota.take("a", 500, kNow + 30min);
  EXPECT_EQ(quota.wait_for("a", 1'000, kNow + 90min), 0ms);
  EXPECT_EQ(quota.wait_for("b", 1'000, kNow), 0ms) << "each key has its own";
}

TEST(OctetQuota, GivesBackWhatWasNotStored) {
  OctetQuota quota(1'000, 1h);
  quota.take("a", 800, kNow);
  quota.give_back("a", 800);
  EXPECT_EQ(quota.wait_for("a", 1'000, kNow), 0ms);
  quota.give_back("nobody", 1);
}

TEST(OctetQuota, AClockThatIsSetBackGivesNothing) {
  OctetQuota quota(1'000, 1h);
  quota.take("a", 1'000, kNow);
  EXPECT_EQ(quota.wait_for("a", 1'000, kNow - 1h), 1h);
  quota.take("a", 0, kNow - 1h);
  EXPECT_EQ(quota.wait_for("a", 1'000, kNow + 1h), 0ms);
}

TEST(OctetQuota, ForgetsTheKeyUnusedForLongest) {
  OctetQuota quota(1'000, 1h);
  quota.take("first", 1'000, kNow);
  quota.take("second", 1'000, kNow);
  for (std::size_t i = 0; i < OctetQuota::kBucketsMax - 2; ++i) {
    quota.take(std::to_string(i), 1, kNow);
  }
  quota.take("first", 0, kNow);
  quota.take("one more", 1, kNow);
  EXPECT_EQ(quota.bucket_count(), OctetQuota::kBucketsMax);
  EXPECT_GT(quota.wait_for("first", 1, kNow), 0ms);
  EXPECT_EQ(quota.wait_for("second", 1'000, kNow), 0ms);
}

TEST(QuotaKey, IsTheAccountOrTheGuestsNetwork) {
  const auto guest = [](std::string address) {
    return quota_key({.user_id = {}, .guest_id = "g" + address, .name = "n", .address = address});
  };
  EXPECT_EQ(guest("2001:db8::1"), guest("2001:db8::ffff:1"));
  EXPECT_NE(guest("2001:db8::1"), guest("2001:db8:0:1::1"));
  EXPECT_NE(guest("192.0.2.1"), guest("192.0.2.2"));
  EXPECT_NE(
      guest("192.0.2.1"),
      quota_key({.user_id = "192.0.2.1", .guest_id = {}, .name = "n", .address = "192.0.2.1"}));
}

}  // namespace
}  // namespace server::chat
