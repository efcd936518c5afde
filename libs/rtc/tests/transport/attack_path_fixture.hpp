// Two who talk, and datagrams that come from anywhere.
#pragma once

#include "tests/transport/web_rtc_fixture.hpp"

namespace rtc::testing {

class AttackPathTest : public WebRtcFixture {
 protected:
  // An audio producer of one end, received by the other.
  void join(End& source, End& sink) {
    const auto producer = *engine.produce(
        source.id, {.kind = MediaKind::Audio, .payload_type = 100, .streams = {{.ssrc = 5}}});
    ASSERT_TRUE(engine.consume(sink.id, producer,
                               {.ssrc = 9, .payload_type = 100, .kind = MediaKind::Audio}));
  }
  // True when a packet of the source arrives at the sink.
  bool speaks(End& source, End& sink) {
    auto datagram = source.browser.protect_rtp(
        {.payload_type = 100, .sequence = ++sequence_, .ssrc = 5}, {}, bytes_of("voice"));
    engine.handle_datagram(now, source.browser.path(), datagram, out);
    sink.browser.take(now, out);
    return sink.browser.take_rtp().size() == 1;
  }
  void give(const Path& from, Octets datagram) { engine.handle_datagram(now, from, datagram, out); }

  DtlsIdentity attacker_identity_{1'800'000'000};

 private:
  std::uint16_t sequence_ = 0;
};

}  // namespace rtc::testing
