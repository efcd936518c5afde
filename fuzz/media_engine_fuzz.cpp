// A sequence of datagrams, each led by its size and the address that it comes from, to an engine
// with producers, consumers and SRTP; time passes between them.
#include <cstdlib>
#include <vector>

#include "rtc/transport/media_engine.hpp"

namespace {

rtc::Path path(std::uint8_t port) {
  return {.remote = {IpAddress::v4({192, 0, 2, 1}), port}, .local = IpAddress::v4({192, 0, 2, 2})};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  rtc::MediaEngine engine{Instant()};
  static rtc::Outbox out(256);
  const auto source = *engine.open_plain({.path = path(1), .send_key = {}, .receive_key = {}});
  const auto sink = *engine.open_plain({.path = path(2), .send_key = {}, .receive_key = {}});
  rtc::Producer::Options options{
      .kind = rtc::MediaKind::Video,
      .codec = rtc::MediaCodec::Vp8,
      .payload_type = 101,
      .rtx_payload_type = 102,
      .streams = {{.ssrc = 1, .rtx_ssrc = 11}, {.ssrc = 2, .rtx_ssrc = 12}}};
  const auto producer = *engine.produce(source, options);
  rtc::Consumer::Options receiver;
  receiver.ssrc = 77;
  receiver.rtx_ssrc = 78;
  const auto consumer = *engine.consume(sink, producer, receiver);

  ByteReader in(Bytes(data, size));
  Instant now;
  while (in.remaining() > 0) {
    const std::uint8_t from = in.u8();
    const std::size_t length = in.u16() % 1500U;
    const Bytes bytes = in.take(std::min(length, in.remaining()));
    std::vector<std::uint8_t> datagram(bytes.begin(), bytes.end());
    if ((from & 0x80) != 0) engine.prefer_layers(now, consumer, {.spatial = from & 1U});
    if ((from & 0x40) != 0) engine.set_paused(consumer, (from & 1U) != 0);
    engine.handle_datagram(now, path(1 + from % 3), datagram, out);
    now = now + Duration{from * 1000};
    engine.handle_timeout(now, out);
    if (out.ready().size() > rtc::MediaEngine::kResentMax + 16) std::abort();
    out.clear();
  }
  return 0;
}
