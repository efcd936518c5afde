// Who we are to all DTLS peers: a key, its self-signed certificate, and the rules of a handshake.
#pragma once

#include <cstdint>
#include <memory>

#include "rtc/dtls/dtls_fingerprint.hpp"

struct ssl_ctx_st;
struct x509_st;

namespace rtc {

// DTLS 1.2 alone (RFC 9147's 1.3 is not in this OpenSSL), with forward secrecy and AEAD ciphers
// alone; both sides show certificates, whose chains and dates do not matter: the fingerprint does.
// No renegotiation, no resumption. Immutable once made; one a process.
class DtlsIdentity {
 public:
  // A fresh ECDSA P-256 key. `unix_time` in seconds: the certificate is valid from a day before it
  // for a year, and some browsers look. Throws std::runtime_error when OpenSSL refuses.
  explicit DtlsIdentity(std::int64_t unix_time);
  ~DtlsIdentity();
  DtlsIdentity(const DtlsIdentity&) = delete;
  DtlsIdentity& operator=(const DtlsIdentity&) = delete;

  DtlsFingerprint fingerprint(DtlsHash hash) const;
  ssl_ctx_st* context() const { return context_.get(); }

 private:
  struct Free {
    void operator()(ssl_ctx_st* context) const;
  };

  std::unique_ptr<ssl_ctx_st, Free> context_;
};

}  // namespace rtc
