// The dependency descriptor on its way: AV1 of two spatial and two temporal layers, as Chromium 156
// sent it (payload/captures).
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>

#include "rtc/payload/dependency_descriptor.hpp"
#include "rtc/rtcp/nack.hpp"
#include "rtc/rtp/extension_values.hpp"
#include "tests/transport/engine_fixture.hpp"

namespace {

using namespace std::chrono_literals;
using namespace rtc;
using namespace rtc::testing;

constexpr std::uint8_t kDescriptorId = 13;  // in the capture
constexpr std::uint8_t kReceiversId = 7;

RtpExtensionIds ids_with(std::uint8_t id) {
  RtpExtensionIds ids;
  ids.set(RtpExtension::DependencyDescriptor, id);
  return ids;
}

// As it went out: without what differs between a packet and its retransmission.
struct Sent {
  std::uint16_t sequence = 0;
  bool marker = false;
  Octets descriptor;
  Octets payload;

  friend bool operator==(const Sent&, const Sent&) = default;
};

class DependencyForwardTest : public EngineFixture {
 protected:
  DependencyForwardTest() {
    std::ifstream file(std::filesystem::path(RTC_CAPTURES) / "chromium_av1_l2t2.rtp",
                       std::ios::binary);
    const std::vector<char> text{std::istreambuf_iterator<char>(file), {}};
    const Octets all(text.begin(), text.end());
    ByteReader in(all);
    while (in.remaining() > 0) {
      const Bytes packet = in.take(in.u16());
      capture.emplace_back(packet.begin(), packet.end());
    }
    const auto first = RtpView::parse(capture.at(0))->header;
    const auto source = *engine.open_plain({.path = path(1), .send_key = {}, .receive_key = {}});
    const auto producer = *engine.produce(source, {.kind = MediaKind::Video,
                                                   .codec = MediaCodec::Av1,
                                                   .payload_type = first.payload_type,
                                                   .extension_ids = ids_with(kDescriptorId),
                                                   .streams = {{.ssrc = first.ssrc}}});
    const auto sink = engine.open_plain({.path = path(2), .send_key = {}, .receive_key = {}});
    Consumer::Options options = video_consumer(10, true);
    options.extension_ids = ids_with(kReceiversId);
    consumer = *engine.consume(*sink, producer, options);
  }

  // The whole of it again, with sequence numbers that go on, and all else as it was.
  std::vector<Sent> play(Instant now) { return play(now, capture); }
  std::vector<Sent> play(Instant now, std::span<const Octets> packets) {
    for (const Octets& packet : packets) {
      Octets next = packet;
      ByteWriter(MutableBytes(next).subspan(2)).u16(sequence++);
      receive(now, path(1), next);
    }
    return take(96);
  }
  std::vector<Sent> take(std::uint8_t payload_type) {
    std::vector<Sent> all;
    for (const Octets& datagram : sent_to(2)) {
      const auto view = RtpView::parse(datagram);
      if (view->header.payload_type != payload_type) continue;
      const auto values = RtpExtensionValues::read(view->extension_profile, view->extension,
                                                   ids_with(kReceiversId));
      const auto& data = values[RtpExtension::DependencyDescriptor];
      Sent sent{.sequence = view->header.sequence, .marker = view->header.marker};
      if (data) sent.descriptor.assign(data->begin(), data->end());
      Bytes payload = view->payload;
      if (payload_type == 97) {
        sent.sequence = ByteReader(payload).u16();
        payload = payload.subspan(2);
      }
      sent.payload.assign(payload.begin(), payload.end());
      all.push_back(sent);
    }
    out.clear();
    return all;
  }
  static std::uint16_t frame_of(const Sent& sent) {
    return ByteReader(Bytes(sent.descriptor).subspan(1)).u16();
  }

  std::vector<Octets> capture;
  ConsumerId consumer{};
  std::uint16_t sequence = 0;
};

TEST_F(DependencyForwardTest, APacketThatIsSentAgainIsAsItWas) {
  engine.prefer_layers(Instant(), consumer, {.spatial = 0});
  const auto sent = play(Instant());
  ASSERT_GT(sent.size(), 10U);
  EXPECT_LT(sent.size(), capture.size());
  std::vector<std::uint16_t> sequences;
  std::size_t ends = 0;
  for (const Sent& one : sent) {
    sequences.push_back(one.sequence);
    if (one.marker) ++ends;
  }
  EXPECT_GT(ends, 10U) << "every picture that is left ends";
  receive(Instant::at(100ms), path(2),
          rtcp_packet([&](ByteWriter& writer) { Nack::write(writer, 1, 10, sequences); }));
  EXPECT_EQ(take(97), sent);
}

TEST_F(DependencyForwardTest, TellsTheLayersThatGoOutAndNotTheWish) {
  const auto told = [this] {
    std::vector<std::pair<std::size_t, std::size_t>> layers;
    while (const auto event = engine.poll_event()) {
      const auto* const changed = std::get_if<LayersChanged>(&*event);
      if (changed != nullptr) layers.emplace_back(changed->spatial, changed->temporal);
    }
    return layers;
  };
  using Told = std::vector<std::pair<std::size_t, std::size_t>>;
  const std::span<const Octets> all(capture);
  EXPECT_EQ(engine.layers_sent(consumer), std::nullopt);
  play(Instant(), all.first(20));
  EXPECT_EQ(engine.layers_sent(consumer), (LayerTarget{.spatial = 1, .temporal = 1}));
  engine.handle_timeout(Instant::at(200ms), out);
  EXPECT_EQ(told(), (Told{{1, 1}}));
  engine.prefer_layers(Instant::at(250ms), consumer, {.spatial = 0, .temporal = 0});
  engine.handle_timeout(Instant::at(400ms), out);
  EXPECT_EQ(told(), Told()) << "nothing else went out yet";
  play(Instant::at(500ms), all.subspan(20));
  engine.handle_timeout(Instant::at(600ms), out);
  EXPECT_EQ(told(), (Told{{0, 0}}));
  EXPECT_EQ(engine.layers_sent(consumer), (LayerTarget{.spatial = 0, .temporal = 0}));
}

TEST_F(DependencyForwardTest, FrameNumbersGoOnOverABreak) {
  const auto before = play(Instant());
  ASSERT_EQ(before.size(), capture.size());
  engine.set_paused(Instant::at(1s), consumer, true);
  engine.set_paused(Instant::at(2s), consumer, false);
  const auto after = play(Instant::at(3s));  // of the lower layer alone, as nothing came lately
  ASSERT_GT(after.size(), 10U);
  std::map<Octets, std::uint16_t> frames;
  for (const Sent& one : before) frames[one.payload] = frame_of(one);
  const auto step = static_cast<std::uint16_t>(frame_of(before.back()) + 1 - frame_of(before[0]));
  EXPECT_GT(step, 10);
  for (const Sent& one : after) {
    EXPECT_EQ(frame_of(one), static_cast<std::uint16_t>(frames.at(one.payload) + step));
  }
}

}  // namespace
