// Session keys from master keys (RFC 3711 section 4.3, RFC 7714 section 11; no re-keying by rate).
#pragma once

#include "rtc/srtp/srtp_suite.hpp"

namespace rtc {

// Keys of one direction for either RTP or RTCP.
struct SrtpSessionKeys {
  SrtpSuite suite = SrtpSuite::AeadAes128Gcm;
  std::array<std::uint8_t, 32> key_octets{};
  std::array<std::uint8_t, 14> salt_octets{};
  std::array<std::uint8_t, 20> authentication_key{};  // unused by the AEAD suites

  Bytes key() const { return Bytes(key_octets).first(key_size(suite)); }
  Bytes salt() const { return Bytes(salt_octets).first(salt_size(suite)); }
};

enum class SrtpPurpose : std::uint8_t { Rtp, Rtcp };

SrtpSessionKeys derive_srtp_keys(const SrtpMasterKey& master, SrtpPurpose purpose);

}  // namespace rtc
