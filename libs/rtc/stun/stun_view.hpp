// Reads STUN messages (RFC 8489) as ICE and NAT discovery use them.
#pragma once

#include <array>
#include <cstdint>
#include <expected>
#include <optional>
#include <string_view>

#include "base/bytes.hpp"
#include "base/endpoint.hpp"
#include "rtc/stun/stun_types.hpp"

namespace rtc {

enum class StunError : std::uint8_t {
  TooShort,        // less than a header
  NotStun,         // first two bits or magic cookie
  BadLength,       // the length field is odd or differs from the datagram's
  BadAttribute,    // an attribute runs over the end or has the wrong size
  BadFingerprint,  // FINGERPRINT is not last or does not fit the message
};

// True for what RFC 7983 section 7 hands to STUN: decides by the first octet alone.
constexpr bool looks_like_stun(Bytes datagram) { return !datagram.empty() && datagram[0] < 4; }

// One message seen in place: every view points into the datagram, which must outlive it. Of an
// attribute that comes twice the first counts; what follows MESSAGE-INTEGRITY is ignored, but for
// FINGERPRINT (RFC 8489 sections 14 and 14.5).
struct StunView {
  static constexpr std::size_t kUnknownMax = 8;

  StunClass message_class = StunClass::Request;
  std::uint16_t method = 0;  // 12 bits
  TransactionId transaction{};

  std::optional<std::string_view> username;  // at most 508 octets
  std::optional<Endpoint> xor_mapped_address;
  std::optional<unsigned> error_code;  // 300 to 699
  std::optional<std::uint32_t> priority;
  std::optional<std::uint64_t> ice_controlling;  // tie-breaker
  std::optional<std::uint64_t> ice_controlled;   // tie-breaker
  bool use_candidate = false;
  bool has_fingerprint = false;  // present, and right: a wrong one is refused by parse()
  bool has_integrity = false;    // present; whether it is right only is_authentic() knows

  // Types that must be understood and are not, for UNKNOWN-ATTRIBUTES; the rest is left out.
  std::array<std::uint16_t, kUnknownMax> unknown_required{};
  std::size_t unknown_required_count = 0;

  // Any bytes give a view or an error (fuzz/stun_fuzz.cpp).
  static std::expected<StunView, StunError> parse(Bytes datagram);

  std::size_t size() const { return datagram_.size(); }  // octets

  // True when MESSAGE-INTEGRITY is present and was made with `key` (RFC 8489 section 14.5); for
  // short-term credentials the key is the password. Takes the same time for every wrong value.
  bool is_authentic(Bytes key) const;

 private:
  bool read_attribute(StunAttribute type, Bytes value);

  Bytes datagram_;
  std::size_t integrity_offset_ = 0;  // of the attribute's header
};

}  // namespace rtc
