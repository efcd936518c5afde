// The hash of a certificate, by which signalling vouches for it (RFC 8122 section 5).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.hpp"

struct x509_st;

namespace rtc {

enum class DtlsHash : std::uint8_t { Sha256, Sha384, Sha512 };

// "sha-256" and so on; upper and lower case are one. SHA-1 and older are refused.
std::optional<DtlsHash> dtls_hash_of(std::string_view name);
std::string_view name_of(DtlsHash hash);

struct DtlsFingerprint {
  DtlsHash hash = DtlsHash::Sha256;
  std::array<std::uint8_t, 64> octets{};
  std::size_t size = 0;  // 32, 48 or 64

  // Reads "AB:CD:…"; nullopt for other text, or one whose length does not belong to the hash.
  static std::optional<DtlsFingerprint> parse(DtlsHash hash, std::string_view text);
  static DtlsFingerprint of(const x509_st* certificate, DtlsHash hash);

  std::string to_string() const;
  Bytes value() const { return Bytes(octets).first(size); }

  friend bool operator==(const DtlsFingerprint&, const DtlsFingerprint&) = default;
};

}  // namespace rtc
