// Attacks on the handshake by a peer on the right path: old and weak algorithms, certificates that
// are none, renegotiation. The server gives keys to nobody whose certificate it does not expect,
// and an attack ends no session but the attacker's.
#include <gtest/gtest.h>
#include <openssl/ssl.h>

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

class AttackDtlsTest : public testing::Test {
 protected:
  // Starts both, and carries what they say, as `change` leaves it.
  template <class Change>
  void meet(Peer& peer, DtlsTransport& server, Change change) {
    server.start(now, DtlsRole::Server, peer.fingerprint());
    peer.start();
    carry(peer, server, change);
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
  std::size_t answered = 0;  // octets of the server
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
