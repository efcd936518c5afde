#include "rtc/forward/voice_meter.hpp"

#include <gtest/gtest.h>

#include "tests/forward/voice.hpp"

namespace {

using namespace std::chrono_literals;
using rtc::AudioLevel;
using rtc::VoiceMeter;
using namespace rtc::testing;

struct Feed {
  VoiceMeter meter;
  Instant now;

  void run(Duration time, const AudioLevel& level) {
    for (const Instant end = now + time; now < end; now = now + kPacket)
      meter.on_packet(now, level);
  }
  bool is_speaking() const { return meter.is_speaking(now); }
};

TEST(VoiceMeter, AttacksWithThePacketAndReleasesLater) {
  Feed feed;
  feed.run(1s, level(-75));
  EXPECT_FALSE(feed.is_speaking());
  feed.run(kPacket, level(-30));
  EXPECT_TRUE(feed.is_speaking());
  feed.run(260ms, level(-75));
  EXPECT_TRUE(feed.is_speaking());
  feed.run(40ms, level(-75));
  EXPECT_FALSE(feed.is_speaking());
  EXPECT_TRUE(feed.meter.is_between_words(feed.now));
}

TEST(VoiceMeter, ReleasesWithoutPacketsToo) {
  Feed feed;
  feed.run(100ms, level(-30));
  EXPECT_TRUE(feed.meter.is_speaking(feed.now));
  EXPECT_FALSE(feed.meter.is_speaking(feed.now + 300ms));
}

TEST(VoiceMeter, SpeaksFromTheVeryFirstPacket) {
  Feed feed;
  feed.run(kPacket, level(-30));
  EXPECT_TRUE(feed.is_speaking());
}

TEST(VoiceMeter, BackgroundIsNoSpeechHoweverLongItLasts) {
  Feed feed;
  feed.run(10s, level(-60));
  EXPECT_FALSE(feed.is_speaking());
  Feed fan;
  fan.run(20s, level(-48));
  EXPECT_FALSE(fan.is_speaking());
  fan.run(100ms, level(-30));
  EXPECT_TRUE(fan.is_speaking()) << "and is talked over";
}

TEST(VoiceMeter, MusicStaysLoudHoweverLongItLasts) {
  Feed feed;
  feed.run(60s, level(-25));
  EXPECT_TRUE(feed.is_speaking());
}

TEST(VoiceMeter, BelievesTheVoiceFlagOfWhoeverSetsIt) {
  Feed feed;
  feed.run(1s, level(-20, false));
  EXPECT_TRUE(feed.is_speaking()) << "never set: it means nothing";
  feed.run(100ms, level(-20, true));
  feed.run(400ms, level(-20, false));
  EXPECT_FALSE(feed.is_speaking()) << "a keyboard";
}

TEST(VoiceMeter, SmoothsWhatIsLoudAndForgetsTheSpeechBefore) {
  Feed feed;
  feed.run(2s, level(-40));
  EXPECT_NEAR(feed.meter.loudness(), 87, 0.5);
  feed.run(kPacket, level(-10));
  EXPECT_LT(feed.meter.loudness(), 95);
  feed.run(1s, level(-80));
  EXPECT_LT(feed.meter.loudness(), 95);
  feed.run(kPacket, level(-50));
  EXPECT_NEAR(feed.meter.loudness(), 77, 0.5);
}

}  // namespace
