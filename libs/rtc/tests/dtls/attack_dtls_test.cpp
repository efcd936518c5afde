// Attacks on the handshake by a peer on the right path: old and weak algorithms, certificates that
// are none, renegotiation. The server gives keys to nobody whose certificate it does not expect,
// and an attack ends no session but the attacker's.
#include <gtest/gtest.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <algorithm>
#include <memory>
#include <string>

#include "base/random.hpp"
#include "rtc/dtls/dtls_transport.hpp"

namespace {

using namespace std::chrono_literals;
using rtc::DtlsFailure;
using rtc::DtlsHash;
using rtc::DtlsIdentity;
using rtc::DtlsRole;
using rtc::DtlsState;
using rtc::DtlsTransport;
using Octets = std::vector<std::uint8_t>;

constexpr std::int64_t kNow = 1'800'000'000;  // unix seconds

template <auto FreeFunction>
struct Freed {
  template <class T>
  void operator()(T* object) const {
    FreeFunction(object);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Freed<X509_free>>;

// `encoding` is "named_curve" or "explicit"; `points`, "uncompressed" or "compressed", those of the
// parameters too.
Key ec_key(std::string group, std::string encoding, std::string points = "uncompressed") {
  const std::unique_ptr<EVP_PKEY_CTX, Freed<EVP_PKEY_CTX_free>> made(
      EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
  const OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group.data(), 0),
      OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_EC_ENCODING, encoding.data(), 0),
      OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_EC_POINT_CONVERSION_FORMAT, points.data(),
                                       0),
      OSSL_PARAM_construct_end()};
  EVP_PKEY* key = nullptr;
  const bool done = EVP_PKEY_keygen_init(made.get()) == 1 &&
                    EVP_PKEY_CTX_set_params(made.get(), parameters) == 1 &&
                    EVP_PKEY_generate(made.get(), &key) == 1;
  EXPECT_TRUE(done) << group;
  return Key(key);
}

Certificate self_signed(EVP_PKEY* key) {
  Certificate certificate(X509_new());
  X509* const x509 = certificate.get();
  ASN1_TIME_set(X509_getm_notBefore(x509), kNow);
  ASN1_TIME_set(X509_getm_notAfter(x509), kNow + 1000);
  X509_set_pubkey(x509, key);
  EXPECT_GT(X509_sign(x509, key, EVP_sha256()), 0);
  return certificate;
}

Octets der_of(X509* certificate) {
  Octets der(static_cast<std::size_t>(i2d_X509(certificate, nullptr)));
  unsigned char* at = der.data();
  i2d_X509(certificate, &at);
  return der;
}

// The peer is OpenSSL itself, and may be set up as nobody should be.
class Peer {
 public:
  Peer() : identity_(kNow), context_(SSL_CTX_new(DTLS_client_method())) {
    SSL_CTX_use_certificate(context_, SSL_CTX_get0_certificate(identity_.context()));
    SSL_CTX_use_PrivateKey(context_, SSL_CTX_get0_privatekey(identity_.context()));
    SSL_CTX_set_tlsext_use_srtp(context_, "SRTP_AEAD_AES_128_GCM");
    SSL_CTX_set_options(context_, SSL_OP_NO_QUERY_MTU);
  }
  ~Peer() {
    SSL_free(ssl_);
    SSL_CTX_free(context_);
  }
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;

  SSL_CTX* context() { return context_; }
  SSL* ssl() { return ssl_; }
  rtc::DtlsFingerprint fingerprint() const { return identity_.fingerprint(DtlsHash::Sha256); }

