// Goal: however often a receiver is moved between three simulcast layers, paused and resumed, with
// loss, reordering and duplication on the way in, its stream has no sequence number twice, no
// unexplained gap, picture ids and timestamps that only go up, and begins with a key frame after
// every switch; the same at the other end of a pipe. Method: three VP8 senders with numbers that
// start anywhere (and so wrap), a random script a seed, and a decoder's view of what comes out.
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "base/random.hpp"
#include "rtc/rtp/unwrapper.hpp"
#include "tests/transport/engine_pair.hpp"

namespace {

using namespace std::chrono_literals;
using namespace rtc;
using namespace rtc::testing;

constexpr std::size_t kLayers = 3;
constexpr int kFramesOfOneSeed = 140;

// One encoder: a frame of one to three packets every 33 ms, a key frame when asked or at times.
struct Layer {
  std::uint32_t ssrc = 0;
  std::uint16_t sequence = 0;
  std::uint32_t timestamp = 0;
  std::uint16_t picture_id = 0;
  std::uint8_t tl0 = 0;
  bool wants_key_frame = true;

  std::vector<Octets> frame(Random& random) {
    const bool is_key = wants_key_frame || random.u32() % 100 == 0;
    wants_key_frame = false;
    const std::uint32_t count = 1 + random.u32() % 3;
    std::vector<Octets> packets;
    for (std::uint32_t i = 0; i < count; ++i) {
      // X; I and L; a 15-bit picture id; TL0PICIDX; the frame's first octet; and who sent it.
      const Octets payload{static_cast<std::uint8_t>(i == 0 ? 0x90 : 0x80),
                           0xC0,
                           static_cast<std::uint8_t>(0x80 | (picture_id >> 8)),
                           static_cast<std::uint8_t>(picture_id),
                           tl0,
                           static_cast<std::uint8_t>(is_key ? 0x00 : 0x01),
                           static_cast<std::uint8_t>(ssrc)};
      packets.push_back(rtp_packet({.payload_type = 101,
                                    .marker = i + 1 == count,
                                    .sequence = sequence++,
                                    .timestamp = timestamp,
                                    .ssrc = ssrc},
                                   payload));
    }
    picture_id = (picture_id + 1) & 0x7FFF;
    ++tl0;
    timestamp += 2970;
    return packets;
  }
};

// What a receiver sees, and complains about.
class Viewer {
 public:
  void on_packet(const Octets& datagram) {
    const auto view = RtpView::parse(datagram);
    ASSERT_TRUE(view);
    const auto vp8 = Vp8Descriptor::parse(view->payload);
    ASSERT_TRUE(vp8);
    const std::int64_t sequence = sequences_.unwrap(view->header.sequence);
    const std::int64_t picture = pictures_.unwrap(*vp8->picture_id);
    const std::int64_t timestamp = timestamps_.unwrap(view->header.timestamp);
    const std::uint8_t layer = view->payload.back();
    ASSERT_TRUE(seen_.insert(sequence).second) << "sequence number twice";

    const auto [known, is_new] = picture_of_.try_emplace(picture, timestamp, layer);
    ASSERT_EQ(known->second.first, timestamp) << "one picture, two timestamps";
    ASSERT_EQ(known->second.second, layer) << "one picture of two sources";
    if (is_new && known != picture_of_.begin()) {
      ASSERT_LT(std::prev(known)->second.first, timestamp) << "time stands still or goes back";
    }
    if (sequence > newest_ && layer != layer_) {
      ASSERT_TRUE(vp8->is_key_frame) << "a switch away from a key frame";
      layer_ = layer;
      ++switches_;
    }
    newest_ = std::max(newest_, sequence);
  }

  std::size_t gaps() const {
    return seen_.empty()
               ? 0
               : static_cast<std::size_t>(*seen_.rbegin() - *seen_.begin() + 1) - seen_.size();
  }
  int switches() const { return switches_; }
  std::size_t packets() const { return seen_.size(); }

