#include "rtc/srtp/srtp_suite.hpp"

#include <algorithm>

namespace rtc {

namespace {

constexpr std::array<std::pair<std::string_view, SrtpSuite>, 3> kNames{{
    {"AEAD_AES_128_GCM", SrtpSuite::AeadAes128Gcm},
    {"AEAD_AES_256_GCM", SrtpSuite::AeadAes256Gcm},
    {"AES_CM_128_HMAC_SHA1_80", SrtpSuite::AesCm128HmacSha1_80},
}};

}  // namespace

std::optional<SrtpSuite> srtp_suite_of(std::string_view name) {
  for (const auto& [known, suite] : kNames) {
    if (known == name) return suite;
  }
  return std::nullopt;
}

std::string_view name_of(SrtpSuite suite) { return kNames[static_cast<std::size_t>(suite)].first; }

std::optional<SrtpMasterKey> SrtpMasterKey::from(SrtpSuite suite, Bytes key_and_salt) {
  if (key_and_salt.size() != key_size(suite) + salt_size(suite)) return std::nullopt;
  SrtpMasterKey master;
  master.suite = suite;
  std::ranges::copy(key_and_salt.first(key_size(suite)), master.key_octets.begin());
  std::ranges::copy(key_and_salt.subspan(key_size(suite)), master.salt_octets.begin());
  return master;
}

}  // namespace rtc