  // Another certificate than the one of an identity; what is asked of it is left to the other side.
  void use(X509* certificate, EVP_PKEY* key) {
    SSL_CTX_set_security_level(context_, 0);
    EXPECT_EQ(SSL_CTX_use_certificate(context_, certificate), 1);
    EXPECT_EQ(SSL_CTX_use_PrivateKey(context_, key), 1);
  }
  void start() {
    ssl_ = SSL_new(context_);
    BIO* const bio = bio_.make();
    SSL_set_bio(ssl_, bio, bio);
    SSL_set_mtu(ssl_, 1200);
    SSL_set_connect_state(ssl_);
    step();
  }
  void step() { (void)SSL_do_handshake(ssl_); }
  void handle(const Octets& datagram) {
    bio_.offer(datagram);
    if (SSL_is_init_finished(ssl_) == 0 || SSL_renegotiate_pending(ssl_) != 0) {
      step();
    } else {
      std::array<std::uint8_t, 2048> ignored;
      (void)SSL_read(ssl_, ignored.data(), static_cast<int>(ignored.size()));
    }
    bio_.offer({});
  }
  std::optional<Octets> poll() { return bio_.poll(); }

 private:
  DtlsIdentity identity_;
  rtc::DatagramBio bio_;
  SSL_CTX* context_;
  SSL* ssl_ = nullptr;
};

// Calls `change` with the body of the first fragment of a certificate message, if there is one. In
// the clear, records follow one another (RFC 6347 section 4.1).
template <class Change>
void change_certificate(Octets& datagram, Change change) {
  constexpr std::size_t kRecordHead = 13;
  constexpr std::size_t kMessageHead = 12;
  constexpr std::uint8_t kHandshake = 22;
  constexpr std::uint8_t kCertificate = 11;
  for (std::size_t at = 0; at + kRecordHead + kMessageHead < datagram.size();) {
    const std::size_t size = std::size_t{datagram[at + 11]} << 8 | datagram[at + 12];
    const bool is_certificate = datagram[at] == kHandshake && datagram[at + 4] == 0 &&
                                datagram[at + kRecordHead] == kCertificate;
    if (is_certificate && at + kRecordHead + size <= datagram.size() && size > kMessageHead) {
      change(std::span(datagram).subspan(at + kRecordHead + kMessageHead, size - kMessageHead));
    }
    at += kRecordHead + size;
  }
}

class AttackDtlsTest : public testing::Test {
 protected:
  // Starts both, and carries what they say, as `change` leaves it.
  template <class Change>
  void meet(Peer& peer, DtlsTransport& server, Change change) {
    server.start(now, DtlsRole::Server, peer.fingerprint());
    peer.start();
    carry(peer, server, change);
  }
  // The same with a certificate of `key`, whose fingerprint is right.
  void meet_with(EVP_PKEY* key, DtlsTransport& server) {
    const Certificate certificate = self_signed(key);
    Peer peer;
    peer.use(certificate.get(), key);
    server.start(now, DtlsRole::Server,
                 rtc::DtlsFingerprint::of(certificate.get(), DtlsHash::Sha256));
    peer.start();
    carry(peer, server, [&](Octets& datagram) {
      change_certificate(datagram, [&](std::span<std::uint8_t>) { ++certificates; });
    });
  }
  template <class Change>
  void carry(Peer& peer, DtlsTransport& server, Change change) {
    for (bool moved = true; moved;) {
      moved = false;
      while (auto datagram = peer.poll()) {
        change(*datagram);
        server.handle_datagram(now, *datagram);
        moved = true;
      }
      while (const auto datagram = server.poll_datagram()) {
        answered += datagram->size();
        peer.handle(*datagram);
        moved = true;
      }
    }
  }
  static void leave_as_it_is(Octets&) {}

  Instant now = Instant::at(1s);
  DtlsIdentity identity{kNow};
  std::size_t answered = 0;      // octets of the server
  std::size_t certificates = 0;  // that came to it by meet_with()
};

TEST_F(AttackDtlsTest, ThePeerOfTheseTestsConnectsWhenItBehaves) {
  Peer peer;
  DtlsTransport server(identity);
  meet(peer, server, leave_as_it_is);
  EXPECT_EQ(server.state(), DtlsState::Connected);
}

