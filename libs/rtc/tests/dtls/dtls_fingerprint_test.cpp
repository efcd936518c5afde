#include "rtc/dtls/dtls_fingerprint.hpp"

#include <gtest/gtest.h>

#include "rtc/dtls/dtls_identity.hpp"

namespace {

using rtc::DtlsFingerprint;
using rtc::DtlsHash;
using rtc::DtlsIdentity;

constexpr std::int64_t kNow = 1'800'000'000;  // unix seconds

TEST(DtlsFingerprint, ReadsWhatItWritesInEitherCase) {
  const DtlsIdentity identity(kNow);
  for (const auto hash : {DtlsHash::Sha256, DtlsHash::Sha384, DtlsHash::Sha512}) {
    const DtlsFingerprint fingerprint = identity.fingerprint(hash);
    std::string text = fingerprint.to_string();
    EXPECT_EQ(DtlsFingerprint::parse(hash, text), fingerprint);
    for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    EXPECT_EQ(DtlsFingerprint::parse(hash, text), fingerprint);
    EXPECT_EQ(rtc::dtls_hash_of(rtc::name_of(hash)), hash);
  }
  EXPECT_EQ(rtc::dtls_hash_of("SHA-256"), DtlsHash::Sha256);
}

TEST(DtlsFingerprint, RefusesOtherText) {
  const std::string good = DtlsIdentity(kNow).fingerprint(DtlsHash::Sha256).to_string();
  EXPECT_FALSE(DtlsFingerprint::parse(DtlsHash::Sha384, good));
  EXPECT_FALSE(DtlsFingerprint::parse(DtlsHash::Sha256, ""));
  EXPECT_FALSE(DtlsFingerprint::parse(DtlsHash::Sha256, good + ":00"));
  EXPECT_FALSE(DtlsFingerprint::parse(DtlsHash::Sha256, good.substr(1)));
  for (std::size_t i = 0; i < good.size(); ++i) {
    std::string bad = good;
    bad[i] = 'G';
    EXPECT_FALSE(DtlsFingerprint::parse(DtlsHash::Sha256, bad)) << i;
  }
  for (const char* name : {"sha-1", "md5", "", "sha256", "sha-2567"}) {
    EXPECT_FALSE(rtc::dtls_hash_of(name)) << name;
  }
}

TEST(DtlsIdentity, EachHasAKeyOfItsOwn) {
  EXPECT_NE(DtlsIdentity(kNow).fingerprint(DtlsHash::Sha256),
            DtlsIdentity(kNow).fingerprint(DtlsHash::Sha256));
}

}  // namespace
