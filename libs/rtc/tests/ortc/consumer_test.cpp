#include "rtc/ortc/consumer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "rtc/ortc/consumable.hpp"
#include "rtc/ortc/consumer_encodings.hpp"
#include "rtc/ortc/extension_uris.hpp"
#include "rtc/ortc/producer_mapping.hpp"
#include "support.hpp"

namespace rtc::ortc {
namespace {

using testing::Contains;
using testing::Not;

RtpParameters consumable_of(const RtpParameters& producer, MediaKind kind = MediaKind::Video) {
  SeededRandom random(7);
  const auto mapping = producer_mapping(producer, router(), random);
  return *consumable_parameters(kind, producer, router(), *mapping);
}

RtpParameters consumer_of(const RtpParameters& consumable, const RtpCapabilities& receiver,
                          const ConsumerOptions& options = {}) {
  SeededRandom random(8);
  auto consumer = consumer_parameters(consumable, receiver, options, random);
  EXPECT_TRUE(consumer);
  return consumer.value_or(RtpParameters{});
}

RtpParameters opus_producer() {
  RtpParameters producer;
  producer.codecs = {opus()};
  producer.codecs[0].payload_type = 111;
  producer.encodings.resize(1);
  return producer;
}

// What a router has, as a receiver: without these extensions.
RtpCapabilities receiver_without(const std::vector<std::string_view>& uris) {
  RtpCapabilities receiver = router();
  std::erase_if(receiver.extensions, [&](const ExtensionCapability& extension) {
    return std::ranges::find(uris, extension.uri) != uris.end();
  });
  return receiver;
}

std::vector<std::string> feedback_of(const Codec& codec) {
  std::vector<std::string> words;
  for (const RtcpFeedback& one : codec.feedback) words.push_back(one.type + "/" + one.parameter);
  return words;
}

std::vector<std::string> uris_of(const RtpParameters& parameters) {
  std::vector<std::string> uris;
  for (const Extension& extension : parameters.extensions) uris.push_back(extension.uri);
  return uris;
}

TEST(CanConsume, NeedsAMediaCodecInCommon) {
  const auto consumable = consumable_of(vp8_producer({}));
  EXPECT_TRUE(can_consume(consumable, router()));
  EXPECT_FALSE(can_consume(consumable, {}));
  RtpCapabilities rtx_alone;
  rtx_alone.codecs = {router().codecs[2]};
  EXPECT_FALSE(can_consume(consumable, rtx_alone));
}

TEST(Consumer, MergesSimulcastIntoOneStream) {
  std::vector<Encoding> encodings(3);
  encodings[0].max_bitrate = 100'000;
  encodings[1].max_bitrate = 900'000;
  encodings[1].scalability_mode = "L1T3";
  const auto consumer = consumer_of(consumable_of(vp8_producer(encodings)), router());
  ASSERT_EQ(consumer.encodings.size(), 1U);
  EXPECT_EQ(consumer.encodings[0].scalability_mode, "L3T3");
  EXPECT_EQ(consumer.encodings[0].max_bitrate, 900'000);
  EXPECT_EQ(*consumer.encodings[0].rtx_ssrc, *consumer.encodings[0].ssrc + 1);
}

TEST(Consumer, KeepsAllEncodingsForAPipe) {
  const auto consumable = consumable_of(vp8_producer(std::vector<Encoding>(3)));
  const auto consumer = consumer_of(consumable, router(), {.pipe = true, .enable_rtx = {}});
  ASSERT_EQ(consumer.encodings.size(), 3U);
  for (std::uint32_t i = 0; i < 3; ++i) {
    EXPECT_EQ(*consumer.encodings[i].ssrc, *consumer.encodings[0].ssrc + i);
    EXPECT_EQ(*consumer.encodings[i].rtx_ssrc, *consumer.encodings[0].rtx_ssrc + i);
  }
}

TEST(Consumer, GivesVideoRtxAndAudioNoneByDefault) {
  const auto video = consumable_of(vp8_producer(std::vector<Encoding>(1)));
  EXPECT_TRUE(consumer_of(video, router()).encodings[0].rtx_ssrc);
  const auto bare = consumer_of(video, router(), {.pipe = false, .enable_rtx = false});
  EXPECT_EQ(bare.codecs.size(), 1U);
  EXPECT_FALSE(bare.encodings[0].rtx_ssrc);
  EXPECT_THAT(feedback_of(bare.codecs[0]), Not(Contains("nack/")));
  EXPECT_THAT(feedback_of(bare.codecs[0]), Contains("nack/pli"));

  const auto audio = consumable_of(opus_producer(), MediaKind::Audio);
  EXPECT_THAT(feedback_of(consumer_of(audio, router()).codecs[0]), Not(Contains("nack/")));
  const auto repaired = consumer_of(audio, router(), {.pipe = false, .enable_rtx = true});
  EXPECT_THAT(feedback_of(repaired.codecs[0]), Contains("nack/"));
}

TEST(Consumer, ChoosesOneKindOfBandwidthFeedback) {
  const auto consumable = consumable_of(vp8_producer({}));
  const auto feedback = [&](const std::vector<std::string_view>& lacking) {
    return feedback_of(consumer_of(consumable, receiver_without(lacking)).codecs[0]);
  };
  EXPECT_THAT(feedback({}), Contains("transport-cc/"));
  EXPECT_THAT(feedback({}), Not(Contains("goog-remb/")));
  EXPECT_THAT(feedback({kUriTransportCc}), Contains("goog-remb/"));
  EXPECT_THAT(feedback({kUriTransportCc}), Not(Contains("transport-cc/")));
  EXPECT_THAT(feedback({kUriTransportCc, kUriAbsSendTime}), Not(Contains("goog-remb/")));
  EXPECT_THAT(feedback({kUriTransportCc, kUriAbsSendTime}), Not(Contains("transport-cc/")));
}

TEST(Consumer, TakesExtensionsByUriAndIdWhateverTheirKind) {
  const auto consumable = consumable_of(opus_producer(), MediaKind::Audio);
  RtpCapabilities receiver = router();
  receiver.extensions = {{MediaKind::Video, std::string(kUriMid), 1, false, Direction::SendRecv},
                         {MediaKind::Video, std::string(kUriAudioLevel), 9, false, {}}};
  EXPECT_THAT(uris_of(consumer_of(consumable, receiver)), testing::ElementsAre(kUriMid));
}

TEST(Consumer, LeavesOutRtxWhoseCodecIsLeftOut) {
  RtpParameters producer = vp8_producer({});
  producer.codecs.push_back(h264("42e01f"));
  producer.codecs.back().payload_type = 98;
  RtpCapabilities receiver;
  receiver.codecs = {vp8(), codec_of("video/rtx", 90'000, {{"apt", std::int64_t{96}}})};
  const auto consumer = consumer_of(consumable_of(producer), receiver);
  ASSERT_EQ(consumer.codecs.size(), 2U);
  EXPECT_EQ(consumer.codecs[0].payload_type, 101);
  EXPECT_EQ(consumer.codecs[1].payload_type, 102);
}

TEST(Consumer, IsUnsupportedWithoutAMediaCodec) {
  SeededRandom random(8);
  const auto consumable = consumable_of(vp8_producer({}));
  EXPECT_EQ(consumer_parameters(consumable, {}, {}, random).error().code, ErrorCode::Unsupported);
}

TEST(PipeConsumer, KeepsWhatIsNotOfOneTransport) {
  SeededRandom random(8);
  const auto consumable = consumable_of(vp8_producer(std::vector<Encoding>(2)));
  const auto consumer = pipe_consumer_parameters(consumable, true, random);
  EXPECT_EQ(consumer.encodings.size(), 2U);
  EXPECT_THAT(uris_of(consumer), Not(Contains(kUriMid)));
  EXPECT_THAT(uris_of(consumer), Not(Contains(kUriAbsSendTime)));
  EXPECT_THAT(uris_of(consumer), Not(Contains(kUriTransportCc)));
  EXPECT_THAT(uris_of(consumer), Contains(kUriVideoOrientation));
  EXPECT_THAT(uris_of(consumer), Contains(kUriDependencyDescriptor));
  EXPECT_THAT(feedback_of(consumer.codecs[0]),
              testing::ElementsAre("nack/", "nack/pli", "ccm/fir"));
  const auto bare = pipe_consumer_parameters(consumable, false, random);
  EXPECT_EQ(bare.codecs.size(), 1U);
  EXPECT_FALSE(bare.encodings[0].rtx_ssrc);
  EXPECT_THAT(feedback_of(bare.codecs[0]), testing::ElementsAre("nack/pli", "ccm/fir"));
}

TEST(PipedEncodings, NeverShareAnSsrc) {
  SeededRandom random(9);
  for (int round = 0; round < 1000; ++round) {
    std::set<std::uint32_t> ssrcs;
    for (const Encoding& one :
         piped_encodings(std::vector<Encoding>(kEncodingsMax), true, random)) {
      ssrcs.insert(*one.ssrc);
      ssrcs.insert(*one.rtx_ssrc);
    }
    ASSERT_EQ(ssrcs.size(), 2 * kEncodingsMax);
  }
}

TEST(ScalabilityMode, TellsItsLayers) {
  EXPECT_EQ(ScalabilityMode::parse("L1T3").temporal_layers, 3);
  EXPECT_EQ(ScalabilityMode::parse("S3T2").temporal_layers, 2);
  EXPECT_EQ(ScalabilityMode::parse("L3T3_KEY").temporal_layers, 3);
  EXPECT_EQ(ScalabilityMode::parse("L3T3_KEY").spatial_layers, 3);
  EXPECT_EQ(ScalabilityMode::parse("L1T3").spatial_layers, 1);
  EXPECT_EQ(ScalabilityMode::parse("L12T10h").temporal_layers, 10);
  for (const std::string_view none :
       {"", "L", "L1", "L1T", "L0T3", "L1T0", "1T3", "T3", "L123T3"}) {
    EXPECT_EQ(ScalabilityMode::parse(none).temporal_layers, 1) << none;
  }
}

}  // namespace
}  // namespace rtc::ortc
