// A sequence of datagrams, each led by its size and the address that it comes from, to an engine
// with producers, consumers and a transport of a browser; time passes between them. Checks of the
// browser's get their integrity and fingerprint here, so that what is behind ICE is reached.
#include <algorithm>
#include <cstdlib>
#include <vector>

#include "rtc/stun/stun_builder.hpp"
#include "rtc/transport/media_engine.hpp"

namespace {

rtc::Path path(std::uint8_t port) {
  return {.remote = {IpAddress::v4({192, 0, 2, 1}), port}, .local = IpAddress::v4({192, 0, 2, 2})};
}

const rtc::IceCredentials& credentials() {
  static const rtc::IceCredentials fixed{.username_fragment = "ours", .password = "our-password"};
  return fixed;
}

// Redundant audio to one who takes it and to one who does not, and AV1 with its descriptor.
void add_others(rtc::MediaEngine& engine, rtc::TransportId source, rtc::TransportId sink) {
  const auto voice =
      *engine.produce(source, {.kind = rtc::MediaKind::Audio,
                               .payload_type = 111,
                               .red_payload_type = 63,
                               .streams = {{.ssrc = 3, .kind = rtc::MediaKind::Audio}}});
  for (const std::uint8_t red : {std::uint8_t{0}, std::uint8_t{109}}) {
    rtc::Consumer::Options listener;
    listener.ssrc = 80U + red;
    listener.payload_type = 100;
    listener.red_payload_type = red;
    listener.kind = rtc::MediaKind::Audio;
    engine.consume(sink, voice, listener);
  }
  rtc::RtpExtensionIds ids;
  ids.set(rtc::RtpExtension::DependencyDescriptor, 13);
  const auto layered = *engine.produce(source, {.kind = rtc::MediaKind::Video,
                                                .codec = rtc::MediaCodec::Av1,
                                                .payload_type = 103,
                                                .extension_ids = ids,
                                                .streams = {{.ssrc = 4}}});
  rtc::Consumer::Options viewer;
  viewer.ssrc = 90;
  viewer.rtx_ssrc = 91;
  viewer.extension_ids = ids;
  engine.consume(sink, layered, viewer);
}

// The first octet chooses what the check says; the rest is its transaction.
std::vector<std::uint8_t> check_of(Bytes bytes) {
  ByteReader in(bytes);
  const std::uint8_t how = in.u8();
  rtc::TransactionId transaction{};
  const Bytes rest = in.take(std::min(transaction.size(), in.remaining()));
  std::ranges::copy(rest, transaction.begin());
  std::vector<std::uint8_t> buffer(300);
  rtc::StunBuilder check(buffer, rtc::StunClass::Request, rtc::kStunBinding, transaction);
  check.username(credentials().username_fragment + ":theirs");
  if ((how & 1U) == 0) check.priority(1);
  if ((how & 2U) != 0) check.ice_controlled(7);
  if ((how & 4U) != 0) check.use_candidate();
  const Bytes sent =
      check.finish({.key = bytes_of(credentials().password), .fingerprint = (how & 8U) == 0});
  return {sent.begin(), sent.end()};
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
  add_others(engine, source, sink);
  static const rtc::DtlsIdentity identity(1'800'000'000);
  const auto browser = *engine.open_web_rtc(Instant(), credentials(), identity);
  engine.connect(Instant(), browser, rtc::DtlsRole::Server,
                 identity.fingerprint(rtc::DtlsHash::Sha256), out);
  receiver.extension_ids.set(rtc::RtpExtension::TransportSequence, 5);
  engine.consume(browser, producer, receiver);

  ByteReader in(Bytes(data, size));
  Instant now;
  while (in.remaining() > 0) {
    const std::uint8_t from = in.u8();
    const std::size_t length = in.u16() % 1500U;
    const Bytes bytes = in.take(std::min(length, in.remaining()));
    std::vector<std::uint8_t> datagram(bytes.begin(), bytes.end());
    if ((from & 0x80) != 0) engine.prefer_layers(now, consumer, {.spatial = from & 1U});
    if ((from & 0x40) != 0) engine.set_paused(now, consumer, (from & 1U) != 0);
    if ((from & 0x20) != 0) datagram = check_of(datagram);
    engine.handle_datagram(now, path(1 + from % 5), datagram, out);
    now = now + Duration{from * 1000};
    engine.handle_timeout(now, out);
    if (out.count() > rtc::MediaEngine::kResentMax + 16) std::abort();
    out.clear();
  }
  return 0;
}
