// The two checks over a STUN message: its integrity and its fingerprint.
#pragma once

#include <array>
#include <cstdint>

#include "base/bytes.hpp"

namespace rtc {

inline constexpr std::size_t kHmacSha1Size = 20;  // octets

// HMAC-SHA1 (RFC 2104) over `head` followed by `tail`. Thread-safe.
std::array<std::uint8_t, kHmacSha1Size> hmac_sha1(Bytes key, Bytes head, Bytes tail);

// CRC-32 of ITU V.42 over `head` followed by `tail`, as FINGERPRINT takes it before its XOR
// (RFC 8489 section 14.7).
std::uint32_t crc32(Bytes head, Bytes tail);

}  // namespace rtc
