// Handshakes that begin and never end, over many transports: they take bounded memory, and delay
// nobody else for long.
#include "tests/transport/web_rtc_fixture.hpp"

namespace {

using namespace std::chrono_literals;
using namespace rtc;
using namespace rtc::testing;
using State = WebRtcTransport::State;

constexpr std::size_t kMany = 2000;

class AttackHandshakeTest : public WebRtcFixture {
 protected:
  enum class Order : std::uint8_t { HelloLast, HelloFirst };  // before signalling names the peer
  struct Beginner {
    TransportId id;
    Path path;
    Octets hello;
  };
  // Of a network of its own for each number, but for numbers of `same_network`.
  static Path from(std::size_t number, bool same_network) {
    Path made = path(1);
    const auto high = static_cast<std::uint8_t>(number >> 8);
    const auto low = static_cast<std::uint8_t>(number & 0xFF);
    made.remote.address = IpAddress::v4(
        {10, 9, same_network ? std::uint8_t{0} : high, same_network ? std::uint8_t{0} : low});
    made.remote.port = static_cast<std::uint16_t>(10'000 + number);
    return made;
  }
  void give(const Path& from, Octets datagram) { engine.handle_datagram(now, from, datagram, out); }

  // A check and a hello, to which nothing further comes.
  void begin(const Path& path, Order order) {
    const IceCredentials credentials = IceCredentials::generate(random);
    const auto id = engine.open_web_rtc(now, credentials, identity);
    ASSERT_TRUE(id);
    checker_.use(credentials);
    DtlsTransport client(attacker_identity_);
    client.start(now, DtlsRole::Client, identity.fingerprint(DtlsHash::Sha256));
    const Beginner& made = beginners.emplace_back(*id, path, *client.poll_datagram());
    const auto connect = [&] {
      engine.connect(now, *id, DtlsRole::Server, attacker_identity_.fingerprint(DtlsHash::Sha256),
                     out);
    };
    if (order == Order::HelloLast) connect();
    give(path, checker_.check());
    give(path, made.hello);
    if (order == Order::HelloFirst) connect();
    out.clear();
  }
  void begin_many(bool same_network) {
    for (std::size_t i = 0; i < kMany; ++i) {
      begin(from(i, same_network), i % 2 == 0 ? Order::HelloLast : Order::HelloFirst);
    }
  }
  void begin_honest(End& end) {
    end.browser.connect(now, engine, end.id, out, identity.fingerprint(DtlsHash::Sha256));
  }
  // Once: what is due on both sides, and what they say to each other.
  void tick(End& honest) {
    engine.handle_timeout(now, out);
    honest.browser.take(now, out);
    honest.browser.dtls().handle_timeout(now);
    honest.browser.exchange(now, engine, out);
  }
  std::size_t count(State wanted) {
    return static_cast<std::size_t>(std::ranges::count_if(
        beginners, [&](const Beginner& one) { return engine.web_rtc(one.id)->state() == wanted; }));
  }

  std::vector<Beginner> beginners;

 private:
  DtlsIdentity attacker_identity_{1'800'000'000};
  Browser checker_{path(1), {}};
};

TEST_F(AttackHandshakeTest, ThousandsOfAllNetworksHoldNobodyUpLongerThanAHandshakeMayTake) {
  const Instant start = now;
  begin_many(false);
  EXPECT_EQ(engine.handshakes().taken(), HandshakeSlots::kMax);
  EXPECT_EQ(engine.handshakes().refused(), kMany - HandshakeSlots::kMax);
  now = now + 5s;
  End& honest = open(3);
  begin_honest(honest);
  const Instant end = start + DtlsTransport::kHandshakeMax + DtlsTransport::kRetransmitMax;
  for (int step = 0; now < end && state(honest) != State::Connected; ++step, now = now + 100ms) {
    if (step % 20 == 0) honest.browser.send(now, engine, out, honest.browser.check());
    if (step % 10 == 0) {
      for (const Beginner& one : beginners) give(one.path, one.hello);
      out.clear();
    }
    tick(honest);
    EXPECT_LE(engine.handshakes().taken(), HandshakeSlots::kMax);
  }
  EXPECT_EQ(state(honest), State::Connected);
  EXPECT_EQ(count(State::Failed), kMany);
  EXPECT_EQ(engine.handshakes().taken(), 0U);
}

TEST_F(AttackHandshakeTest, ThousandsOfOneNetworkHoldUpNobodyElse) {
  begin_many(true);
  EXPECT_EQ(engine.handshakes().taken(), HandshakeSlots::kMax);
  // As long as they may be honest ones they are let go on.
  End& early = open(3);
  begin_honest(early);
  EXPECT_EQ(state(early), State::Connecting);
  EXPECT_EQ(count(State::Failed), 0U);
  now = now + HandshakeSlots::kPatience;
  for (std::uint16_t port = 4; port < 14; ++port) {
    End& honest = open(port);
    begin_honest(honest);
    EXPECT_EQ(state(honest), State::Connected) << "with its first hello";
    tick(early);
  }
  EXPECT_EQ(state(early), State::Connected);
  EXPECT_EQ(engine.handshakes().taken() + count(State::Failed), HandshakeSlots::kMax);
  EXPECT_LE(count(State::Failed), 11U);
  std::size_t told = 0;
  for (const EngineEvent& event : events()) {
    const auto* const changed = std::get_if<TransportChanged>(&event);
    told += changed != nullptr && changed->state == State::Failed ? 1U : 0U;
  }
  EXPECT_EQ(told, count(State::Failed));
}

// The transport whose handshake made room did not see it end, and has no deadline of its own then.
TEST_F(AttackHandshakeTest, SignallingLearnsWithTheNextTickOfAHandshakeThatMadeRoom) {
  begin_many(true);
  now = now + HandshakeSlots::kPatience;
  engine.handle_timeout(now, out);
  out.clear();
  events();
  End& honest = open(3);
  begin_honest(honest);
  ASSERT_EQ(count(State::Failed), 1U);
  engine.handle_timeout(now, out);
  const auto has_failed = [](const EngineEvent& event) {
    const auto* const changed = std::get_if<TransportChanged>(&event);
    return changed != nullptr && changed->state == State::Failed;
  };
  EXPECT_EQ(std::ranges::count_if(events(), has_failed), 1);
}

// A network that holds as many as the one that asks loses none.
TEST_F(AttackHandshakeTest, ACrowdOfHonestPeopleEndsNobodysHandshake) {
  for (std::size_t i = 0; i < HandshakeSlots::kMax; ++i) {
    begin(from(i, false), Order::HelloLast);
  }
  now = now + HandshakeSlots::kPatience;
  for (int i = 0; i < 20; ++i) begin(from(kMany + i, false), Order::HelloLast);
  EXPECT_EQ(count(State::Failed), 0U);
  EXPECT_EQ(engine.handshakes().refused(), 20U);
}

// As the client the server has the first flight, and keeps it for later.
TEST_F(AttackHandshakeTest, OurOwnHelloWaitsForASlotToo) {
  begin_many(false);
  End& honest = open(3);
  honest.browser.connect(now, engine, honest.id, out, identity.fingerprint(DtlsHash::Sha256),
                         DtlsRole::Server);
  EXPECT_EQ(state(honest), State::New);
  for (const Beginner& one : beginners) engine.close_transport(one.id, out);
  out.clear();
  EXPECT_EQ(engine.handshakes().taken(), 0U);
  honest.browser.send(now, engine, out, honest.browser.check());
  honest.browser.exchange(now, engine, out);
  EXPECT_EQ(state(honest), State::Connected);
}

}  // namespace
