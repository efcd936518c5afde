// What forwarding knows of a remote end: that packets can be sent to it.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "base/bytes.hpp"
#include "base/time.hpp"
#include "rtc/rtp/rtp_extensions.hpp"
#include "rtc/rtp/rtp_view.hpp"
#include "rtc/transport/outbox.hpp"

namespace rtc {

struct OutgoingRtp {
  Instant now;
  RtpHeader header;
  std::uint64_t sequence = 0;  // unwrapped; its lowest 16 bits are the header's
  std::span<const RtpExtensionElement> extensions;
  Bytes payload;
  // Octets among `extensions` that only the transport can fill in; nullptr: not negotiated.
  std::array<std::uint8_t, 2>* transport_sequence = nullptr;
  std::array<std::uint8_t, 3>* abs_send_time = nullptr;
};

class RtpTransport {
 public:
  RtpTransport() = default;
  RtpTransport(const RtpTransport&) = delete;
  RtpTransport& operator=(const RtpTransport&) = delete;
  virtual ~RtpTransport() = default;

  // There is a path, with keys where they are needed: until then nothing can be sent.
  virtual bool is_connected() const = 0;
  // Writes the packet, protected as the transport does, to `out`. False when it cannot be sent:
  // no path yet, too long, or no room.
  virtual bool send_rtp(const OutgoingRtp& packet, Outbox& out) = 0;
  // The same for RTCP that is compound or of reduced size.
  virtual bool send_rtcp(Bytes packets, Outbox& out) = 0;
};

}  // namespace rtc
