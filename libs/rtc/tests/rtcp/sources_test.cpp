#include <gtest/gtest.h>

#include <string>

#include "rtc/rtcp/bye.hpp"
#include "rtc/rtcp/sdes.hpp"
#include "tests/rtcp/one_packet.hpp"

namespace {

using rtc::Bye;
using rtc::Sdes;
using namespace rtc::testing;

TEST(Sdes, ReadsWhatItWritesForEveryLength) {
  for (std::size_t size = 0; size <= 255; ++size) {
    const std::string cname(size, 'c');
    const auto datagram = written([&](ByteWriter& out) { Sdes::write(out, 5, cname); });
    const auto sdes = Sdes::parse(only_packet(datagram));
    ASSERT_TRUE(sdes) << size;
    ASSERT_EQ(sdes->chunks().size(), 1U);
    EXPECT_EQ(sdes->chunks()[0].ssrc, 5U);
    EXPECT_EQ(sdes->chunks()[0].cname, cname);
  }
}

TEST(Sdes, WritesNoMoreThanAnItemHolds) {
  const auto datagram =
      written([](ByteWriter& out) { Sdes::write(out, 5, std::string(300, 'c')); });
  EXPECT_EQ(Sdes::parse(only_packet(datagram))->chunks()[0].cname.size(), 255U);
}

TEST(Sdes, ReadsManyChunksWithManyItems) {
  // A name item (2) before the canonical one, then a chunk without any item.
  const auto datagram = hex("82ca0005 00000001 0201 61 0102 6263 00 00000002 00000000");
  const auto sdes = Sdes::parse(only_packet(datagram));
  ASSERT_TRUE(sdes);
  ASSERT_EQ(sdes->chunks().size(), 2U);
  EXPECT_EQ(sdes->chunks()[0].cname, "bc");
  EXPECT_EQ(sdes->chunks()[1].ssrc, 2U);
  EXPECT_EQ(sdes->chunks()[1].cname, "");
}

TEST(Sdes, IsRefusedWhenItRunsOver) {
  EXPECT_FALSE(Sdes::parse(only_packet(hex("81ca0002 00000001 01ff6162"))));
  EXPECT_FALSE(Sdes::parse(only_packet(hex("81ca0002 00000001 01026162"))));  // no null octet
  EXPECT_FALSE(Sdes::parse(only_packet(hex("9fca0002 00000001 01016100"))));
  const auto whole = written([](ByteWriter& out) { Sdes::write(out, 5, "name"); });
  EXPECT_EQ(accepted_cuts<Sdes>(whole), std::vector<std::size_t>{12});
}

TEST(Bye, ReadsWhatItWrites) {
  const auto datagram = written([](ByteWriter& out) { Bye::write(out, 0xFFFFFFFE); });
  const auto bye = Bye::parse(only_packet(datagram));
  ASSERT_TRUE(bye);
  ASSERT_EQ(bye->sources().size(), 1U);
  EXPECT_EQ(bye->sources()[0], 0xFFFFFFFEU);
  EXPECT_EQ(bye->reason(), "");
}

TEST(Bye, ReadsSourcesAndReason) {
  const auto datagram = hex("82cb0004 00000001 00000002 04 676f6e65 000000");
  const auto bye = Bye::parse(only_packet(datagram));
  ASSERT_TRUE(bye);
  EXPECT_EQ(bye->sources().size(), 2U);
  EXPECT_EQ(bye->reason(), "gone");
  EXPECT_TRUE(Bye::parse(only_packet(hex("80cb0000"))));
}

TEST(Bye, IsRefusedWhenItsReasonOrCountLies) {
  EXPECT_FALSE(Bye::parse(only_packet(hex("81cb0002 00000001 04616263"))));
  EXPECT_FALSE(Bye::parse(only_packet(hex("81cb0002 00000001 ff000000"))));
  EXPECT_FALSE(Bye::parse(only_packet(hex("9fcb0001 00000001"))));
}

}  // namespace
