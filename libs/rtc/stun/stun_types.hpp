// The words of STUN that its reader and its writer share (RFC 8489, RFC 8445 section 16.1).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace rtc {

inline constexpr std::uint32_t kStunMagicCookie = 0x2112A442;
inline constexpr std::size_t kStunHeaderSize = 20;  // octets
inline constexpr std::uint32_t kStunFingerprintXor = 0x5354554E;

// 96 bits chosen by the requester; an answer carries the same (RFC 8489 section 5).
using TransactionId = std::array<std::uint8_t, 12>;

enum class StunClass : std::uint8_t { Request = 0, Indication = 1, Success = 2, Error = 3 };

inline constexpr std::uint16_t kStunBinding = 0x001;  // the only method that we know

// Attribute types; those below 0x8000 must be understood by who reads them.
enum class StunAttribute : std::uint16_t {
  Username = 0x0006,
  MessageIntegrity = 0x0008,
  ErrorCode = 0x0009,
  UnknownAttributes = 0x000A,
  Realm = 0x0014,
  Nonce = 0x0015,
  XorMappedAddress = 0x0020,
  Priority = 0x0024,
  UseCandidate = 0x0025,
  Software = 0x8022,
  Fingerprint = 0x8028,
  IceControlled = 0x8029,
  IceControlling = 0x802A,
};

}  // namespace rtc
