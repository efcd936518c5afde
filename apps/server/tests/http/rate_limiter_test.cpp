#include "http/rate_limiter.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

namespace server::http {
namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;

template <class T>
T wait_for(net::awaitable<T> work) {
  net::io_context io;
  auto result = net::co_spawn(io, std::move(work), net::use_future);
  io.run();
  return result.get();
}

template <class Key>
Result<void> take(RateLimiter& limiter, RateLimit limit, Key key) {
  return wait_for(limiter.take(limit, std::move(key)));
}

TEST(RateLimiter, LetsTwiceTheRateThroughAtOnceAndThenTheRate) {
  Instant now;
  RateLimiter limiter(true, [&] { return now; });
  const RateLimit limit{"x", 60};
  for (int i = 0; i < 120; ++i) EXPECT_TRUE(take(limiter, limit, "a"s));
  const auto refused = take(limiter, limit, "a"s);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().status, 429U);
  EXPECT_EQ(refused.error().code, "RATE_LIMITED");
  EXPECT_EQ(refused.error().retry_after_s, 1U);
  now = now + 1s;
  EXPECT_TRUE(take(limiter, limit, "a"s));
  EXPECT_FALSE(take(limiter, limit, "a"s));
  EXPECT_TRUE(take(limiter, limit, "b"s)) << "another key";
  EXPECT_TRUE(take(limiter, {"y", 60}, "a"s)) << "another limit";
}

TEST(RateLimiter, CountsANetworkOfIpv6AsOneAddress) {
  Instant now;
  RateLimiter limiter(true, [&] { return now; });
  const RateLimit limit{"x", 1};
  EXPECT_TRUE(take(limiter, limit, *IpAddress::parse("2001:db8::1")));
  EXPECT_TRUE(take(limiter, limit, *IpAddress::parse("2001:db8::ffff:2")));
  EXPECT_FALSE(take(limiter, limit, *IpAddress::parse("2001:db8::3")));
  EXPECT_TRUE(take(limiter, limit, *IpAddress::parse("2001:db8:0:1::1")));
  EXPECT_TRUE(take(limiter, limit, *IpAddress::parse("192.0.2.1")));
  EXPECT_TRUE(take(limiter, limit, *IpAddress::parse("192.0.2.1")));
  EXPECT_FALSE(take(limiter, limit, *IpAddress::parse("192.0.2.1")));
  EXPECT_TRUE(take(limiter, limit, *IpAddress::parse("192.0.2.2")));
}

TEST(RateLimiter, LooksWithoutTaking) {
  Instant now;
  RateLimiter limiter(true, [&] { return now; });
  const RateLimit limit{"x", 1};
  const IpAddress client = *IpAddress::parse("192.0.2.1");
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(limiter.look(limit, client));
  EXPECT_TRUE(limiter.take_own(limit, client));
  EXPECT_TRUE(limiter.take_own(limit, client));
  const auto refused = limiter.look(limit, client);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().retry_after_s, 60U);
  now = now + 60s;
  EXPECT_TRUE(limiter.look(limit, client));
}

TEST(RateLimiter, IsBounded) {
  Instant now;
  RateLimiter limiter(true, [&] { return now; });
  const RateLimit limit{"x", 1};
  const auto flood = [&]() -> net::awaitable<void> {
    for (std::size_t i = 0; i < RateLimiter::kBucketsMax + 1000; ++i) {
      EXPECT_TRUE(co_await limiter.take(limit, std::to_string(i)));
    }
  };
  wait_for(flood());
  EXPECT_EQ(limiter.bucket_count(), RateLimiter::kBucketsMax);
}

TEST(RateLimiter, OffLetsEverythingThrough) {
  RateLimiter limiter(false, [] { return Instant(); });
  for (int i = 0; i < 1000; ++i) EXPECT_TRUE(take(limiter, {"x", 1}, "a"s));
  EXPECT_EQ(limiter.bucket_count(), 0U);
}

TEST(RateLimiter, AsksTheSharedBucketFirstAndItsOwnWhenThatIsAway) {
  std::optional<Duration> answer;
  std::string asked;
  RateLimiter limiter(
      true, [] { return Instant(); },
      [&](std::string key, int per_minute) -> net::awaitable<std::optional<Duration>> {
        asked = key + " " + std::to_string(per_minute);
        co_return answer;
      });
  const RateLimit limit{"x", 1};
  answer = Duration::zero();
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(take(limiter, limit, "a"s));
  EXPECT_EQ(asked, "x a 1");
  answer = 1500ms;
  const auto refused = take(limiter, limit, "a"s);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().retry_after_s, 2U);
  answer = std::nullopt;
  EXPECT_TRUE(take(limiter, limit, "a"s));
  EXPECT_TRUE(take(limiter, limit, "a"s));
  EXPECT_FALSE(take(limiter, limit, "a"s));
}

}  // namespace
}  // namespace server::http
