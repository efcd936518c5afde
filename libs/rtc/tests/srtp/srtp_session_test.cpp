#include <gtest/gtest.h>

#include <algorithm>

#include "base/random.hpp"
#include "rtc/rtp/rtp_builder.hpp"
#include "rtc/srtp/srtp_receiver.hpp"
#include "rtc/srtp/srtp_sender.hpp"

namespace {

using rtc::SrtpError;
using rtc::SrtpMasterKey;
using rtc::SrtpReceiver;
using rtc::SrtpSender;
using rtc::SrtpSuite;

SrtpMasterKey master_key(SrtpSuite suite, std::uint64_t seed = 1) {
  SeededRandom random(seed);
  std::vector<std::uint8_t> octets(rtc::key_size(suite) + rtc::salt_size(suite));
  random.fill(octets);
  return *SrtpMasterKey::from(suite, octets);
}

std::vector<std::uint8_t> rtp(SrtpSender& sender, std::uint64_t sequence, std::uint32_t ssrc = 7,
                              std::string_view payload = "payload") {
  std::vector<std::uint8_t> buffer(1500);
  ByteWriter out(buffer);
  rtc::write_rtp_header(out, {.payload_type = 96,
                              .marker = false,
                              .sequence = static_cast<std::uint16_t>(sequence),
                              .timestamp = 3,
                              .ssrc = ssrc});
  rtc::SigningQueue queue;
  const Bytes packet = sender.protect_rtp({buffer, out.size(), bytes_of(payload)}, sequence, queue);
  queue.finish();
  return {packet.begin(), packet.end()};
}

std::vector<std::uint8_t> rtcp(SrtpSender& sender) {
  std::vector<std::uint8_t> buffer{0x80, 201, 0, 1, 0, 0, 0, 9};
  buffer.resize(buffer.size() + rtc::kSrtpOverheadMax);
  const Bytes packet = sender.protect_rtcp(buffer, 8);
  return {packet.begin(), packet.end()};
}

class SrtpSession : public testing::TestWithParam<SrtpSuite> {
 protected:
  SrtpSender sender{master_key(GetParam())};
  SrtpReceiver receiver{master_key(GetParam())};

