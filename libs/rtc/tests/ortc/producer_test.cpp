// A producer's way into the router: its mapping and what the router makes of it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "rtc/ortc/consumable.hpp"
#include "rtc/ortc/extension_uris.hpp"
#include "rtc/ortc/producer_mapping.hpp"
#include "support.hpp"

namespace rtc::ortc {
namespace {

Encoding encoding_of(std::string_view rid) {
  Encoding encoding;
  encoding.rid = rid;
  return encoding;
}

RtpMapping mapping_of(const RtpParameters& producer, const RtpCapabilities& capabilities) {
  SeededRandom random(7);
  auto mapping = producer_mapping(producer, capabilities, random);
  EXPECT_TRUE(mapping);
  return mapping.value_or(RtpMapping{});
}

std::vector<std::string> uris_of(const RtpParameters& parameters) {
  std::vector<std::string> uris;
  for (const Extension& extension : parameters.extensions) uris.push_back(extension.uri);
  return uris;
}

TEST(ProducerMapping, LeadsToTheRoutersPayloadTypesAndARunOfSsrcs) {
  const auto producer = vp8_producer({encoding_of("r0"), encoding_of("r1")});
  const auto mapping = mapping_of(producer, router());
  ASSERT_EQ(mapping.codecs.size(), 2U);
  EXPECT_EQ(mapping.codecs[0].from, 96);
  EXPECT_EQ(mapping.codecs[0].to, 101);
  EXPECT_EQ(mapping.codecs[1].from, 97);
  EXPECT_EQ(mapping.codecs[1].to, 102);
  ASSERT_EQ(mapping.encodings.size(), 2U);
  EXPECT_EQ(mapping.encodings[0].rid, "r0");
  EXPECT_EQ(mapping.encodings[1].mapped_ssrc, mapping.encodings[0].mapped_ssrc + 1);
  EXPECT_GE(mapping.encodings[0].mapped_ssrc, 100'000'000U);
}

TEST(ProducerMapping, RefusesWhatTheRouterLacks) {
  SeededRandom random(7);
  auto producer = vp8_producer({});
  producer.codecs[0].mime_type = "video/H265";
  EXPECT_EQ(producer_mapping(producer, router(), random).error().code, ErrorCode::Unsupported);

  auto without_rtx = router();
  without_rtx.codecs.erase(without_rtx.codecs.begin() + 2);
  EXPECT_EQ(producer_mapping(vp8_producer({}), without_rtx, random).error().code,
            ErrorCode::Unsupported);
}

TEST(ProducerMapping, RefusesRtxOfNothing) {
  SeededRandom random(7);
  auto producer = vp8_producer({});
  producer.codecs[1].parameters["apt"] = std::int64_t{97};
  EXPECT_EQ(producer_mapping(producer, router(), random).error().code, ErrorCode::BadApt);
  producer.codecs[1].parameters.clear();
  EXPECT_EQ(producer_mapping(producer, router(), random).error().code, ErrorCode::BadApt);
}

TEST(Consumable, HasTheRoutersNumbersAndTheProducersFormat) {
  auto producer = vp8_producer({encoding_of("r0"), encoding_of("r1")});
  producer.codecs[0].parameters["x-google-start-bitrate"] = std::int64_t{1000};
  producer.encodings[0].rtx_ssrc = 5;
  const auto mapping = mapping_of(producer, router());
  const auto consumable = consumable_parameters(MediaKind::Video, producer, router(), mapping);
  ASSERT_TRUE(consumable);
  ASSERT_EQ(consumable->codecs.size(), 2U);
  EXPECT_EQ(consumable->codecs[0].payload_type, 101);
  EXPECT_EQ(consumable->codecs[0].parameters, producer.codecs[0].parameters);
  EXPECT_EQ(consumable->codecs[0].feedback, router().codecs[1].feedback);
  EXPECT_EQ(consumable->codecs[1].payload_type, 102);
  ASSERT_EQ(consumable->encodings.size(), 2U);
  EXPECT_EQ(consumable->encodings[1].ssrc, mapping.encodings[1].mapped_ssrc);
  EXPECT_FALSE(consumable->encodings[0].rid);
  EXPECT_FALSE(consumable->encodings[0].rtx_ssrc);
  EXPECT_EQ(consumable->rtcp.cname, "cname");
}

TEST(Consumable, CarriesTheNegotiatedLevelOfH264) {
  RtpParameters producer;
  producer.codecs = {h264("42e034")};
  producer.codecs[0].payload_type = 96;
  producer.codecs[0].parameters["level-asymmetry-allowed"] = std::int64_t{0};
  const auto mapping = mapping_of(producer, router());
  const auto consumable = consumable_parameters(MediaKind::Video, producer, router(), mapping);
  EXPECT_EQ(*find(consumable->codecs[0].parameters, "profile-level-id"),
            Scalar{std::string("42e01f")});
}

TEST(Consumable, OffersOnlyExtensionsThatWeCanSend) {
  auto producer = vp8_producer({});
  const auto mapping = mapping_of(producer, router());
  const auto without = consumable_parameters(MediaKind::Video, producer, router(), mapping);
  EXPECT_THAT(uris_of(*without), testing::Contains(kUriMid));
  EXPECT_THAT(uris_of(*without), testing::Not(testing::Contains(kUriRid)));
  EXPECT_THAT(uris_of(*without), testing::Not(testing::Contains(kUriAbsCaptureTime)));

  producer.extensions.push_back(
      {.uri = std::string(kUriAbsCaptureTime), .id = 3, .encrypt = false, .parameters = {}});
  const auto with = consumable_parameters(MediaKind::Video, producer, router(), mapping);
  EXPECT_THAT(uris_of(*with), testing::Contains(kUriAbsCaptureTime));
}

TEST(Consumable, RefusesAMappingOfAnotherProducer) {
  const auto producer = vp8_producer({encoding_of("r0")});
  const auto good = mapping_of(producer, router());
  const auto error = [&](const RtpMapping& mapping) {
    return consumable_parameters(MediaKind::Video, producer, router(), mapping).error().code;
  };
  RtpMapping no_codec = good;
  no_codec.codecs.clear();
  EXPECT_EQ(error(no_codec), ErrorCode::BadMapping);
  RtpMapping other_codec = good;
  other_codec.codecs[0].to = 100;
  EXPECT_EQ(error(other_codec), ErrorCode::BadMapping);
  RtpMapping unknown = good;
  unknown.codecs[0].to = 1;
  EXPECT_EQ(error(unknown), ErrorCode::BadMapping);
  RtpMapping no_encoding = good;
  no_encoding.encodings.clear();
  EXPECT_EQ(error(no_encoding), ErrorCode::BadMapping);
}

}  // namespace
}  // namespace rtc::ortc
