#include "rtc/rtp/rtp_extensions.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "rtc/testing/hex.hpp"

namespace {

using rtc::RtpExtension;
using rtc::RtpExtensionElement;
using rtc::RtpExtensionIds;
using rtc::RtpExtensionReader;
using rtc::RtpExtensionValues;
using rtc::testing::hex;

// "id:hex id:hex …" of every element.
std::string walk(std::uint16_t profile, std::string_view block) {
  const auto octets = hex(block);
  std::string text;
  RtpExtensionReader reader(profile, octets);
  while (const auto element = reader.next()) {
    text += (text.empty() ? "" : " ") + std::to_string(element->id) + ":" +
            std::to_string(element->data.size());
  }
  return text;
}

TEST(RtpExtensionReader, WalksTheOneByteForm) {
  EXPECT_EQ(walk(0xBEDE, "1001 00 00 21 0203"), "1:1 2:2");
  EXPECT_EQ(walk(0xBEDE, "00000000"), "");
  EXPECT_EQ(walk(0xBEDE, "00 00 10 01"), "1:1");
  EXPECT_EQ(walk(0xBEDE, ""), "");
}

TEST(RtpExtensionReader, StopsAtIdFifteenAndAtWhatDoesNotFit) {
  EXPECT_EQ(walk(0xBEDE, "1001 f000 2001"), "1:1");
  EXPECT_EQ(walk(0xBEDE, "1001 2f01"), "1:1");
  EXPECT_EQ(walk(0x1000, "0101aa 0205aa"), "1:1");
  EXPECT_EQ(walk(0x1000, "01"), "");
}

TEST(RtpExtensionReader, SkipsIdZeroWithALengthInTheOneByteForm) {
  EXPECT_EQ(walk(0xBEDE, "02aaaaaa 1001"), "1:1");
}

TEST(RtpExtensionReader, WalksTheTwoByteFormWithAnyApplicationBits) {
  for (const unsigned profile : {0x1000U, 0x100FU}) {
    EXPECT_EQ(walk(static_cast<std::uint16_t>(profile), "0100 0f02aaaa ff01bb 0000"),
              "1:0 15:2 255:1");
  }
  EXPECT_EQ(walk(0x1010, "0101aa"), "");
  EXPECT_EQ(walk(0x0000, "0101aa"), "");
}

std::vector<std::uint8_t> written(std::span<const RtpExtensionElement> elements) {
  std::vector<std::uint8_t> buffer(1500);
  ByteWriter out(buffer);
  rtc::write_rtp_extensions(out, elements);
  EXPECT_TRUE(out.ok());
  EXPECT_EQ(out.size() % 4, 0U);
  buffer.resize(out.size());
  return buffer;
}

TEST(WriteRtpExtensions, TakesTheOneByteFormWhileItDoes) {
  const auto sixteen = std::vector<std::uint8_t>(16, 7);
  const RtpExtensionElement elements[] = {{1, bytes_of("a")}, {14, sixteen}};
  EXPECT_EQ(written(elements), hex("bede 0005 10 61 ef 07070707070707070707070707070707 00"));
  EXPECT_TRUE(written({}).empty());
}

TEST(WriteRtpExtensions, TakesTheTwoByteFormWhenAnElementNeedsIt) {
  const auto seventeen = std::vector<std::uint8_t>(17, 7);
  for (const RtpExtensionElement& element :
       {RtpExtensionElement{16, bytes_of("a")}, RtpExtensionElement{1, seventeen},
        RtpExtensionElement{1, {}}}) {
    const RtpExtensionElement elements[] = {element, {2, bytes_of("b")}};
    const auto block = written(elements);
    EXPECT_EQ(ByteReader(block).u16(), 0x1000);
    RtpExtensionReader reader(0x1000, Bytes(block).subspan(4));
    const auto first = reader.next();
    ASSERT_TRUE(first);
    EXPECT_EQ(first->id, element.id);
    EXPECT_EQ(first->data.size(), element.data.size());
    EXPECT_EQ(reader.next()->id, 2);
    EXPECT_FALSE(reader.next());
  }
}

TEST(RtpExtensionUris, AreFoundBothWays) {
  for (std::size_t i = 0; i < rtc::kRtpExtensionCount; ++i) {
    const auto extension = static_cast<RtpExtension>(i);
    EXPECT_EQ(rtc::rtp_extension_of(rtc::uri_of(extension)), extension);
  }
  EXPECT_EQ(rtc::uri_of(RtpExtension::VideoLayersAllocation),
            "http://www.webrtc.org/experiments/rtp-hdrext/video-layers-allocation00");
  EXPECT_EQ(rtc::rtp_extension_of("urn:x"), std::nullopt);
  EXPECT_EQ(rtc::rtp_extension_of(""), std::nullopt);
}

TEST(RtpExtensionIds, RefusesForbiddenAndTakenIds) {
  RtpExtensionIds ids;
  EXPECT_FALSE(ids.set(RtpExtension::Mid, 0));
  EXPECT_FALSE(ids.set(RtpExtension::Mid, 15));
  EXPECT_TRUE(ids.set(RtpExtension::Mid, 4));
  EXPECT_FALSE(ids.set(RtpExtension::AudioLevel, 4));
  EXPECT_TRUE(ids.set(RtpExtension::Mid, 5));
  EXPECT_TRUE(ids.set(RtpExtension::AudioLevel, 4));
  EXPECT_EQ(ids.id_of(RtpExtension::Mid), 5);
  EXPECT_EQ(ids.extension_of(4), RtpExtension::AudioLevel);
  EXPECT_EQ(ids.extension_of(6), std::nullopt);
  EXPECT_EQ(ids.id_of(RtpExtension::PlayoutDelay), 0);
}

TEST(RtpExtensionValues, FindsByMeaningAndTakesTheFirstOfTwo) {
  RtpExtensionIds ids;
  ids.set(RtpExtension::Mid, 4);
  ids.set(RtpExtension::AudioLevel, 14);
  const auto block = hex("e0b0 4031 4032 50aa");
  const auto values = RtpExtensionValues::read(0xBEDE, block, ids);
  ASSERT_TRUE(values[RtpExtension::Mid]);
  EXPECT_EQ(text_of(*values[RtpExtension::Mid]), "1");
  EXPECT_EQ(values[RtpExtension::AudioLevel]->front(), 0xB0);
  EXPECT_FALSE(values[RtpExtension::AbsSendTime]);
}

}  // namespace
