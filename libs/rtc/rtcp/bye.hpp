// Sources that are gone.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "rtc/rtcp/rtcp_packet.hpp"

namespace rtc {

class Bye {
 public:
  static constexpr std::size_t kSourcesMax = 31;

  // nullopt for another type, or a reason that runs over the end (RFC 3550 section 6.6).
  static std::optional<Bye> parse(const RtcpPacket& packet);
  std::span<const std::uint32_t> sources() const { return std::span(sources_).first(count_); }
  std::string_view reason() const { return reason_; }  // points into the datagram

  // A packet for one source, without a reason.
  static void write(ByteWriter& out, std::uint32_t ssrc);

 private:
  std::array<std::uint32_t, kSourcesMax> sources_{};
  std::size_t count_ = 0;
  std::string_view reason_;
};

}  // namespace rtc
