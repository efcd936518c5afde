#include <gtest/gtest.h>

#include <limits>

#include "rtc/rtcp/extended_report.hpp"
#include "rtc/rtcp/fir.hpp"
#include "rtc/rtcp/nack.hpp"
#include "rtc/rtcp/pli.hpp"
#include "rtc/rtcp/remb.hpp"
#include "tests/rtcp/one_packet.hpp"

namespace {

using rtc::ExtendedReport;
using rtc::Fir;
using rtc::Nack;
using rtc::Pli;
using rtc::Remb;
using namespace rtc::testing;

std::vector<std::uint16_t> sequences_of(const Nack& nack, std::size_t max = 100'000) {
  std::vector<std::uint16_t> sequences;
  nack.for_each(max, [&](std::uint16_t sequence) { sequences.push_back(sequence); });
  return sequences;
}

TEST(Nack, ReadsWhatItWrites) {
  const std::vector<std::vector<std::uint16_t>> cases = {
      {0}, {1, 17}, {1, 18}, {65535, 0, 15, 16}, {65530, 65531, 10, 11, 500}};
  for (const auto& sequences : cases) {
    const auto datagram = written([&](ByteWriter& out) { Nack::write(out, 1, 2, sequences); });
    const auto nack = Nack::parse(only_packet(datagram));
    ASSERT_TRUE(nack);
    EXPECT_EQ(nack->sender_ssrc, 1U);
    EXPECT_EQ(nack->media_ssrc, 2U);
    EXPECT_EQ(sequences_of(*nack), sequences);
  }
}

TEST(Nack, PacksSeventeenIntoAPair) {
  std::vector<std::uint16_t> sequences;
  for (std::uint16_t i = 0; i < 34; ++i) sequences.push_back(static_cast<std::uint16_t>(65520 + i));
  const auto datagram = written([&](ByteWriter& out) { Nack::write(out, 1, 2, sequences); });
  EXPECT_EQ(datagram, hex("81cd0004 00000001 00000002 fff0ffff 0001ffff"));
  EXPECT_TRUE(written([](ByteWriter& out) { Nack::write(out, 1, 2, {}); }).empty());
}

TEST(Nack, VisitsNoMoreThanItIsAskedFor) {
  const auto datagram = hex("81cd0004 00000001 00000002 0000ffff 0100ffff");
  const auto nack = Nack::parse(only_packet(datagram));
  EXPECT_EQ(sequences_of(*nack).size(), 34U);
  EXPECT_EQ(sequences_of(*nack, 20).size(), 20U);
  EXPECT_EQ(sequences_of(*nack, 0).size(), 0U);
}

TEST(Nack, NeedsAPair) {
  const auto datagram = hex("81cd0003 00000001 00000002 00010000");
  EXPECT_FALSE(Nack::parse(only_packet(hex("81cd0002 00000001 00000002"))));
  EXPECT_FALSE(Nack::parse(only_packet(hex("81ce0003 00000001 00000002 00010000"))));
  EXPECT_TRUE(Nack::parse(only_packet(datagram)));
}

TEST(Pli, ReadsWhatItWrites) {
  const auto datagram = written([](ByteWriter& out) { Pli{1, 2}.write(out); });
  EXPECT_EQ(datagram, hex("81ce0002 00000001 00000002"));
  EXPECT_EQ(Pli::parse(only_packet(datagram))->media_ssrc, 2U);
  EXPECT_EQ(accepted_cuts<Pli>(datagram), std::vector<std::size_t>{8});
  EXPECT_FALSE(Pli::parse(only_packet(hex("82ce0002 00000001 00000002"))));
}

TEST(Fir, ReadsWhatItWritesAndManySources) {
  const auto datagram = written([](ByteWriter& out) { Fir::write(out, 1, 2, 255); });
  EXPECT_EQ(datagram, hex("84ce0004 00000001 00000000 00000002 ff000000"));
  EXPECT_EQ(accepted_cuts<Fir>(datagram), std::vector<std::size_t>{16});

  const auto many = hex("84ce0006 00000001 00000000 00000002 07000000 00000003 08ffffff");
  std::vector<std::pair<std::uint32_t, unsigned>> requests;
  Fir::parse(only_packet(many))->for_each([&](std::uint32_t ssrc, std::uint8_t sequence) {
    requests.emplace_back(ssrc, sequence);
  });
  EXPECT_EQ(requests, (std::vector<std::pair<std::uint32_t, unsigned>>{{2, 7}, {3, 8}}));
}

TEST(Remb, ReadsWhatItWritesToEighteenBits) {
  const std::uint32_t sources[] = {7, 8};
  for (const std::uint64_t rate :
       {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{262143}, std::uint64_t{262144},
        std::uint64_t{2'500'000}, std::uint64_t{10'000'000'000}}) {
    const auto datagram = written([&](ByteWriter& out) { Remb::write(out, 1, rate, sources); });
    const auto remb = Remb::parse(only_packet(datagram));
    ASSERT_TRUE(remb);
    EXPECT_LE(remb->bitrate_bps, rate);
    EXPECT_GE(static_cast<double>(remb->bitrate_bps),
              static_cast<double>(rate) * (1 - 1.0 / 131072));
    EXPECT_EQ(remb->sources.size(), 8U);
  }
}

TEST(Remb, SaturatesInsteadOfOverflowing) {
  const auto at = [](std::string_view rate) {
    return Remb::parse(
               only_packet(hex("8fce0004 00000001 00000000 52454d42 00" + std::string(rate))))
        ->bitrate_bps;
  };
  EXPECT_EQ(at("ffffff"), std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(at("fc0000"), 0U);
  EXPECT_EQ(at("fc0001"), std::uint64_t{1} << 63);
  EXPECT_EQ(at("fc0002"), std::numeric_limits<std::uint64_t>::max());
}

TEST(Remb, IsRefusedWithAnotherNameOrMissingSources) {
  EXPECT_FALSE(Remb::parse(only_packet(hex("8fce0004 00000001 00000000 52454d43 00000001"))));
  EXPECT_FALSE(Remb::parse(only_packet(hex("8fce0004 00000001 00000000 52454d42 01000001"))));
  EXPECT_FALSE(Remb::parse(only_packet(hex("8fce0003 00000001 00000000 52454d42"))));
}

TEST(ExtendedReport, ReadsWhatItWrites) {
  const auto reference = written(
      [](ByteWriter& out) { ExtendedReport::write_reference_time(out, 1, 0x0102030405060708); });
  EXPECT_EQ(ExtendedReport::parse(only_packet(reference))->reference_ntp, 0x0102030405060708U);

  const auto answer =
      written([](ByteWriter& out) { ExtendedReport::write_dlrr(out, 1, {2, 3, 4}); });
  int items = 0;
  ExtendedReport::parse(only_packet(answer))
      ->for_each_dlrr([&](const ExtendedReport::DlrrItem& item) {
        EXPECT_EQ(item.ssrc, 2U);
        EXPECT_EQ(item.last_rr, 3U);
        EXPECT_EQ(item.delay, 4U);
        ++items;
      });
  EXPECT_EQ(items, 1);
}

TEST(ExtendedReport, PassesOverOtherBlocksAndRefusesLies) {
  const auto both = hex("80cf0005 00000001 07000000 04000002 00000000 00000009");
  EXPECT_EQ(ExtendedReport::parse(only_packet(both))->reference_ntp, 9U);
  const auto odd = ExtendedReport::parse(only_packet(hex("80cf0003 00000001 04000001 00000009")));
  ASSERT_TRUE(odd);
  EXPECT_FALSE(odd->reference_ntp);
  const auto uneven =
      ExtendedReport::parse(only_packet(hex("80cf0003 00000001 05000001 00000009")));
  ASSERT_TRUE(uneven);
  EXPECT_TRUE(uneven->dlrr_items.empty());
  EXPECT_FALSE(ExtendedReport::parse(only_packet(hex("80cf0003 00000001 04000002 00000009"))));
  EXPECT_FALSE(ExtendedReport::parse(only_packet(hex("80cf0000"))));
}

}  // namespace
