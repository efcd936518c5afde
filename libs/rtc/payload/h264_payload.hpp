// What forwarding needs to know of an H264 payload (RFC 6184 section 5).
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.hpp"

namespace rtc {

struct H264Payload {
  bool has_sequence_parameters = false;  // an SPS: decoding can begin with this packet
  bool has_idr = false;                  // the packet where an IDR slice starts

  // Where a receiver may be switched to the stream. An IDR without its SPS is not enough: the
  // decoder may know another stream's, and senders put theirs in front of every IDR.
  bool is_key_frame() const { return has_sequence_parameters; }

  // Looks into single NAL units, STAP-A and FU-A, the packetization modes 0 and 1; nullopt for an
  // empty payload, another type, or units that run over the end.
  static std::optional<H264Payload> parse(Bytes payload);
};

}  // namespace rtc
