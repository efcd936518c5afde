// One remote end of an engine: where it is, and how packets to and from it are protected.
#pragma once

#include <expected>
#include <memory>
#include <optional>

#include "rtc/forward/rtp_transport.hpp"
#include "rtc/srtp/srtp_receiver.hpp"
#include "rtc/srtp/srtp_sender.hpp"

namespace rtc {

class Transport : public RtpTransport {
 public:
  // Where packets go; nullopt: not known yet, or lost.
  virtual const std::optional<Path>& path() const = 0;

  // Checks and decrypts in place.
  virtual std::expected<MutableBytes, SrtpError> open_rtp(MutableBytes datagram) = 0;
  virtual std::expected<MutableBytes, SrtpError> open_rtcp(MutableBytes datagram) = 0;
};

}  // namespace rtc
