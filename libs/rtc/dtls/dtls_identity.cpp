#include "rtc/dtls/dtls_identity.hpp"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <array>
#include <stdexcept>

#include "base/bytes.hpp"
#include "rtc/dtls/dtls_transport.hpp"

namespace rtc {

namespace {

constexpr const char* kCiphers =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:"
    "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";
constexpr const char* kGroups = "X25519:P-256:P-384";
// The cheapest first: as the server we choose, as the client we are asked for our order.
constexpr const char* kSrtpProfiles =
    "SRTP_AEAD_AES_128_GCM:SRTP_AEAD_AES_256_GCM:SRTP_AES128_CM_SHA1_80";
constexpr long kCertificateMax = 16 * 1024;  // octets of a peer's certificate message
constexpr std::int64_t kDay = 24 * 60 * 60;  // seconds

void check(bool done, const char* what) {
  if (!done) throw std::runtime_error(std::string("DTLS identity: ") + what);
}

template <auto FreeFunction>
struct Freed {
  template <class T>
  void operator()(T* object) const {
    FreeFunction(object);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Freed<X509_free>>;

Certificate self_signed(EVP_PKEY* key, std::int64_t unix_time) {
  Certificate certificate(X509_new());
  check(certificate != nullptr, "certificate");
  X509* const x509 = certificate.get();
  std::array<std::uint8_t, 4> octets{};
  check(RAND_bytes(octets.data(), octets.size()) == 1, "random");
  const std::uint32_t serial = ByteReader(octets).u32();
  X509_NAME* const name = X509_get_subject_name(x509);
  const Bytes common_name = bytes_of("WebRTC");
  const bool done =
      X509_set_version(x509, X509_VERSION_3) == 1 &&
      ASN1_INTEGER_set(X509_get_serialNumber(x509), static_cast<long>(serial >> 1)) == 1 &&
      ASN1_TIME_set(X509_getm_notBefore(x509), unix_time - kDay) != nullptr &&
      ASN1_TIME_set(X509_getm_notAfter(x509), unix_time + 365 * kDay) != nullptr &&
      X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, common_name.data(),
                                 static_cast<int>(common_name.size()), -1, 0) == 1 &&
      X509_set_issuer_name(x509, name) == 1 && X509_set_pubkey(x509, key) == 1 &&
      X509_sign(x509, key, EVP_sha256()) > 0;
  check(done, "certificate");
  return certificate;
}

}  // namespace

void DtlsIdentity::Free::operator()(ssl_ctx_st* context) const { SSL_CTX_free(context); }

DtlsIdentity::DtlsIdentity(std::int64_t unix_time) : context_(SSL_CTX_new(DTLS_method())) {
  check(context_ != nullptr, "context");
  SSL_CTX* const context = context_.get();
  const Key key(EVP_EC_gen("P-256"));
  check(key != nullptr, "key");
  const Certificate certificate = self_signed(key.get(), unix_time);

  const bool done = SSL_CTX_set_min_proto_version(context, DTLS1_2_VERSION) == 1 &&
                    SSL_CTX_use_certificate(context, certificate.get()) == 1 &&
                    SSL_CTX_use_PrivateKey(context, key.get()) == 1 &&
                    SSL_CTX_set_cipher_list(context, kCiphers) == 1 &&
                    SSL_CTX_set1_groups_list(context, kGroups) == 1 &&
                    SSL_CTX_set_tlsext_use_srtp(context, kSrtpProfiles) == 0;  // 0 is its success
  check(done, "settings");
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET | SSL_OP_NO_QUERY_MTU |
                                   SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_max_cert_list(context, kCertificateMax);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  SSL_CTX_set_cert_verify_callback(context, &DtlsTransport::verify_peer, nullptr);
}

DtlsIdentity::~DtlsIdentity() = default;

DtlsFingerprint DtlsIdentity::fingerprint(DtlsHash hash) const {
  return DtlsFingerprint::of(SSL_CTX_get0_certificate(context_.get()), hash);
}

}  // namespace rtc
