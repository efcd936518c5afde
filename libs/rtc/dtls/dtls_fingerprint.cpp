#include "rtc/dtls/dtls_fingerprint.hpp"

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <algorithm>
#include <cstdlib>
#include <utility>

namespace rtc {

namespace {

constexpr std::array<std::string_view, 3> kNames{"sha-256", "sha-384", "sha-512"};

std::size_t size_of(DtlsHash hash) {
  switch (hash) {
    case DtlsHash::Sha256:
      return 32;
    case DtlsHash::Sha384:
      return 48;
    case DtlsHash::Sha512:
      return 64;
  }
  std::abort();
}

const EVP_MD* digest_of(DtlsHash hash) {
  switch (hash) {
    case DtlsHash::Sha256:
      return EVP_sha256();
    case DtlsHash::Sha384:
      return EVP_sha384();
    case DtlsHash::Sha512:
      return EVP_sha512();
  }
  std::abort();
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::optional<std::uint8_t> nibble(char c) {
  const char small = lower(c);
  if (small >= '0' && small <= '9') return static_cast<std::uint8_t>(small - '0');
  if (small >= 'a' && small <= 'f') return static_cast<std::uint8_t>(small - 'a' + 10);
  return std::nullopt;
}

}  // namespace

std::optional<DtlsHash> dtls_hash_of(std::string_view name) {
  const auto found = std::ranges::find_if(kNames, [&](std::string_view known) {
    return std::ranges::equal(known, name, {}, {}, lower);
  });
  if (found == kNames.end()) return std::nullopt;
  return static_cast<DtlsHash>(found - kNames.begin());
}

std::string_view name_of(DtlsHash hash) { return kNames[static_cast<std::size_t>(hash)]; }

std::optional<DtlsFingerprint> DtlsFingerprint::parse(DtlsHash hash, std::string_view text) {
  DtlsFingerprint fingerprint;
  fingerprint.hash = hash;
  fingerprint.size = size_of(hash);
  if (text.size() != fingerprint.size * 3 - 1) return std::nullopt;
  for (std::size_t i = 0; i < fingerprint.size; ++i) {
    const auto high = nibble(text[3 * i]);
    const auto low = nibble(text[3 * i + 1]);
    const bool is_separated = i + 1 == fingerprint.size || text[3 * i + 2] == ':';
    if (!high || !low || !is_separated) return std::nullopt;
    fingerprint.octets[i] = static_cast<std::uint8_t>(unsigned{*high} << 4 | *low);
  }
  return fingerprint;
}

DtlsFingerprint DtlsFingerprint::of(const x509_st* certificate, DtlsHash hash) {
  DtlsFingerprint fingerprint;
  fingerprint.hash = hash;
  unsigned size = 0;
  if (X509_digest(certificate, digest_of(hash), fingerprint.octets.data(), &size) != 1) {
    std::abort();  // out of memory
  }
  fingerprint.size = size;
  return fingerprint;
}

std::string DtlsFingerprint::to_string() const {
  static constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string text;
  for (const std::uint8_t octet : value()) {
    if (!text.empty()) text += ':';
    text += kDigits[octet >> 4];
    text += kDigits[octet & 0xF];
  }
  return text;
}

}  // namespace rtc