// OWASP ASVS 17.2.2.
TEST_F(AttackDtlsTest, CipherSuitesOutsideTheListAreRefused) {
  for (const char* const suites :
       {"ECDHE-ECDSA-AES128-SHA", "ECDHE-ECDSA-AES256-SHA384", "ECDHE-ECDSA-AES128-CCM8",
        "ECDHE-ECDSA-CAMELLIA128-SHA256", "ECDHE-ECDSA-NULL-SHA", "AECDH-NULL-SHA",
        "AECDH-AES128-SHA", "AES128-GCM-SHA256", "AES128-SHA", "NULL-SHA256",
        "DHE-RSA-AES128-GCM-SHA256", "PSK-AES128-GCM-SHA256"}) {
    SCOPED_TRACE(suites);
    Peer peer;
    SSL_CTX_set_security_level(peer.context(), 0);
    ASSERT_EQ(SSL_CTX_set_cipher_list(peer.context(), suites), 1) << "unknown to OpenSSL";
    DtlsTransport server(identity);
    meet(peer, server, leave_as_it_is);
    EXPECT_NE(server.state(), DtlsState::Connected);
    EXPECT_FALSE(server.srtp_keys());
  }
}

TEST_F(AttackDtlsTest, Dtls10IsRefused) {
  Peer peer;
  SSL_CTX_set_security_level(peer.context(), 0);
  ASSERT_EQ(SSL_CTX_set_min_proto_version(peer.context(), DTLS1_VERSION), 1);
  ASSERT_EQ(SSL_CTX_set_max_proto_version(peer.context(), DTLS1_VERSION), 1);
  DtlsTransport server(identity);
  meet(peer, server, leave_as_it_is);
  EXPECT_EQ(server.state(), DtlsState::Failed);
  EXPECT_FALSE(server.srtp_keys());
}

TEST_F(AttackDtlsTest, SrtpProfilesOutsideTheListAreRefused) {
  Peer peer;
  ASSERT_EQ(SSL_CTX_set_tlsext_use_srtp(peer.context(), "SRTP_AES128_CM_SHA1_32"), 0);
  DtlsTransport server(identity);
  meet(peer, server, leave_as_it_is);
  EXPECT_EQ(server.state(), DtlsState::Failed);
  EXPECT_EQ(server.failure(), DtlsFailure::NoSrtpProfile);
  EXPECT_FALSE(server.srtp_keys());
}

TEST_F(AttackDtlsTest, NoCertificateIsRefused) {
  Peer peer;
  DtlsTransport server(identity);
  server.start(now, DtlsRole::Server, peer.fingerprint());
  SSL_CTX_set_cert_cb(
      peer.context(),
      [](SSL* ssl, void*) {
        SSL_certs_clear(ssl);
        return 1;
      },
      nullptr);
  peer.start();
  carry(peer, server, leave_as_it_is);
  EXPECT_EQ(server.state(), DtlsState::Failed);
  EXPECT_FALSE(server.srtp_keys());
}

// Lengths that lie, keys that are on no curve, signatures of nothing: one octet or many of the
// certificate, over many seeds.
TEST_F(AttackDtlsTest, ACertificateThatIsNoneGetsNoKeys) {
  SeededRandom dice(21);
  std::size_t changed = 0;
  for (int i = 0; i < 150; ++i) {
    Peer peer;
    DtlsTransport server(identity);
    const std::uint32_t count = i % 3 == 0 ? 40 : 1;
    meet(peer, server, [&](Octets& datagram) {
      change_certificate(datagram, [&](std::span<std::uint8_t> body) {
        ++changed;
        for (std::uint32_t k = 0; k < count; ++k) {
          body[dice.u32() % body.size()] ^= static_cast<std::uint8_t>(1 + dice.u32() % 255);
        }
      });
    });
    EXPECT_NE(server.state(), DtlsState::Connected) << i;
    EXPECT_FALSE(server.srtp_keys()) << i;
  }
  EXPECT_GE(changed, 150U);
  Peer peer;
  DtlsTransport server(identity);
  meet(peer, server, leave_as_it_is);
  EXPECT_EQ(server.state(), DtlsState::Connected) << "the next one is served";
}

