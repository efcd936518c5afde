// Goal: a receiver of some temporal layers, to whom nothing is lost, misses no sequence number,
// however late what it does not get comes to us: else it would ask for that again and again. Nor a
// picture id, where it is certain that it does not get what is missing. Method: a VP8 sender with
// padding among its pictures, and packets that are overtaken by others; the layers that are wished
// for change; many seeds. In every other one it is certain: one packet at a time is overtaken, and
// the receiver gets all layers, from a key frame on, or the base alone.
#include <gtest/gtest.h>

#include <set>

#include "base/random.hpp"
#include "rtc/rtp/unwrapper.hpp"
#include "tests/transport/engine_fixture.hpp"

namespace {

using namespace std::chrono_literals;
using namespace rtc;
using namespace rtc::testing;

constexpr std::size_t kLate = 4;  // packets that may overtake one

class LayerGapSimTest : public EngineFixture {
 protected:
  // A picture every 20 ms, of temporal layers 0, 2, 1, 2; its id has 15 bits or 7.
  Octets packet(std::uint16_t number) {
    constexpr std::uint8_t kLayers[] = {0, 2, 1, 2};
    const std::uint8_t layer = kLayers[number % 4];
    const bool is_key = number % 64 == 0;
    // X; I, L and T; the picture id; TL0PICIDX; TID and Y; the frame's first octet.
    Octets payload{0x90, 0xE0};
    if (has_long_ids) payload.push_back(static_cast<std::uint8_t>(0x80 | (number >> 8)));
    payload.push_back(static_cast<std::uint8_t>(has_long_ids ? number : number & 0x7F));
    payload.push_back(static_cast<std::uint8_t>(number / 4));
    payload.push_back(static_cast<std::uint8_t>((layer << 6) | (begins_layers ? 0x20 : 0)));
    payload.push_back(is_key ? 0x00 : 0x01);
    return media(1800U * number, payload);
  }
  Octets media(std::uint32_t timestamp, const Octets& payload) {
    return rtp_packet({.payload_type = kPayloadType,
                       .marker = true,
                       .sequence = sequence++,
                       .timestamp = timestamp,
                       .ssrc = kSsrc},
                      payload);
  }

  // A number for each that went out, and none between.
  static bool has_gap(const std::set<std::int64_t>& numbers) {
    const std::int64_t span = *numbers.rbegin() - *numbers.begin() + 1;
    return static_cast<std::size_t>(span) != numbers.size();
  }

  std::uint16_t sequence = 0;
  bool has_long_ids = true;
  bool begins_layers = true;  // at every picture of a higher one
};

TEST_F(LayerGapSimTest, WhatComesLateAndIsNotWantedLeavesNoGap) {
  const auto source = *engine.open_plain({.path = path(1), .send_key = {}, .receive_key = {}});
  std::size_t fillers = 0;
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    SCOPED_TRACE(::testing::Message() << "seed " << seed);
    SeededRandom random(seed);
    sequence = static_cast<std::uint16_t>(random.u32());
    has_long_ids = seed % 3 == 0;
    const bool is_certain = seed % 2 == 1;
    begins_layers = !is_certain;
    const std::size_t late = is_certain ? 2 : kLate;
    const auto producer = *engine.produce(source, one_stream(MediaCodec::Vp8));
    const auto sink = *engine.open_plain({.path = path(2), .send_key = {}, .receive_key = {}});
    const auto consumer = *engine.consume(sink, producer, video_consumer(10));
    std::vector<Octets> order;
    for (std::uint16_t number = 0; number < 300; ++number) {
      order.push_back(packet(number));
      if (random.u32() % 20 == 0) order.push_back(media(1800U * number, {}));
    }
    // The first one, and some last ones, come in time: they tell what lies between.
    for (std::size_t at = 1; at + 2 * kLate < order.size(); ++at) {
      if (random.u32() % 5 == 0) std::swap(order[at], order[at + random.u32() % late]);
    }
    SequenceUnwrapper unwrapper;
    std::set<std::int64_t> received;
    PictureNumbers picture_numbers;
    std::set<std::int64_t> pictures;
    for (std::size_t at = 0; at < order.size(); ++at) {
      const Instant now = Instant::at(at * 20ms);
      if (random.u32() % 10 == 0) {
        const std::size_t layer = random.u32() % 3;
        engine.prefer_layers(now, consumer, {.temporal = is_certain && layer == 1 ? 2 : layer});
      }
      engine.handle_datagram(now, path(1), order[at], out);
      for (const Octets& datagram : sent_to(2)) {
        const auto view = RtpView::parse(datagram);
        ASSERT_TRUE(received.insert(unwrapper.unwrap(view->header.sequence)).second);
        if (view->payload.empty()) {
          ++fillers;
        } else {
          const auto vp8 = Vp8Descriptor::parse(view->payload);
          pictures.insert(
              picture_numbers.number_of(vp8->picture_id, vp8->has_long_picture_id, false));
        }
      }
      out.clear();
    }
    ASSERT_GT(received.size(), 100U);
    EXPECT_FALSE(has_gap(received));
    if (is_certain) EXPECT_FALSE(has_gap(pictures));
    engine.close_transport(sink, out);
    engine.close_producer(producer);
  }
  EXPECT_GT(fillers, 1000U);
}

}  // namespace
