#include <gtest/gtest.h>

#include "rtc/rtcp/receiver_report.hpp"
#include "rtc/rtcp/sender_report.hpp"
#include "tests/rtcp/one_packet.hpp"

namespace {

using rtc::ReceiverReport;
using rtc::ReportBlock;
using rtc::ReportBlocks;
using rtc::SenderReport;
using namespace rtc::testing;

ReportBlock block(std::int32_t cumulative_lost) {
  return {.ssrc = 0xDEADBEEF,
          .fraction_lost = 255,
          .cumulative_lost = cumulative_lost,
          .highest_sequence = 0x0001FFFF,
          .jitter = 3,
          .last_sr = 0x11223344,
          .delay_since_last_sr = 0x00018000};
}

TEST(SenderReport, ReadsWhatItWrites) {
  for (std::size_t count = 0; count <= ReportBlocks::kMax; ++count) {
    SenderReport report{.ssrc = 7,
                        .ntp = 0x0102030405060708,
                        .rtp_timestamp = 9,
                        .packet_count = 10,
                        .octet_count = 11,
                        .reports = {}};
    for (std::size_t i = 0; i < count; ++i) report.reports.add(block(static_cast<std::int32_t>(i)));
    const auto datagram = written([&](ByteWriter& out) { report.write(out); });
    const auto read = SenderReport::parse(only_packet(datagram));
    ASSERT_TRUE(read);
    EXPECT_EQ(read->ssrc, 7U);
    EXPECT_EQ(read->ntp, 0x0102030405060708U);
    EXPECT_EQ(read->rtp_timestamp, 9U);
    EXPECT_EQ(read->packet_count, 10U);
    EXPECT_EQ(read->octet_count, 11U);
    EXPECT_TRUE(std::ranges::equal(read->reports.all(), report.reports.all()));
  }
}

TEST(SenderReport, IsRefusedWhenAnyOctetIsMissing) {
  SenderReport report;
  report.reports.add(block(1));
  const auto datagram = written([&](ByteWriter& out) { report.write(out); });
  EXPECT_EQ(accepted_cuts<SenderReport>(datagram), std::vector<std::size_t>{48});
}

TEST(SenderReport, MayBeFollowedByAProfilesOwnWords) {
  const auto datagram =
      hex("80c80007 00000001 00000002 00000003 00000004 00000005 00000006 ffffffff");
  EXPECT_TRUE(SenderReport::parse(only_packet(datagram)));
}

TEST(SenderReport, GivesTheMiddleOfItsTime) {
  EXPECT_EQ(rtc::compact_ntp(0x0102030405060708), 0x03040506U);
}

TEST(ReceiverReport, ReadsWhatItWrites) {
  ReceiverReport report{.ssrc = 1, .reports = {}};
  for (const std::int32_t lost : {0, 1, -1, 0x7FFFFF, -0x800000}) report.reports.add(block(lost));
  const auto datagram = written([&](ByteWriter& out) { report.write(out); });
  const auto read = ReceiverReport::parse(only_packet(datagram));
  ASSERT_TRUE(read);
  EXPECT_TRUE(std::ranges::equal(read->reports.all(), report.reports.all()));
  EXPECT_EQ(accepted_cuts<ReceiverReport>(datagram), std::vector<std::size_t>{4 + 5 * 24});
  EXPECT_FALSE(SenderReport::parse(only_packet(datagram)));
}

TEST(ReceiverReport, LiesAboutItsCountAreRefused) {
  EXPECT_FALSE(ReceiverReport::parse(only_packet(hex("9fc90001 00000001"))));
}

TEST(ReportBlocks, HoldAsManyAsTheHeaderCounts) {
  ReportBlocks blocks;
  for (std::size_t i = 0; i < ReportBlocks::kMax; ++i) EXPECT_TRUE(blocks.add({}));
  EXPECT_FALSE(blocks.add({}));
}

// A report as a browser sends it about one stream.
TEST(ReceiverReport, ReadsACapture) {
  const auto datagram =
      hex("81c90007 00000001 4baf2c5e 00000000 0000c3a2 0000001b 9c8a1d00 00012345");
  const auto report = ReceiverReport::parse(only_packet(datagram));
  ASSERT_TRUE(report);
  EXPECT_EQ(report->reports.all()[0].ssrc, 0x4BAF2C5EU);
  EXPECT_EQ(report->reports.all()[0].highest_sequence, 0xC3A2U);
  EXPECT_EQ(report->reports.all()[0].jitter, 27U);
}

}  // namespace
