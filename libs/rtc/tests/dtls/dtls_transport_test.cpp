#include "rtc/dtls/dtls_transport.hpp"

#include <gtest/gtest.h>

#include "base/random.hpp"

namespace {

using namespace std::chrono_literals;
using rtc::DtlsFailure;
using rtc::DtlsHash;
using rtc::DtlsIdentity;
using rtc::DtlsRole;
using rtc::DtlsState;
using rtc::DtlsTransport;

constexpr std::int64_t kNow = 1'800'000'000;  // unix seconds

// Two transports and a wire between them that loses nothing and takes no time.
class DtlsPair : public testing::Test {
 protected:
  void start(DtlsHash hash = DtlsHash::Sha256) {
    server.start(now, DtlsRole::Server, client_identity.fingerprint(hash));
    client.start(now, DtlsRole::Client, server_identity.fingerprint(hash));
  }

  void exchange() {
    for (bool moved = true; moved;) {
      moved = false;
      while (const auto datagram = client.poll_datagram()) {
        EXPECT_LE(datagram->size(), 1200U);
        server.handle_datagram(now, *datagram);
        moved = true;
      }
      while (const auto datagram = server.poll_datagram()) {
        EXPECT_LE(datagram->size(), 1200U);
        client.handle_datagram(now, *datagram);
        moved = true;
      }
    }
  }

  Instant now = Instant::at(1s);
  DtlsIdentity client_identity{kNow};
  DtlsIdentity server_identity{kNow};
  DtlsTransport client{client_identity};
  DtlsTransport server{server_identity};
};

TEST_F(DtlsPair, AgreesOnSrtpKeysWithEachHash) {
  for (const auto hash : {DtlsHash::Sha256, DtlsHash::Sha384, DtlsHash::Sha512}) {
    DtlsTransport one(client_identity);
    DtlsTransport other(server_identity);
    other.start(now, DtlsRole::Server, client_identity.fingerprint(hash));
    one.start(now, DtlsRole::Client, server_identity.fingerprint(hash));
    for (int i = 0; i < 10; ++i) {
      while (const auto datagram = one.poll_datagram()) other.handle_datagram(now, *datagram);
      while (const auto datagram = other.poll_datagram()) one.handle_datagram(now, *datagram);
    }
    ASSERT_EQ(one.state(), DtlsState::Connected);
    ASSERT_EQ(other.state(), DtlsState::Connected);
    const auto& a = *one.srtp_keys();
    const auto& b = *other.srtp_keys();
    EXPECT_EQ(a.local.suite, rtc::SrtpSuite::AeadAes128Gcm);
    EXPECT_EQ(a.local.key_octets, b.remote.key_octets);
    EXPECT_EQ(a.local.salt_octets, b.remote.salt_octets);
    EXPECT_EQ(b.local.key_octets, a.remote.key_octets);
    EXPECT_NE(a.local.key_octets, a.remote.key_octets);
    EXPECT_EQ(one.next_timeout(), Instant::never());
    EXPECT_EQ(other.next_timeout(), Instant::never());
  }
}

TEST_F(DtlsPair, ServerRefusesAnotherCertificate) {
  const DtlsIdentity stranger(kNow);
  server.start(now, DtlsRole::Server, stranger.fingerprint(DtlsHash::Sha256));
  client.start(now, DtlsRole::Client, server_identity.fingerprint(DtlsHash::Sha256));
  exchange();
  EXPECT_EQ(server.state(), DtlsState::Failed);
  EXPECT_EQ(server.failure(), DtlsFailure::WrongCertificate);
  EXPECT_FALSE(server.srtp_keys());
  EXPECT_EQ(client.state(), DtlsState::Failed);
  EXPECT_FALSE(client.srtp_keys());
}

TEST_F(DtlsPair, ClientRefusesAnotherCertificate) {
  const DtlsIdentity stranger(kNow);
  server.start(now, DtlsRole::Server, client_identity.fingerprint(DtlsHash::Sha256));
  client.start(now, DtlsRole::Client, stranger.fingerprint(DtlsHash::Sha256));
  exchange();
  EXPECT_EQ(client.failure(), DtlsFailure::WrongCertificate);
  EXPECT_FALSE(client.srtp_keys());
  EXPECT_FALSE(server.srtp_keys());
}

TEST_F(DtlsPair, RubbishChangesNothing) {
  SeededRandom random(4);
  const auto rubbish = [&](DtlsTransport& transport) {
    for (int i = 0; i < 200; ++i) {
      std::vector<std::uint8_t> datagram(1 + random.u32() % 300);
      random.fill(datagram);
      datagram[0] = static_cast<std::uint8_t>(20 + random.u32() % 44);
      transport.handle_datagram(now, datagram);
    }
  };
  start();
  rubbish(server);
  rubbish(client);
  EXPECT_EQ(server.state(), DtlsState::Connecting);
  EXPECT_EQ(client.state(), DtlsState::Connecting);
  exchange();
  ASSERT_EQ(server.state(), DtlsState::Connected);
  rubbish(server);
  rubbish(client);
  EXPECT_EQ(server.state(), DtlsState::Connected);
  EXPECT_EQ(client.state(), DtlsState::Connected);
}

TEST_F(DtlsPair, GivesUpWhenNobodyAnswers) {
  start();
  std::size_t datagrams = 0;
  while (client.state() == DtlsState::Connecting) {
    now = client.next_timeout();
    ASSERT_NE(now, Instant::never());
    client.handle_timeout(now);
    while (client.poll_datagram()) ++datagrams;
  }
  EXPECT_EQ(client.failure(), DtlsFailure::Timeout);
  EXPECT_LE(now, Instant::at(1s) + DtlsTransport::kHandshakeMax);
  EXPECT_GE(datagrams, 8U);
  EXPECT_LE(datagrams, 16U);
  EXPECT_EQ(client.next_timeout(), Instant::never());
}

TEST_F(DtlsPair, EarlyTicksAreHarmless) {
  start();
  while (client.poll_datagram()) {
  }
  for (int i = 0; i < 100; ++i) client.handle_timeout(now);
  EXPECT_FALSE(client.poll_datagram());
}

TEST_F(DtlsPair, TellsThePeerOfItsEnd) {
  start();
  exchange();
  client.close();
  exchange();
  EXPECT_EQ(client.state(), DtlsState::Closed);
  EXPECT_EQ(server.state(), DtlsState::Closed);
  EXPECT_FALSE(server.srtp_keys());
  server.close();
  client.handle_datagram(now, bytes_of("late"));
  client.handle_timeout(now + 1h);
  EXPECT_EQ(client.state(), DtlsState::Closed);
}

TEST_F(DtlsPair, IgnoresWhatComesBeforeTheStart) {
  server.handle_datagram(now, bytes_of("\x16\xfe\xfd hello"));
  server.handle_timeout(now);
  EXPECT_EQ(server.state(), DtlsState::New);
  EXPECT_FALSE(server.poll_datagram());
}

TEST_F(DtlsPair, AnotherHelloAfterTheHandshakeDoesNotHarmIt) {
  start();
  exchange();
  DtlsTransport intruder(client_identity);
  intruder.start(now, DtlsRole::Client, server_identity.fingerprint(DtlsHash::Sha256));
  const auto keys = server.srtp_keys()->local.key_octets;
  while (const auto datagram = intruder.poll_datagram()) server.handle_datagram(now, *datagram);
  EXPECT_EQ(server.state(), DtlsState::Connected);
  EXPECT_EQ(server.srtp_keys()->local.key_octets, keys);
}

}  // namespace
