#include "http/rate_limiter.hpp"

#include <gtest/gtest.h>

namespace server::http {
namespace {

using namespace std::chrono_literals;

TEST(RateLimiter, LetsTwiceTheRateThroughAtOnceAndThenTheRate) {
  Instant now;
  RateLimiter limiter(true, [&] { return now; });
  const RateLimit limit{"x", 60};
  for (int i = 0; i < 120; ++i) EXPECT_TRUE(limiter.take(limit, "a"));
  const auto refused = limiter.take(limit, "a");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().status, 429U);
  EXPECT_EQ(refused.error().code, "RATE_LIMITED");
  EXPECT_EQ(refused.error().retry_after_s, 1U);
  now = now + 1s;
  EXPECT_TRUE(limiter.take(limit, "a"));
  EXPECT_FALSE(limiter.take(limit, "a"));
  EXPECT_TRUE(limiter.take(limit, "b")) << "another key";
  EXPECT_TRUE(limiter.take({"y", 60}, "a")) << "another limit";
}

TEST(RateLimiter, CountsANetworkOfIpv6AsOneAddress) {
  Instant now;
  RateLimiter limiter(true, [&] { return now; });
  const RateLimit limit{"x", 1};
  EXPECT_TRUE(limiter.take(limit, *IpAddress::parse("2001:db8::1")));
  EXPECT_TRUE(limiter.take(limit, *IpAddress::parse("2001:db8::ffff:2")));
  EXPECT_FALSE(limiter.take(limit, *IpAddress::parse("2001:db8::3")));
  EXPECT_TRUE(limiter.take(limit, *IpAddress::parse("2001:db8:0:1::1")));
  EXPECT_TRUE(limiter.take(limit, *IpAddress::parse("192.0.2.1")));
  EXPECT_TRUE(limiter.take(limit, *IpAddress::parse("192.0.2.1")));
  EXPECT_FALSE(limiter.take(limit, *IpAddress::parse("192.0.2.1")));
  EXPECT_TRUE(limiter.take(limit, *IpAddress::parse("192.0.2.2")));
}

TEST(RateLimiter, IsBounded) {
  Instant now;
  RateLimiter limiter(true, [&] { return now; });
  const RateLimit limit{"x", 1};
  for (std::size_t i = 0; i < RateLimiter::kBucketsMax + 1000; ++i) {
    EXPECT_TRUE(limiter.take(limit, std::to_string(i)));
  }
  EXPECT_EQ(limiter.bucket_count(), RateLimiter::kBucketsMax);
}

TEST(RateLimiter, OffLetsEverythingThrough) {
  RateLimiter limiter(false, [] { return Instant(); });
  for (int i = 0; i < 1000; ++i) EXPECT_TRUE(limiter.take({"x", 1}, "a"));
  EXPECT_EQ(limiter.bucket_count(), 0U);
}

}  // namespace
}  // namespace server::http