  std::optional<SrtpError> error_of(std::vector<std::uint8_t> packet) {
    const auto result = receiver.unprotect_rtp(packet);
    if (result) return std::nullopt;
    return result.error();
  }
};

TEST_P(SrtpSession, OpensWhatWasSealed) {
  auto packet = rtp(sender, 100);
  const auto plain = receiver.unprotect_rtp(packet);
  ASSERT_TRUE(plain);
  EXPECT_EQ(text_of(plain->subspan(12)), "payload");

  auto control = rtcp(sender);
  const auto plain_control = receiver.unprotect_rtcp(control);
  ASSERT_TRUE(plain_control);
  EXPECT_EQ(plain_control->size(), 8U);
  EXPECT_EQ((*plain_control)[7], 9);
}

TEST_P(SrtpSession, FollowsTheRollOverThroughLossAndReordering) {
  SeededRandom random(3);
  std::vector<std::uint64_t> sequences;
  for (std::uint64_t i = 30000; i < 300000; i += 1 + random.u32() % 200) sequences.push_back(i);
  for (std::size_t i = 0; i + 5 < sequences.size(); i += 5) {
    std::swap(sequences[i], sequences[i + 4]);
  }
  for (const std::uint64_t sequence : sequences) {
    ASSERT_EQ(error_of(rtp(sender, sequence)), std::nullopt) << sequence;
  }
}

TEST_P(SrtpSession, RefusesReplays) {
  const auto first = rtp(sender, 65535);
  const auto second = rtp(sender, 65536);
  EXPECT_EQ(error_of(second), SrtpError::Forged);  // a stream starts without roll-overs
  EXPECT_EQ(error_of(first), std::nullopt);
  EXPECT_EQ(error_of(second), std::nullopt);
  EXPECT_EQ(error_of(first), SrtpError::Replayed);
  EXPECT_EQ(error_of(second), SrtpError::Replayed);

  const auto control = rtcp(sender);
  auto copy = control;
  EXPECT_TRUE(receiver.unprotect_rtcp(copy));
  copy = control;
  EXPECT_EQ(receiver.unprotect_rtcp(copy).error(), SrtpError::Replayed);
}

TEST_P(SrtpSession, NoForgedOctetPassesAndNothingChanges) {
  const auto whole = rtp(sender, 40000);
  for (std::size_t bit = 0; bit < whole.size() * 8; ++bit) {
    auto bent = whole;
    bent[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
    ASSERT_NE(error_of(bent), std::nullopt) << bit;
  }
  for (std::size_t size = 0; size < whole.size(); ++size) {
    ASSERT_NE(error_of({whole.begin(), whole.begin() + static_cast<long>(size)}), std::nullopt);
  }
  // Forged sequence numbers far away did not move the roll-over counter.
  EXPECT_EQ(error_of(whole), std::nullopt);

  const auto control = rtcp(sender);
  for (std::size_t bit = 0; bit < control.size() * 8; ++bit) {
    auto bent = control;
    bent[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
    ASSERT_FALSE(receiver.unprotect_rtcp(bent)) << bit;
  }
  for (std::size_t size = 0; size < control.size(); ++size) {
    std::vector<std::uint8_t> cut(control.begin(), control.begin() + static_cast<long>(size));
    ASSERT_FALSE(receiver.unprotect_rtcp(cut)) << size;
  }
  auto copy = control;
  EXPECT_TRUE(receiver.unprotect_rtcp(copy));
}

TEST_P(SrtpSession, RefusesAnotherKey) {
  SrtpSender other(master_key(GetParam(), 2));
  EXPECT_EQ(error_of(rtp(other, 1)), SrtpError::Forged);
  auto control = rtcp(other);
  EXPECT_EQ(receiver.unprotect_rtcp(control).error(), SrtpError::Forged);
}

TEST_P(SrtpSession, KeepsNoMoreStreamsThanItMay) {
  for (std::uint32_t ssrc = 0; ssrc < SrtpReceiver::kStreamsMax; ++ssrc) {
    ASSERT_EQ(error_of(rtp(sender, 1, ssrc)), std::nullopt);
  }
  EXPECT_EQ(error_of(rtp(sender, 1, 1'000'000)), SrtpError::TooManyStreams);
  EXPECT_EQ(error_of(rtp(sender, 2, 0)), std::nullopt);
}

TEST_P(SrtpSession, AnyHeaderThatRtpAllowsIsKept) {
  std::vector<std::uint8_t> buffer(1500);
  const rtc::RtpExtensionElement element{1, bytes_of("ab")};
  ByteWriter out(buffer);
  rtc::write_rtp_header(
      out, {.payload_type = 1, .marker = true, .sequence = 1, .timestamp = 2, .ssrc = 3},
      std::span(&element, 1));
  rtc::SigningQueue queue;
  const Bytes packet = sender.protect_rtp({buffer, out.size(), {}}, 1, queue);
  queue.finish();
  std::vector<std::uint8_t> copy(packet.begin(), packet.end());
  const auto plain = receiver.unprotect_rtp(copy);
  ASSERT_TRUE(plain);
  EXPECT_EQ(plain->size(), out.size());
  EXPECT_TRUE(std::ranges::equal(*plain, out.written()));
}

INSTANTIATE_TEST_SUITE_P(Suites, SrtpSession,
                         testing::Values(SrtpSuite::AeadAes128Gcm, SrtpSuite::AeadAes256Gcm,
                                         SrtpSuite::AesCm128HmacSha1_80),
                         [](const auto& test) { return std::string(rtc::name_of(test.param)); });

}  // namespace
