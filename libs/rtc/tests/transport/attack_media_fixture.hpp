// A publisher and two receivers, one of them bad.
#pragma once

#include <utility>

#include "rtc/rtcp/pli.hpp"
#include "tests/transport/web_rtc_fixture.hpp"

namespace rtc::testing {

using namespace std::chrono_literals;

// A publisher of one VP8 stream and two who receive it, one of them bad.
class AttackMediaTest : public WebRtcFixture {
 protected:
  static constexpr std::size_t kOctets = 1000;  // of a packet
  static constexpr std::uint8_t kNumberId = 5;

  AttackMediaTest() {
    source = &open_connected(1);
    bad = &open_connected(2);
    good = &open_connected(3);
    producer = *engine.produce(source->id, {.kind = MediaKind::Video,
                                            .codec = MediaCodec::Vp8,
                                            .payload_type = 101,
                                            .mid = "0",
                                            .extension_ids = extension_ids(),
                                            .streams = {{.ssrc = 5}}});
    Consumer::Options options{
        .ssrc = 9, .payload_type = 101, .rtx_ssrc = 10, .rtx_payload_type = 102, .cname = "c"};
    options.extension_ids.set(RtpExtension::TransportSequence, kNumberId);
    bad_consumer = *engine.consume(bad->id, producer, options);
    good_consumer = *engine.consume(good->id, producer, options);
  }

  void send_frame(bool is_key) {
    Octets payload(kOctets, 0);
    payload[0] = 0x10;
    payload[1] = is_key ? 0x00 : 0x01;
    ++sequence;
    auto datagram = source->browser.protect_rtp({.payload_type = 101,
                                                 .marker = true,
                                                 .sequence = sequence,
                                                 .timestamp = 900U * sequence,
                                                 .ssrc = 5},
                                                {}, payload);
    engine.handle_datagram(now, path(1), datagram, out);
    settle();
  }
  void report(End& from, Octets packets) {
    auto sealed = from.browser.protect_rtcp(std::move(packets));
    engine.handle_datagram(now, from.browser.path(), sealed, out);
    settle();
  }
  // All of the three go on listening.
  void consent() {
    for (End* const end : {source, bad, good}) {
      auto check = end->browser.check();
      engine.handle_datagram(now, end->browser.path(), check, out);
    }
  }
  void tick() {
    if (engine.next_timeout() <= now) engine.handle_timeout(now, out);
    settle();
  }
  // Hands on what was sent, and counts it.
  void settle() {
    for (End* const end : {source, bad, good}) end->browser.look(now, out);
    out.clear();
    for (const auto& datagram : bad->browser.take_rtp()) {
      const auto view = RtpView::parse(datagram);
      (view->header.ssrc == 9 ? sent_to_bad : resent_to_bad) += view->payload.size();
      if (view->header.ssrc == 9) newest_to_bad = view->header.sequence;
    }
    good_packets += good->browser.take_rtp().size();
    for (const auto& datagram : source->browser.take_rtcp()) {
      RtcpReader reader(datagram);
      while (const auto packet = reader.next()) key_requests += Pli::parse(*packet) ? 1 : 0;
    }
  }

  End* source = nullptr;
  End* bad = nullptr;
  End* good = nullptr;
  ProducerId producer{};
  ConsumerId bad_consumer{};
  ConsumerId good_consumer{};
  std::uint16_t sequence = 0;
  std::uint16_t newest_to_bad = 0;
  std::size_t sent_to_bad = 0;
  std::size_t resent_to_bad = 0;
  std::size_t good_packets = 0;
  int key_requests = 0;
};

}  // namespace rtc::testing
