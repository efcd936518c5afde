#include "rtc/cc/loss_bound.hpp"

#include <gtest/gtest.h>

#include "base/random.hpp"

namespace {

using namespace std::chrono_literals;
using rtc::LossBound;
using rtc::PacketResult;

constexpr std::size_t kOctets = 1000;

// A path that loses a part of everything, and what exceeds its capacity.
class Path {
 public:
  Path(std::uint64_t seed, double loss, DataRate capacity)
      : random_(seed), loss_(loss), capacity_(capacity) {}

  // Sends at `rate` for `time`; the last bound given meanwhile.
  std::optional<DataRate> send(DataRate rate, Duration time) {
    std::optional<DataRate> bound;
    const double passed = (1 - loss_) * std::min(1.0, capacity_ / rate);
    for (const Instant end = now_ + time; now_ < end; now_ = now_ + rate.time_of(kOctets)) {
      PacketResult result{.sent = now_, .octets = kOctets, .arrival = 1ms};
      if (random_.u32() / 4294967296.0 >= passed) result.arrival.reset();
      losses_.on_packet(result);
      if (const auto found = losses_.poll()) bound = found;
    }
    return bound;
  }

  LossBound losses_;

 private:
  SeededRandom random_;
  double loss_;
  DataRate capacity_;
  Instant now_;
};

constexpr DataRate kEndless = DataRate::kbps(1'000'000);

TEST(LossBound, GivesNoneWhereNothingIsLost) {
  Path path(1, 0, kEndless);
  EXPECT_FALSE(path.send(DataRate::kbps(1000), 10s));
}

TEST(LossBound, GivesNoneWhereTheSamePartIsLostAtEveryRate) {
  for (const double loss : {0.02, 0.05, 0.1, 0.2, 0.4}) {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
      SCOPED_TRACE(testing::Message() << "loss " << loss << ", seed " << seed);
      Path path(seed, loss, kEndless);
      for (const std::int64_t kbps : {300, 450, 675, 1000, 1500, 1500, 900, 1500}) {
        const auto bound = path.send(DataRate::kbps(kbps), 1s);
        EXPECT_FALSE(bound) << bound.value_or(DataRate()).bps();
      }
    }
  }
}

TEST(LossBound, FindsWhatAPolicerLetsPass) {
  for (const double loss : {0.0, 0.02, 0.05}) {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
      SCOPED_TRACE(testing::Message() << "loss " << loss << ", seed " << seed);
      Path path(seed, loss, DataRate::kbps(600));
      path.send(DataRate::kbps(300), 2s);
      path.send(DataRate::kbps(500), 2s);
      const auto bound = path.send(DataRate::kbps(1000), 3s);
      ASSERT_TRUE(bound);
      EXPECT_NEAR(*bound / DataRate::kbps(600), 1 - loss, 0.2);
    }
  }
}

TEST(LossBound, IsNotLoweredByWhatWasSentBelowIt) {
  Path path(1, 0.02, DataRate::kbps(600));
  path.send(DataRate::kbps(300), 2s);
  ASSERT_TRUE(path.send(DataRate::kbps(1000), 2s));
  path.send(DataRate::kbps(400), LossBound::kWindow * 2);  // a window may hold both rates
  EXPECT_FALSE(path.send(DataRate::kbps(400), 4s));
}

TEST(LossBound, TakesOneWindowOfHeavyLossForNoBound) {
  Path path(1, 0, kEndless);
  path.send(DataRate::kbps(1000), 5s);
  const auto lose = [&](Instant from, int count) {
    std::optional<DataRate> bound;
    for (int i = 0; i < count; ++i) {
      path.losses_.on_packet({.sent = from + i * 8ms, .octets = kOctets, .arrival = std::nullopt});
      if (const auto found = path.losses_.poll()) bound = found;
    }
    return bound;
  };
  EXPECT_FALSE(lose(Instant::at(5s), 40));
  const auto bound = lose(Instant::at(5320ms), 100);
  ASSERT_TRUE(bound);
  EXPECT_LT(*bound, DataRate::kbps(100));
}

TEST(LossBound, TakesBackALossThatWasNone) {
  Path path(1, 0, kEndless);
  path.send(DataRate::kbps(1000), 5s);
  PacketResult lost{.sent = Instant::at(5s), .octets = kOctets, .arrival = std::nullopt};
  path.losses_.on_packet(lost);
  lost.was_lost = true;
  lost.arrival = 1ms;
  path.losses_.on_packet(lost);
  EXPECT_FALSE(path.send(DataRate::kbps(1000), 1s));
}

}  // namespace
