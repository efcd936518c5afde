// A media engine with plain transports around it, and what it sent.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <string_view>
#include <vector>

#include "rtc/rtp/rtp_builder.hpp"
#include "rtc/testing/datagrams.hpp"
#include "rtc/transport/media_engine.hpp"

namespace rtc::testing {

using Octets = std::vector<std::uint8_t>;

inline Path path(std::uint16_t port) {
  return {.remote = {*IpAddress::parse("198.51.100.1"), port},
          .local = *IpAddress::parse("192.0.2.1")};
}

inline Octets rtp_packet(const RtpHeader& header, Bytes payload) {
  Octets buffer(1500);
  ByteWriter out(buffer);
  write_rtp_header(out, header);
  out.bytes(payload);
  buffer.resize(out.size());
  return buffer;
}

// What `write(ByteWriter&)` writes.
template <class Write>
Octets rtcp_packet(Write&& write) {
  Octets buffer(1500);
  ByteWriter out(buffer);
  write(out);
  buffer.resize(out.size());
  return buffer;
}

class EngineFixture : public ::testing::Test {
 protected:
  static constexpr std::uint32_t kSsrc = 1111;
  static constexpr std::uint32_t kRtxSsrc = 1112;
  static constexpr std::uint8_t kPayloadType = 101;
  static constexpr std::uint8_t kRtxPayloadType = 102;

  static Producer::Options one_stream(MediaCodec codec = MediaCodec::Opaque) {
    return {.kind = MediaKind::Video,
            .codec = codec,
            .payload_type = kPayloadType,
            .rtx_payload_type = kRtxPayloadType,
            .streams = {{.ssrc = kSsrc, .rtx_ssrc = kRtxSsrc}}};
  }
  static Consumer::Options video_consumer(std::uint32_t ssrc, bool rtx = false) {
    Consumer::Options options;
    options.ssrc = ssrc;
    options.payload_type = 96;
    if (rtx) options.rtx_ssrc = ssrc + 1;
    options.rtx_payload_type = 97;
    options.cname = "someone";
    options.first_sequence = 500;
    return options;
  }

  void receive(Instant now, const Path& from, Octets datagram) {
    engine.handle_datagram(now, from, datagram, out);
  }
  void send_media(Instant now, std::uint16_t sequence, std::string_view payload = "payload") {
    receive(now, path(1),
            rtp_packet({.payload_type = kPayloadType,
                        .marker = false,
                        .sequence = sequence,
                        .timestamp = 90U * sequence,
                        .ssrc = kSsrc},
                       bytes_of(payload)));
  }

  // Takes all that is to be sent to this port out of the outbox's sight.
  std::vector<Octets> sent_to(std::uint16_t port) {
    std::vector<Octets> datagrams;
    for (const auto& slot : rtc::testing::datagrams_in(out)) {
      if (slot.path == path(port)) datagrams.emplace_back(slot.octets.begin(), slot.octets.end());
    }
    return datagrams;
  }

  MediaEngine engine{Instant()};
  Outbox out{512};
};

}  // namespace rtc::testing