 private:
  SequenceUnwrapper sequences_;
  PictureIdUnwrapper pictures_;
  TimestampUnwrapper timestamps_;
  std::set<std::int64_t> seen_;
  std::map<std::int64_t, std::pair<std::int64_t, std::uint8_t>> picture_of_;
  std::int64_t newest_ = -1;
  int layer_ = -1;
  int switches_ = 0;
};

struct Totals {
  int switches = 0;
  std::size_t packets = 0;
};

std::array<Layer, kLayers> random_layers(SeededRandom& random) {
  std::array<Layer, kLayers> layers;
  for (std::size_t i = 0; i < kLayers; ++i) {
    layers[i] = {.ssrc = static_cast<std::uint32_t>(i + 1),
                 .sequence = static_cast<std::uint16_t>(random.u32()),
                 .timestamp = random.u32(),
                 .picture_id = static_cast<std::uint16_t>(random.u32() & 0x7FFF),
                 .tl0 = static_cast<std::uint8_t>(random.u32())};
  }
  return layers;
}

enum class Receiver { OfTheSameEngine, BehindAPipe };

void run(std::uint64_t seed, double loss, Receiver where, Totals& totals) {
  SCOPED_TRACE(::testing::Message() << "seed " << seed);
  SeededRandom random(seed);
  EnginePair pair;
  MediaEngine& engine = where == Receiver::BehindAPipe ? pair.there : pair.here;
  const auto source = *pair.here.open_plain({.path = path(1), .send_key = {}, .receive_key = {}});
  const auto sink = *engine.open_plain({.path = path(2), .send_key = {}, .receive_key = {}});
  Producer::Options options{
      .kind = MediaKind::Video, .codec = MediaCodec::Vp8, .payload_type = 101, .streams = {}};
  std::array<Layer, kLayers> layers = random_layers(random);
  for (const Layer& layer : layers) {
    options.streams.push_back({.ssrc = layer.ssrc,
                               .rtx_ssrc = {},
                               .clock_rate = 90000,
                               .kind = MediaKind::Video,
                               .uses_nack = false});
  }
  const auto produced = *pair.here.produce(source, options);
  const auto producer = where == Receiver::BehindAPipe ? pair.pipe(produced) : produced;
  Consumer::Options receiver;
  receiver.ssrc = 77;
  receiver.payload_type = 96;
  receiver.first_sequence = static_cast<std::uint16_t>(random.u32() & 0x7FFF);
  const auto consumer = *engine.consume(sink, producer, receiver);

  Viewer viewer;
  std::size_t lost = 0;
  std::vector<Octets> held;  // packets that come later than their successors
  for (int frame = 0; frame < kFramesOfOneSeed; ++frame) {
    const Instant now = Instant::at(frame * 33ms);
    const std::uint32_t act = random.u32() % 4;
    if (act == 0) engine.prefer_layers(now, consumer, {.spatial = random.u32() % kLayers});
    if (act == 1) engine.set_paused(now, consumer, random.u32() % 4 == 0);
    for (Layer& layer : layers) {
      if (random.u32() % 4 == 0) layer.wants_key_frame = true;
      for (Octets& packet : layer.frame(random)) {
        const double chance = random.u32() / 4294967296.0;
        if (chance < loss) {
          ++lost;
          continue;
        }
        if (chance < loss * 2) {
          ++lost;  // as good as, where it comes after a switch
          held.push_back(packet);
          continue;
        }
        const bool twice = chance < loss * 2.2;
        if (twice) pair.receive(now, path(1), packet);
        pair.receive(now, path(1), packet);
      }
    }
    if (random.u32() % 3 == 0) {
      for (const Octets& packet : held) pair.receive(now, path(1), packet);
      held.clear();
    }
    pair.settle(now);
    for (const Octets& datagram : pair.take_sent(2)) {
      if (RtpView::parse(datagram)->header.payload_type == 96) viewer.on_packet(datagram);
      if (::testing::Test::HasFatalFailure()) return;
    }
  }
  EXPECT_LE(viewer.gaps(), lost);
  totals.switches += viewer.switches();
  totals.packets += viewer.packets();
}

class LayerSwitchSimTest : public ::testing::TestWithParam<Receiver> {
 protected:
  // Of the seeds: two engines take twice the time.
  const std::uint64_t share = GetParam() == Receiver::BehindAPipe ? 4 : 1;
};

TEST_P(LayerSwitchSimTest, TenThousandSwitchesWithoutABreak) {
  Totals totals;
  for (std::uint64_t seed = 1; seed <= 1000 / share && !HasFailure(); ++seed)
    run(seed, 0, GetParam(), totals);
  EXPECT_GE(totals.switches, 10'000 / static_cast<int>(share));
  EXPECT_GE(totals.packets, 100'000U / share);
}

TEST_P(LayerSwitchSimTest, LossAndReorderingBreakNothingElse) {
  Totals totals;
  for (std::uint64_t seed = 1; seed <= 200 / share && !HasFailure(); ++seed)
    run(seed, 0.05, GetParam(), totals);
  EXPECT_GE(totals.switches, 1'000 / static_cast<int>(share));
}

INSTANTIATE_TEST_SUITE_P(, LayerSwitchSimTest,
                         ::testing::Values(Receiver::OfTheSameEngine, Receiver::BehindAPipe),
                         [](const auto& one) {
                           return one.param == Receiver::BehindAPipe ? "BehindAPipe"
                                                                     : "OfTheSameEngine";
                         });

}  // namespace
