#include "rtc/rtp/extension_values.hpp"

#include <gtest/gtest.h>

#include "rtc/testing/hex.hpp"

namespace {

using namespace std::chrono_literals;
using rtc::testing::hex;

TEST(AudioLevel, ReadsVoiceFlagAndLevel) {
  EXPECT_EQ(rtc::AudioLevel::parse(hex("80"))->level_dbov, 0);
  EXPECT_TRUE(rtc::AudioLevel::parse(hex("80"))->has_voice);
  EXPECT_EQ(rtc::AudioLevel::parse(hex("7f"))->level_dbov, 127);
  EXPECT_FALSE(rtc::AudioLevel::parse(hex("7f"))->has_voice);
  // The two-byte form may carry one octet of padding (RFC 6464 section 3).
  EXPECT_EQ(rtc::AudioLevel::parse(hex("8500"))->level_dbov, 5);
  EXPECT_FALSE(rtc::AudioLevel::parse({}));
}

TEST(AbsCaptureTime, ReadsBothLengthsAndNoOther) {
  EXPECT_EQ(rtc::AbsCaptureTime::parse(hex("0102030405060708"))->ntp, 0x0102030405060708U);
  EXPECT_FALSE(rtc::AbsCaptureTime::parse(hex("0102030405060708"))->clock_offset);
  EXPECT_EQ(rtc::AbsCaptureTime::parse(hex("0102030405060708ffffffffffffffff"))->clock_offset, -1);
  for (const std::size_t size : {0U, 7U, 9U, 15U, 17U}) {
    EXPECT_FALSE(rtc::AbsCaptureTime::parse(std::vector<std::uint8_t>(size))) << size;
  }
}

TEST(PlayoutDelay, ReadsTwoTimesTwelveBits) {
  const auto delay = rtc::PlayoutDelay::parse(hex("001fff"));
  ASSERT_TRUE(delay);
  EXPECT_EQ(delay->min, 10ms);
  EXPECT_EQ(delay->max, 40950ms);
  EXPECT_FALSE(rtc::PlayoutDelay::parse(hex("002001")));
  EXPECT_FALSE(rtc::PlayoutDelay::parse(hex("0010")));
}

TEST(TransportSequence, ReadsWhatItWrites) {
  for (const std::uint16_t sequence : {0, 1, 255, 256, 65535}) {
    EXPECT_EQ(rtc::parse_transport_sequence(rtc::transport_sequence_octets(sequence)), sequence);
  }
  EXPECT_FALSE(rtc::parse_transport_sequence(hex("01")));
  EXPECT_FALSE(rtc::parse_transport_sequence(hex("010203")));
}

TEST(AbsSendTime, CountsSecondsModuloSixtyFour) {
  const auto at = [](Duration time) {
    return rtc::parse_abs_send_time(rtc::abs_send_time_octets(Instant::at(time)));
  };
  EXPECT_EQ(at(0s), 0U);
  EXPECT_EQ(at(1s), 1U << 18);
  EXPECT_EQ(at(500ms), 1U << 17);
  EXPECT_EQ(at(63s), 63U << 18);
  EXPECT_EQ(at(64s), 0U);
  EXPECT_EQ(at(24h * 365 * 100 + 1s), ((24 * 365 * 100 * 3600ULL + 1) % 64) << 18);
  EXPECT_FALSE(rtc::parse_abs_send_time(hex("0102")));
}

TEST(StreamName, TakesShortPrintableAsciiAlone) {
  EXPECT_EQ(rtc::parse_stream_name(bytes_of("r0")), "r0");
  EXPECT_EQ(rtc::parse_stream_name(bytes_of("0123456789abcdef")), "0123456789abcdef");
  for (const char* text : {"", "0123456789abcdefg", "a b", "a\n", "\xC3\xA4"}) {
    EXPECT_FALSE(rtc::parse_stream_name(bytes_of(text))) << text;
  }
}

}  // namespace
