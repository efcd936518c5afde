// Goal: the handshake comes through loss, duplication and reordering, with retransmissions in
// virtual time alone. Method: two transports over two simulated links, always stepping to the
// soonest event.
#include <gtest/gtest.h>

#include "netsim/link.hpp"
#include "rtc/dtls/dtls_transport.hpp"

namespace {

using namespace std::chrono_literals;
using rtc::DtlsHash;
using rtc::DtlsIdentity;
using rtc::DtlsRole;
using rtc::DtlsState;
using rtc::DtlsTransport;
using Datagram = std::vector<std::uint8_t>;

struct Outcome {
  bool connected = false;
  bool same_keys = false;
  Duration took{0};
};

Outcome run(const DtlsIdentity& a, const DtlsIdentity& b, double loss, std::uint64_t seed) {
  const sim::LinkOptions options{
      .delay = 40ms, .jitter = 20ms, .loss = loss, .duplicate = 0.05, .seed = seed};
  sim::Link<Datagram> up(options);
  sim::LinkOptions back = options;
  back.seed = seed + 1'000'000;
  sim::Link<Datagram> down(back);

  Instant now;
  DtlsTransport client(a);
  DtlsTransport server(b);
  server.start(now, DtlsRole::Server, a.fingerprint(DtlsHash::Sha256));
  client.start(now, DtlsRole::Client, b.fingerprint(DtlsHash::Sha256));
  const auto is_over = [&] {
    const auto ended = [](const DtlsTransport& one) {
      return one.state() != DtlsState::Connecting;
    };
    return ended(client) && ended(server);
  };
  while (!is_over() && now < Instant::at(60s)) {
    while (auto datagram = client.poll_datagram()) up.send(now, std::move(*datagram));
    while (auto datagram = server.poll_datagram()) down.send(now, std::move(*datagram));
    now = std::min(
        {up.next_timeout(), down.next_timeout(), client.next_timeout(), server.next_timeout()});
    while (const auto datagram = up.poll(now)) server.handle_datagram(now, *datagram);
    while (const auto datagram = down.poll(now)) client.handle_datagram(now, *datagram);
    client.handle_timeout(now);
    server.handle_timeout(now);
  }
  Outcome outcome;
  outcome.connected =
      client.state() == DtlsState::Connected && server.state() == DtlsState::Connected;
  outcome.same_keys = outcome.connected &&
                      client.srtp_keys()->local.key_octets == server.srtp_keys()->remote.key_octets;
  outcome.took = now - Instant();
  return outcome;
}

TEST(DtlsTransportSim, ConnectsInTwoRoundTripsWithoutLoss) {
  const DtlsIdentity a(1'800'000'000);
  const DtlsIdentity b(1'800'000'000);
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    const Outcome outcome = run(a, b, 0, seed);
    EXPECT_TRUE(outcome.same_keys) << "seed " << seed;
    EXPECT_LE(outcome.took, 2 * 2 * 60ms) << "seed " << seed;
  }
}

TEST(DtlsTransportSim, ConnectsThroughThirtyPercentLossBothWays) {
  const DtlsIdentity a(1'800'000'000);
  const DtlsIdentity b(1'800'000'000);
  constexpr int kSeeds = 100;
  int connected = 0;
  int soon = 0;
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    const Outcome outcome = run(a, b, 0.3, seed);
    connected += outcome.connected;
    soon += outcome.connected && outcome.took < 5s;
    EXPECT_EQ(outcome.connected, outcome.same_keys) << "seed " << seed;
  }
  EXPECT_GE(connected, 98);
  EXPECT_GE(soon, 80);
}

}  // namespace
