// Reads RTP packets in place (RFC 3550 section 5.1).
#pragma once

#include <cstdint>
#include <expected>

#include "base/bytes.hpp"

namespace rtc {

enum class RtpError : std::uint8_t { TooShort, BadVersion, BadExtension, BadPadding };

inline constexpr std::size_t kRtpHeaderSize = 12;  // octets, without CSRCs and extensions

// The fields of the fixed header that change on the way through.
struct RtpHeader {
  std::uint8_t payload_type = 0;  // 7 bits
  bool marker = false;
  std::uint16_t sequence = 0;   // wraps; compare through SequenceUnwrapper only
  std::uint32_t timestamp = 0;  // media clock ticks (90 kHz video, 48 kHz Opus)
  std::uint32_t ssrc = 0;

  friend bool operator==(const RtpHeader&, const RtpHeader&) = default;
};

// True for RTP and false for RTCP of a stream that carries both (RFC 5761 section 4): payload
// types 64 to 95 are RTCP's. Meaningful only when looks_like_rtp_or_rtcp().
constexpr bool is_rtp(Bytes datagram) {
  return datagram.size() >= 2 && ((datagram[1] & 0x7FU) < 64 || (datagram[1] & 0x7FU) >= 96);
}

// True for what RFC 7983 section 7 hands to RTP: decides by the first octet alone.
constexpr bool looks_like_rtp_or_rtcp(Bytes datagram) {
  return !datagram.empty() && datagram[0] >= 128 && datagram[0] < 192;
}

// One packet seen in place. Nothing is copied: every span points into the datagram, which must
// outlive the view.
struct RtpView {
  RtpHeader header;
  std::uint16_t extension_profile = 0;  // 0xBEDE: one-byte form (RFC 8285 section 4.2)
  Bytes extension;                      // body without the 4-byte header, may be empty
  Bytes payload;                        // padding already cut off
  std::size_t padding = 0;              // octets, the counting one included

  // Parses an unprotected packet. Input is hostile: any bytes give a view or an error, never
  // undefined behaviour (fuzz/rtp_fuzz.cpp).
  static std::expected<RtpView, RtpError> parse(Bytes datagram);
};

// Octets before the payload of a packet whose payload may still be encrypted: header, CSRCs and
// extension. TooShort, BadVersion or BadExtension when they do not fit.
std::expected<std::size_t, RtpError> rtp_payload_offset(Bytes datagram);

}  // namespace rtc
