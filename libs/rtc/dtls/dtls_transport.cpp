#include "rtc/dtls/dtls_transport.hpp"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <algorithm>
#include <cstdlib>
#include <string_view>

namespace rtc {

namespace {

constexpr unsigned kMtu = 1200;  // octets of a datagram that we send
constexpr std::string_view kExporterLabel = "EXTRACTOR-dtls_srtp";  // RFC 5764 section 4.2

std::optional<SrtpSuite> negotiated_suite(SSL* ssl) {
  const SRTP_PROTECTION_PROFILE* const profile = SSL_get_selected_srtp_profile(ssl);
  if (profile == nullptr) return std::nullopt;
  switch (profile->id) {
    case SRTP_AEAD_AES_128_GCM:
      return SrtpSuite::AeadAes128Gcm;
    case SRTP_AEAD_AES_256_GCM:
      return SrtpSuite::AeadAes256Gcm;
    case SRTP_AES128_CM_SHA1_80:
      return SrtpSuite::AesCm128HmacSha1_80;
    default:
      return std::nullopt;
  }
}

// OpenSSL takes a curve that is given by its numbers for the one that it knows with the same; a
// curve is known by its name alone (RFC 5480 section 2.1.1).
bool has_named_curve(const X509* certificate) {
  const EVP_PKEY* const key = X509_get0_pubkey(certificate);
  int is_explicit = 0;  // stays for keys of other kinds
  if (key == nullptr) return false;
  EVP_PKEY_get_int_param(key, OSSL_PKEY_PARAM_EC_DECODED_FROM_EXPLICIT_PARAMS, &is_explicit);
  return is_explicit == 0;
}

}  // namespace

void DtlsTransport::Free::operator()(ssl_st* ssl) const { SSL_free(ssl); }

DtlsTransport::~DtlsTransport() = default;

int DtlsTransport::verify_peer(x509_store_ctx_st* store, void*) {
  const auto* const ssl =
      static_cast<SSL*>(X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()));
  auto& transport = *static_cast<DtlsTransport*>(SSL_get_app_data(ssl));
  const X509* const certificate = X509_STORE_CTX_get0_cert(store);
  const bool is_theirs =
      certificate != nullptr &&
      DtlsFingerprint::of(certificate, transport.remote_.hash) == transport.remote_;
  if (is_theirs && has_named_curve(certificate)) return 1;
  transport.failure_ = is_theirs ? DtlsFailure::Handshake : DtlsFailure::WrongCertificate;
  X509_STORE_CTX_set_error(store, X509_V_ERR_CERT_REJECTED);
  return 0;
}

void DtlsTransport::start(Instant now, DtlsRole role, const DtlsFingerprint& remote) {
  if (state_ != DtlsState::New) return;
  role_ = role;
  remote_ = remote;
  state_ = DtlsState::Connecting;
  give_up_at_ = now + kHandshakeMax;
  if (role == DtlsRole::Server) return;
  const unsigned armings = bio_.armings();
  begin();
  handshake();
  follow_timer(now, armings);
}

void DtlsTransport::begin() {
  ssl_.reset(SSL_new(identity_.context()));
  if (ssl_ == nullptr) std::abort();  // out of memory
  SSL_set_app_data(ssl_.get(), this);
  BIO* const bio = bio_.make();
  SSL_set_bio(ssl_.get(), bio, bio);
  SSL_set_mtu(ssl_.get(), kMtu);
  if (role_ == DtlsRole::Client) {
    SSL_set_connect_state(ssl_.get());
  } else {
    SSL_set_accept_state(ssl_.get());
  }
}

void DtlsTransport::handle_datagram(Instant now, Bytes datagram) {
  const bool is_open = state_ == DtlsState::Connecting || state_ == DtlsState::Connected;
  if (!is_open || datagram.empty()) return;
  if (ssl_ == nullptr) begin();
  const unsigned armings = bio_.armings();
  bio_.offer(datagram);
  if (state_ == DtlsState::Connecting) {
    handshake();
  } else {
    read_on();
  }
  bio_.offer({});
  follow_timer(now, armings);
}

