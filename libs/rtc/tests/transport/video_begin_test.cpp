// Where the video of a receiver begins, and begins anew: at a key frame that reaches it, which is
// asked for as soon as it can.
#include <functional>

#include "rtc/rtcp/pli.hpp"
#include "tests/transport/web_rtc_fixture.hpp"

namespace {

using namespace std::chrono_literals;
using namespace rtc;
using namespace rtc::testing;

constexpr std::string_view kKeyFrame("\x10\x00", 2);
constexpr std::string_view kDeltaFrame("\x10\x01", 2);

class VideoBeginTest : public WebRtcFixture {
 protected:
  void consume(const End& sink) {
    producer = *engine.produce(source.id, {.kind = MediaKind::Video,
                                           .codec = MediaCodec::Vp8,
                                           .payload_type = 101,
                                           .streams = {{.ssrc = 5}}});
    ASSERT_TRUE(engine.consume(sink.id, producer, {.ssrc = 9, .payload_type = 101}));
  }

  // A picture of the source; the sequence number that the sink gets it with, if it does.
  std::optional<std::uint16_t> send(std::string_view picture, End& sink) {
    auto datagram = source.browser.protect_rtp(
        {.payload_type = 101, .sequence = ++sequence, .timestamp = 3000U * sequence, .ssrc = 5}, {},
        bytes_of(picture));
    engine.handle_datagram(now, source.browser.path(), datagram, out);
    sink.browser.take(now, out);
    const auto rtp = sink.browser.take_rtp();
    return rtp.empty() ? std::optional<std::uint16_t>() : RtpView::parse(rtp[0])->header.sequence;
  }

  // What is due now; how often the source is asked for a key frame by it.
  int key_frames_asked() {
    engine.handle_timeout(now, out);
    source.browser.take(now, out);
    int asked = 0;
    for (const auto& datagram : source.browser.take_rtcp()) {
      RtcpReader reader(datagram);
      while (const auto packet = reader.next()) asked += Pli::parse(*packet) ? 1 : 0;
    }
    return asked;
  }

  End& source = open_connected(1);
  ProducerId producer{};
  std::uint16_t sequence = 0;
};

TEST_F(VideoBeginTest, WhoIsNotConnectedYetCostsNoKeyFrameAndMissesNone) {
  End& sink = open(2);
  consume(sink);
  EXPECT_EQ(key_frames_asked(), 0);
  EXPECT_FALSE(send(kKeyFrame, sink));
  sink.browser.connect(now, engine, sink.id, out, identity.fingerprint(DtlsHash::Sha256));
  EXPECT_EQ(key_frames_asked(), 1) << "at once: nothing was asked for in vain before";
  EXPECT_FALSE(send(kDeltaFrame, sink));
  EXPECT_EQ(send(kKeyFrame, sink), 1);
  EXPECT_EQ(send(kDeltaFrame, sink), 2);
  now = now + 1s;
  EXPECT_EQ(key_frames_asked(), 0);
}

TEST_F(VideoBeginTest, ItBeginsAnewWhereAPathIsFoundAgain) {
  End& sink = open_connected(2);
  consume(sink);
  ASSERT_EQ(send(kKeyFrame, sink), 1);
  std::uint16_t next = 2;
  const auto expect_anew_after = [&](const std::function<void()>& lose) {
    lose();
    EXPECT_FALSE(send(kKeyFrame, sink));
    EXPECT_FALSE(send(kDeltaFrame, sink));
    now = now + 1s;
    EXPECT_EQ(key_frames_asked(), 0) << "nobody can have it";
    sink.browser.send(now, engine, out, sink.browser.check());
    EXPECT_EQ(key_frames_asked(), 1);
    EXPECT_FALSE(send(kDeltaFrame, sink));
    EXPECT_EQ(send(kKeyFrame, sink), next++);
  };
  // A connection of TCP that closed.
  expect_anew_after([&] { engine.forget(sink.browser.path()); });
  expect_anew_after([&] {
    now = now + IceLite::kConsent;
    source.browser.send(now, engine, out, source.browser.check());
    engine.handle_timeout(now, out);
  });
}

TEST_F(VideoBeginTest, PausedProducersGoToNobodyAndGoOnWithoutAGap) {
  End& sink = open_connected(2);
  consume(sink);
  const auto first = send(kKeyFrame, sink);
  ASSERT_TRUE(first);
  engine.set_producer_paused(producer, true);
  for (int i = 0; i < 50; ++i) EXPECT_FALSE(send(kDeltaFrame, sink));
  EXPECT_FALSE(send(kKeyFrame, sink));
  engine.set_producer_paused(producer, false);
  EXPECT_FALSE(send(kDeltaFrame, sink));
  now = now + 1s;
  EXPECT_GE(key_frames_asked(), 1);
  EXPECT_EQ(send(kKeyFrame, sink), *first + 1);
}

}  // namespace
