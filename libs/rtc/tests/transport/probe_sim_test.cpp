// Goal: who could get a better layer finds out soon, and who cannot is not driven into loss by
// trying. Method: an engine, a path with a bottleneck, and a browser that reports arrivals, for
// several seeds; three encodings of 100, 400 and 1500 kbit/s.
#include <gtest/gtest.h>

#include "netsim/link.hpp"
#include "netsim/world.hpp"
#include "rtc/rtp/extension_values.hpp"
#include "rtc/stream/transport_feedback_recorder.hpp"
#include "rtc/testing/datagrams.hpp"
#include "tests/transport/browser.hpp"
#include "tests/transport/engine_fixture.hpp"

namespace {

using namespace std::chrono_literals;
using namespace rtc;
using namespace rtc::testing;

struct Frame {
  int packets;
  std::size_t octets;  // of a packet
};
constexpr Frame kFrames[] = {{1, 250}, {1, 1000}, {3, 1250}};  // every 20 ms

class Viewer {
 public:
  Viewer(std::uint64_t seed, DataRate capacity)
      : world_(seed),
        down_({.delay = 20ms,
               .jitter = 2ms,
               .keeps_order = true,
               .rate_bps = static_cast<std::uint64_t>(capacity.bps()),
               .seed = world_.fork_seed()}),
        up_({.delay = 20ms}),
        credentials_(IceCredentials::generate(world_.random())),
        browser_(path(2), credentials_) {
    const auto source = *engine_.open_plain({.path = path(1), .send_key = {}, .receive_key = {}});
    producer_ = *engine_.produce(source, {.kind = MediaKind::Video,
                                          .codec = MediaCodec::Vp8,
                                          .payload_type = 101,
                                          .streams = {{.ssrc = 1}, {.ssrc = 2}, {.ssrc = 3}}});
    const auto sink = *engine_.open_web_rtc(now_, credentials_, identity_);
    browser_.connect(now_, engine_, sink, out_, identity_.fingerprint(DtlsHash::Sha256));
    Consumer::Options options{
        .ssrc = 9, .payload_type = 101, .rtx_ssrc = 10, .rtx_payload_type = 102};
    options.extension_ids = ids();
    consumer_ = *engine_.consume(sink, producer_, options);
  }

  void run(Duration time) {
    for (const Instant end = now_ + time; now_ < end; now_ = now_ + 1ms) {
      if (now_.since_zero() % 20ms == 0s) send_frame();
      if (now_.since_zero() % 5s == 0s) give(browser_.check());
      if (engine_.next_timeout() <= now_) engine_.handle_timeout(now_, out_);
      carry();
    }
  }
  std::size_t layer() const { return *engine_.consumer(consumer_)->current(); }
  std::uint64_t lost() const { return down_.dropped(); }
  std::size_t padding() const { return padding_; }  // octets

 private:
  static RtpExtensionIds ids() {
    RtpExtensionIds ids;
    ids.set(RtpExtension::TransportSequence, 5);
    return ids;
  }
  void give(Octets datagram) { engine_.handle_datagram(now_, path(2), datagram, out_); }
  void send_frame() {
    ++frame_;
    for (std::size_t i = 0; i < 3; ++i) {
      for (int k = 0; k < kFrames[i].packets; ++k) {
        Octets payload(kFrames[i].octets, 0);
        if (k == 0) payload[0] = 0x10;  // a key frame begins
        auto datagram = rtp_packet({.payload_type = 101,
                                    .marker = k + 1 == kFrames[i].packets,
                                    .sequence = ++sequences_[i],
                                    .timestamp = 1800U * frame_,
                                    .ssrc = static_cast<std::uint32_t>(i + 1)},
                                   payload);
        engine_.handle_datagram(now_, path(1), datagram, out_);
      }
    }
  }
  void carry() {
    for (const auto& slot : rtc::testing::datagrams_in(out_)) {
      if (slot.path != path(2)) continue;
      down_.send(now_, Octets(slot.octets.begin(), slot.octets.end()), slot.octets.size() + 28);
    }
    out_.clear();
    while (auto datagram = down_.poll(now_)) browser_.receive(now_, *datagram);
    for (const Octets& datagram : browser_.take_rtp()) {
      const auto view = RtpView::parse(datagram);
      const auto values = RtpExtensionValues::read(view->extension_profile, view->extension, ids());
      const auto number = parse_transport_sequence(*values[RtpExtension::TransportSequence]);
      recorder_.on_packet(now_, *number, view->header.ssrc);
      if (view->header.ssrc == 10) padding_ += view->payload.size();
    }
    std::array<std::uint8_t, TransportFeedbackBuilder::kSizeMax> buffer;
    for (;;) {
      const Bytes report = recorder_.poll_feedback(now_, buffer);
      if (report.empty()) break;
      up_.send(now_, browser_.protect_rtcp(Octets(report.begin(), report.end())));
    }
    while (auto report = up_.poll(now_)) give(*report);
  }

  sim::World world_;
  Instant now_ = Instant::at(1s);
  sim::Link<Octets> down_;
  sim::Link<Octets> up_;
  IceCredentials credentials_;
  Browser browser_;
  DtlsIdentity identity_{1'800'000'000};
  MediaEngine engine_{now_};
  Outbox out_{512};
  ProducerId producer_{};
  ConsumerId consumer_{};
  TransportFeedbackRecorder recorder_{{}};
  std::array<std::uint16_t, 3> sequences_{};
  std::uint16_t frame_ = 0;
  std::size_t padding_ = 0;
};

TEST(ProbeSim, AWidePathIsFoundWithinTenSeconds) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    SCOPED_TRACE(::testing::Message() << "seed " << seed);
    Viewer viewer(seed, DataRate::kbps(3000));
    viewer.run(10s);
    EXPECT_EQ(viewer.layer(), 2U);
    EXPECT_EQ(viewer.lost(), 0U);
    const std::size_t padding = viewer.padding();
    EXPECT_GT(padding, 0U);
    viewer.run(20s);
    EXPECT_EQ(viewer.layer(), 2U);
    EXPECT_EQ(viewer.padding(), padding) << "there is nothing left to wish for";
  }
}

TEST(ProbeSim, ANarrowPathIsNotDrivenIntoLoss) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    SCOPED_TRACE(::testing::Message() << "seed " << seed);
    Viewer viewer(seed, DataRate::kbps(250));
    viewer.run(3s);  // the first frames go out before anything is known of the path
    const std::uint64_t lost = viewer.lost();
    viewer.run(60s);
    EXPECT_EQ(viewer.layer(), 0U);
    EXPECT_LE(viewer.lost(), lost + 5);
    EXPECT_GT(viewer.padding(), 0U);
    EXPECT_LT(viewer.padding(), 60 * 100'000 / 8 / 2U) << "half of what the media takes";
  }
}

}  // namespace