// A curve is known by its name (RFC 5480 section 2.1.1); its numbers may be of the peer's making.
TEST_F(AttackDtlsTest, ACertificateWithExplicitCurveParametersIsRefused) {
  for (const char* const group : {"P-256", "P-384"}) {
    SCOPED_TRACE(group);
    DtlsTransport named(identity);
    meet_with(ec_key(group, "named_curve").get(), named);
    EXPECT_EQ(named.state(), DtlsState::Connected);
    certificates = 0;
    DtlsTransport server(identity);
    meet_with(ec_key(group, "explicit").get(), server);
    EXPECT_GE(certificates, 1U);
    EXPECT_EQ(server.state(), DtlsState::Failed);
    EXPECT_EQ(server.failure(), DtlsFailure::Handshake);
    EXPECT_FALSE(server.srtp_keys());
  }
}

TEST_F(AttackDtlsTest, ACertificateOfACurveOutsideTheListIsRefused) {
  for (const char* const group : {"P-521", "P-224", "P-192", "secp256k1", "brainpoolP256r1"}) {
    SCOPED_TRACE(group);
    certificates = 0;
    DtlsTransport server(identity);
    meet_with(ec_key(group, "named_curve").get(), server);
    EXPECT_GE(certificates, 1U);
    EXPECT_EQ(server.state(), DtlsState::Failed);
    EXPECT_EQ(server.failure(), DtlsFailure::Handshake);
    EXPECT_FALSE(server.srtp_keys());
  }
  Peer peer;
  DtlsTransport server(identity);
  meet(peer, server, leave_as_it_is);
  EXPECT_EQ(server.state(), DtlsState::Connected) << "the next one is served";
}

// A field whose size is no prime: looking for the square root in its compressed generator once took
// for ever (CVE-2022-0778). Its fingerprint is what signalling said.
TEST_F(AttackDtlsTest, ACertificateOfAFieldThatIsNoneEndsAtOnce) {
  const Key key = ec_key("P-256", "explicit", "compressed");
  const Certificate certificate = self_signed(key.get());
  const Octets sound = der_of(certificate.get());
  Octets changed = sound;
  constexpr std::array<std::uint8_t, 8> kPrimeStart{0xFF, 0xFF, 0xFF, 0xFF, 0x00, 0x00, 0x00, 0x01};
  constexpr std::ptrdiff_t kPrimeEnd = 31;
  const auto prime = std::ranges::search(changed, kPrimeStart).begin();
  ASSERT_NE(prime, changed.end());
  for (const std::uint8_t last : {0xFD, 0xF1, 0x01}) {
    *(prime + kPrimeEnd) = last;
    const unsigned char* at = changed.data();
    const Certificate read(d2i_X509(nullptr, &at, static_cast<long>(changed.size())));
    ASSERT_NE(read, nullptr);
    Peer peer;
    peer.use(certificate.get(), key.get());
    DtlsTransport server(identity);
    server.start(now, DtlsRole::Server, rtc::DtlsFingerprint::of(read.get(), DtlsHash::Sha256));
    peer.start();
    carry(peer, server, [&](Octets& datagram) {
      const auto found = std::ranges::search(datagram, sound);
      if (!found.empty()) std::ranges::copy(changed, found.begin());
      certificates += found.empty() ? 0U : 1U;
    });
    EXPECT_EQ(server.state(), DtlsState::Failed);
    EXPECT_FALSE(server.srtp_keys());
  }
  EXPECT_GE(certificates, 1U);
}

TEST_F(AttackDtlsTest, RenegotiationIsRefusedAndTheSessionGoesOn) {
  Peer peer;
  DtlsTransport server(identity);
  meet(peer, server, leave_as_it_is);
  ASSERT_EQ(server.state(), DtlsState::Connected);
  const auto keys = server.srtp_keys()->local.key_octets;
  std::size_t asked = 0;
  answered = 0;
  for (int i = 0; i < 100; ++i) {
    (void)SSL_renegotiate(peer.ssl());
    peer.step();
    while (const auto datagram = peer.poll()) {
      asked += datagram->size();
      server.handle_datagram(now, *datagram);
    }
    // The peer does not get to hear the refusal: it would end the session itself.
    while (const auto datagram = server.poll_datagram()) answered += datagram->size();
  }
  EXPECT_GT(asked, 0U);
  EXPECT_LE(answered, asked) << "at most an alert";
  EXPECT_EQ(server.state(), DtlsState::Connected);
  EXPECT_EQ(server.srtp_keys()->local.key_octets, keys);
}

}  // namespace