void DtlsTransport::handle_timeout(Instant now) {
  if (now >= give_up_at_) return give_up();
  if (now < retransmit_at_) return;
  retransmit_after_ = std::min(retransmit_after_ * 2, kRetransmitMax);
  retransmit_at_ = now + retransmit_after_;
  ERR_clear_error();
  bio_.expire();
  if (DTLSv1_handle_timeout(ssl_.get()) < 0) fail(DtlsFailure::Timeout);
}

void DtlsTransport::give_up() {
  if (state_ == DtlsState::Connecting) fail(DtlsFailure::Timeout);
}

void DtlsTransport::close() {
  if (state_ == DtlsState::Connected) {
    ERR_clear_error();
    SSL_shutdown(ssl_.get());
  }
  state_ = DtlsState::Closed;
  srtp_keys_.reset();
  retransmit_at_ = give_up_at_ = Instant::never();
}

void DtlsTransport::handshake() {
  ERR_clear_error();
  const int result = SSL_do_handshake(ssl_.get());
  if (result == 1) return connected();
  const int error = SSL_get_error(ssl_.get(), result);
  if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE) return;
  fail(failure_ == DtlsFailure::None ? DtlsFailure::Handshake : failure_);
}

// After the handshake only repeated flights and alerts are of interest; application data has no
// reader yet and is dropped.
void DtlsTransport::read_on() {
  std::array<std::uint8_t, 2048> ignored;
  ERR_clear_error();
  for (;;) {
    const int result = SSL_read(ssl_.get(), ignored.data(), static_cast<int>(ignored.size()));
    if (result > 0) continue;
    const int error = SSL_get_error(ssl_.get(), result);
    if (error == SSL_ERROR_ZERO_RETURN) {
      close();
    } else if (error == SSL_ERROR_SSL) {
      fail(DtlsFailure::Handshake);
    }
    return;
  }
}

// RFC 5764 section 4.2: client's and server's keys, then client's and server's salts.
void DtlsTransport::connected() {
  const auto suite = negotiated_suite(ssl_.get());
  if (!suite) return fail(DtlsFailure::NoSrtpProfile);
  const std::size_t key = key_size(*suite);
  const std::size_t salt = salt_size(*suite);
  std::array<std::uint8_t, 2 * (32 + 14)> material{};
  if (SSL_export_keying_material(ssl_.get(), material.data(), 2 * (key + salt),
                                 kExporterLabel.data(), kExporterLabel.size(), nullptr, 0,
                                 0) != 1) {
    return fail(DtlsFailure::Handshake);
  }
  const auto master = [&](std::size_t which) {
    SrtpMasterKey result;
    result.suite = *suite;
    std::ranges::copy(Bytes(material).subspan(which * key, key), result.key_octets.begin());
    std::ranges::copy(Bytes(material).subspan(2 * key + which * salt, salt),
                      result.salt_octets.begin());
    return result;
  };
  const SrtpMasterKey client = master(0);
  const SrtpMasterKey server = master(1);
  const bool is_client = role_ == DtlsRole::Client;
  srtp_keys_ =
      SrtpKeys{.local = is_client ? client : server, .remote = is_client ? server : client};
  state_ = DtlsState::Connected;
  give_up_at_ = Instant::never();
}

void DtlsTransport::fail(DtlsFailure failure) {
  state_ = DtlsState::Failed;
  failure_ = failure;
  srtp_keys_.reset();
  retransmit_at_ = give_up_at_ = Instant::never();
  ssl_.reset();  // tens of kilobytes, for nothing any more
}

void DtlsTransport::follow_timer(Instant now, unsigned armings_before) {
  const bool is_open = state_ == DtlsState::Connecting || state_ == DtlsState::Connected;
  if (!is_open || !bio_.is_armed()) {
    retransmit_at_ = Instant::never();
  } else if (bio_.armings() != armings_before) {
    retransmit_after_ = kRetransmitFirst;
    retransmit_at_ = now + retransmit_after_;
  }
}

}  // namespace rtc
