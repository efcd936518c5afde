#include "rtc/rtcp/rtcp_packet.hpp"

#include <gtest/gtest.h>

#include <string>

#include "rtc/testing/hex.hpp"

namespace {

using rtc::RtcpReader;
using rtc::testing::hex;

// "type/count/size …", then "!" when the rest is broken.
std::string walk(std::string_view text) {
  const auto datagram = hex(text);
  RtcpReader reader(datagram);
  std::string found;
  while (const auto packet = reader.next()) {
    found += std::to_string(packet->type) + "/" + std::to_string(packet->count) + "/" +
             std::to_string(packet->body.size()) + " ";
  }
  EXPECT_FALSE(reader.next());
  return found + (reader.ok() ? "" : "!");
}

TEST(RtcpReader, WalksACompound) {
  EXPECT_EQ(walk("80c90001 01020304 81ca0002 01020304 01000000 81cb0001 01020304"),
            "201/0/4 202/1/8 203/1/4 ");
}

TEST(RtcpReader, TakesReducedSizeAndUnknownTypes) {
  EXPECT_EQ(walk("81ce0002 01020304 05060708"), "206/1/8 ");
  EXPECT_EQ(walk("9fff0000"), "255/31/0 ");
  EXPECT_EQ(walk(""), "");
}

TEST(RtcpReader, KeepsWhatCameBeforeTheBrokenRest) {
  EXPECT_EQ(walk("80c90001 01020304 80c90002 01020304"), "201/0/4 !");
  EXPECT_EQ(walk("80c90001 01020304 80c9"), "201/0/4 !");
  EXPECT_EQ(walk("80c90001 01020304 40c90000"), "201/0/4 !");
  EXPECT_EQ(walk("c0c90000"), "!");
  EXPECT_EQ(walk("80c9ffff 00000000"), "!");
}

TEST(RtcpReader, CutsPaddingOffTheLastPacketAlone) {
  EXPECT_EQ(walk("a0c90002 01020304 00000004"), "201/0/4 ");
  EXPECT_EQ(walk("a0c90001 00000004"), "201/0/0 ");
  EXPECT_EQ(walk("a0c90001 00000003"), "201/0/1 ");
  EXPECT_EQ(walk("a0c90002 01020304 00000004 80c90000"), "!");
  for (const char* lie : {"a0c90000", "a0c90001 00000000", "a0c90001 00000005", "a0c90001 00000008",
                          "a0c90001 000000fc"}) {
    EXPECT_EQ(walk(lie), "!") << lie;
  }
}

}  // namespace
