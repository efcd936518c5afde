// Attacks on the way in: addresses, STUN, DTLS, and what comes after the end. Nothing changes that
// should not, the cost is bounded, it is counted, and everyone else is served on.
#include <map>

#include "rtc/rtcp/pli.hpp"
#include "rtc/testing/datagrams.hpp"
#include "tests/transport/attack_path_fixture.hpp"

namespace {

using namespace std::chrono_literals;
using namespace rtc;
using namespace rtc::testing;
using State = WebRtcTransport::State;

TEST_F(AttackPathTest, AReplayedCheckFromElsewhereTakesNothing) {
  End& source = open_connected(1);
  End& sink = open_connected(2);
  join(source, sink);
  const auto captured = sink.browser.check();
  give(path(2), captured);
  out.clear();
  for (std::uint16_t port = 60; port < 160; ++port) give(path(port), captured);
  EXPECT_TRUE(out.empty());
  EXPECT_EQ(drops(MediaDrop::BadCheck), 100U);
  EXPECT_EQ(*engine.web_rtc(sink.id)->path(), path(2));
  EXPECT_TRUE(speaks(source, sink));
}

// Whoever takes part can make authentic checks of their own, and forge where they come from.
TEST_F(AttackPathTest, NobodyTakesTheAddressOfAnother) {
  End& source = open_connected(1);
  End& sink = open_connected(2);
  join(source, sink);
  End& attacker = open_connected(3);
  for (const std::uint16_t victim : {1, 2}) give(path(victim), attacker.browser.check());
  EXPECT_TRUE(out.empty());
  EXPECT_EQ(drops(MediaDrop::BadCheck), 2U);
  EXPECT_EQ(*engine.web_rtc(attacker.id)->path(), path(3));
  EXPECT_TRUE(speaks(source, sink));
  // Once the other is gone, the address is free, to who can answer there.
  engine.close_transport(sink.id, out);
  out.clear();
  give(path(2), attacker.browser.check());
  out.clear();
  EXPECT_EQ(*engine.web_rtc(attacker.id)->path(), path(3));
  attacker.browser.move_to(path(2));
  attacker.browser.send(now, engine, out, attacker.browser.check());
  now = now + IceLite::kChallengeInterval;
  engine.handle_timeout(now, out);
  attacker.browser.take(now, out);
  for (auto& answer : attacker.browser.take_check_answers()) give(path(2), answer);
  EXPECT_EQ(*engine.web_rtc(attacker.id)->path(), path(2));
}

// A participant's own password, and a source that is a stranger's.
TEST_F(AttackPathTest, AForgedCheckAimsNoMediaAtAStranger) {
  End& source = open_connected(1);
  End& sink = open_connected(2);
  join(source, sink);
  std::size_t in = 0;
  std::size_t to_victim = 0;
  for (int i = 0; i < 600; ++i, now = now + 100ms) {
    if (i % 10 == 0) {
      const auto check = sink.browser.check();
      in += check.size();
      give(path(66), check);
    }
    if (i % 50 == 0) {
      for (End* const end : {&source, &sink}) {
        give(end->browser.path(), end->browser.check({.nominates = false}));
      }
    }
    if (engine.next_timeout() <= now) engine.handle_timeout(now, out);
    for (const auto& slot : datagrams_in(out)) {
      if (slot.path == path(66)) to_victim += slot.octets.size();
    }
    out.clear();
    EXPECT_TRUE(speaks(source, sink)) << "media stays where it was";
    ASSERT_LE(to_victim, in + IceLite::kGrace);
  }
  EXPECT_EQ(*engine.web_rtc(sink.id)->path(), path(2));
  // And it ends when nobody consents at the old address any more, wherever checks are forged from.
  for (const Instant end = now + IceLite::kConsent; now <= end; now = now + 1s) {
    give(path(66), sink.browser.check());
    give(path(1), source.browser.check());
    out.clear();
  }
  EXPECT_FALSE(speaks(source, sink));
  for (const auto& slot : datagrams_in(out)) EXPECT_NE(slot.path, path(66));
}

TEST_F(AttackPathTest, AMoveTakesEffectWithTheFirstAnswerFromTheNewAddress) {
  End& source = open_connected(1);
  End& sink = open_connected(2);
  join(source, sink);
  give(path(12), sink.browser.check());
  EXPECT_EQ(*engine.web_rtc(sink.id)->path(), path(2));
  EXPECT_TRUE(speaks(source, sink)) << "at the old address meanwhile";
  out.clear();
  sink.browser.move_to(path(12));
  sink.browser.send(now, engine, out, sink.browser.check());
  now = now + IceLite::kChallengeInterval;  // the first one was lost
  engine.handle_timeout(now, out);
  sink.browser.take(now, out);
  const auto answers = sink.browser.take_check_answers();
  ASSERT_EQ(answers.size(), 1U);
  for (const auto& answer : answers) give(path(12), answer);
  EXPECT_EQ(*engine.web_rtc(sink.id)->path(), path(12));
  EXPECT_TRUE(speaks(source, sink));
  // Back again takes no proof: the old address has given its own.
  give(path(2), sink.browser.check());
  EXPECT_EQ(*engine.web_rtc(sink.id)->path(), path(2));
}

TEST_F(AttackPathTest, OnlyTheAnswerToOurOwnCheckFromThereProvesAnAddress) {
  End& sink = open_connected(2);
  give(path(66), sink.browser.check());
  TransactionId asked{};
  for (const auto& slot : datagrams_in(out)) {
    const auto message = StunView::parse(slot.octets);
    if (message && message->message_class == StunClass::Request) asked = message->transaction;
  }
  out.clear();
  const auto answer = [&](std::uint16_t port, StunClass kind, unsigned error, TransactionId id) {
    Octets buffer(200);
    StunBuilder builder(buffer, kind, kStunBinding, id);
    if (kind == StunClass::Error) builder.error_code(error, "");
    if (kind == StunClass::Success) builder.xor_mapped_address(path(66).remote);
    const Bytes sent = builder.finish({.key = {}});
    give(path(port), {sent.begin(), sent.end()});
    out.clear();
    return *engine.web_rtc(sink.id)->path() == path(66);
  };
  TransactionId guessed = asked;
  guessed[11] ^= 1;
  EXPECT_FALSE(answer(66, StunClass::Error, 400, guessed));
  EXPECT_FALSE(answer(2, StunClass::Error, 400, asked)) << "seen by nobody there";
  EXPECT_FALSE(answer(67, StunClass::Error, 400, asked));
  EXPECT_FALSE(answer(66, StunClass::Success, 0, asked)) << "a STUN server answers so";
  EXPECT_FALSE(answer(66, StunClass::Error, 420, asked));
  EXPECT_TRUE(answer(66, StunClass::Error, 400, asked));
  EXPECT_FALSE(answer(2, StunClass::Error, 400, asked) &&
               !answer(66, StunClass::Error, 400, asked));
}

// The first address too may be a stranger's; a hello of ours, or a certificate, is larger than what
// asks for it.
TEST_F(AttackPathTest, TheHandshakeGivesAnUnprovenAddressThriceWhatCameFromIt) {
  for (const auto role : {DtlsRole::Client, DtlsRole::Server}) {
    const std::uint16_t port = role == DtlsRole::Client ? 71 : 72;
    End& end = open(port);
    engine.connect(now, end.id, role, end.browser.fingerprint(), out);
    std::size_t in = 0;
    std::size_t answered = 0;
    const auto settle = [&] {
      for (const auto& slot : datagrams_in(out)) answered += slot.octets.size();
      out.clear();
      ASSERT_LE(answered, IceLite::kAmplification * in + IceLite::kGrace);
    };
    const auto check = end.browser.check();
    in += check.size();
    give(path(port), check);
    settle();
    DtlsTransport hello(attacker_identity_);
    hello.start(now, DtlsRole::Client, identity.fingerprint(DtlsHash::Sha256));
    if (role == DtlsRole::Server) {
      const auto datagram = *hello.poll_datagram();
      in += datagram.size();
      give(path(port), datagram);
      settle();
    }
    for (const Instant until = now + 40s; now < until; now = now + 50ms) {
      engine.handle_timeout(now, out);
      settle();
    }
  }
}

TEST_F(AttackPathTest, AStormOfHellosIsCutAndOthersConnectMeanwhile) {
  End& attacker = open(70);
  engine.connect(now, attacker.id, DtlsRole::Server, attacker.browser.fingerprint(), out);
  give(path(70), attacker.browser.check());
  out.clear();
  std::size_t in = 0;
  std::size_t answered = 0;
  const Instant start = now;
  for (int i = 0; i < 10'000; ++i, now = now + 100us) {
    DtlsTransport hello(attacker_identity_);
    hello.start(now, DtlsRole::Client, identity.fingerprint(DtlsHash::Sha256));
    const auto datagram = *hello.poll_datagram();
    in += datagram.size();
    give(path(70), datagram);
    for (const auto& slot : datagrams_in(out)) answered += slot.octets.size();
    out.clear();
    if (i % 2500 == 0) open_connected(static_cast<std::uint16_t>(80 + i / 2500));
  }
  EXPECT_EQ(now - start, 1s);
  EXPECT_GE(drops(MediaDrop::OverBudget), 10'000U - 2 * MediaEngine::kInputDtls - 1);
  EXPECT_LE(answered, in / 10);
}

TEST_F(AttackPathTest, WithoutConsentNothingGoesOut) {
  End& source = open_connected(1);
  End& sink = open_connected(2);
  join(source, sink);
  for (const Instant end = now + 40s; now < end; now = now + 1s) {
    source.browser.send(now, engine, out, source.browser.check());
    engine.handle_timeout(now, out);
    out.clear();
  }
  EXPECT_FALSE(speaks(source, sink));
  EXPECT_FALSE(engine.web_rtc(sink.id)->path());
  sink.browser.send(now, engine, out, sink.browser.check());
  EXPECT_TRUE(speaks(source, sink));
}

TEST_F(AttackPathTest, AThousandRestartsLeaveTwoWaysIn) {
  End& source = open_connected(1);
  End& sink = open_connected(2);
  join(source, sink);
  std::vector<IceCredentials> all{sink.credentials};
  for (int i = 0; i < 1000; ++i) {
    all.push_back(IceCredentials::generate(random));
    ASSERT_TRUE(engine.restart_ice(sink.id, all.back()));
    if (i % 3 == 0) EXPECT_TRUE(speaks(source, sink));
  }
  int taken = 0;
  for (const IceCredentials& one : all) {
    sink.browser.use(one);
    auto check = sink.browser.check();
    taken += engine.handle_datagram(now, path(2), check, out) ? 1 : 0;
  }
  EXPECT_EQ(taken, 2);
  // A restart to a name that is another's is none.
  EXPECT_FALSE(engine.restart_ice(sink.id, source.credentials));
  EXPECT_TRUE(speaks(source, sink));
}

// A restart while checks with the old and the new credentials cross, from two networks.
TEST_F(AttackPathTest, ARestartUnderWayLosesNoMediaToTheOldAddress) {
  End& source = open_connected(1);
  End& sink = open_connected(2);
  join(source, sink);
  const IceCredentials fresh = IceCredentials::generate(random);
  ASSERT_TRUE(engine.restart_ice(sink.id, fresh));
  const auto late = sink.browser.check();  // under way with the old credentials
  sink.browser.use(fresh);
  sink.browser.move_to(path(12));
  sink.browser.send(now, engine, out, sink.browser.check());
  EXPECT_TRUE(speaks(source, sink));
  give(path(2), late);
  EXPECT_EQ(*engine.web_rtc(sink.id)->path(), path(12));
  EXPECT_TRUE(speaks(source, sink));
}

TEST_F(AttackPathTest, WhatComesAfterTheEndGoesNowhere) {
  End& source = open_connected(1);
  End& sink = open_connected(2);
  join(source, sink);
  auto media = source.browser.protect_rtp({.payload_type = 100, .sequence = 7, .ssrc = 5}, {},
                                          bytes_of("late"));
  auto report =
      source.browser.protect_rtcp(rtcp_packet([](ByteWriter& writer) { Pli{1, 9}.write(writer); }));
  const auto check = source.browser.check();
  source.browser.dtls().close();
  auto alert = *source.browser.dtls().poll_datagram();
  engine.close_transport(source.id, out);
  engine.close_transport(source.id, out);
  out.clear();
  for (const auto& datagram : {media, report, alert}) give(path(1), datagram);
  EXPECT_EQ(drops(MediaDrop::UnknownSender), 3U);
  auto late = check;
  EXPECT_FALSE(engine.handle_datagram(now, path(1), late, out));
  EXPECT_FALSE(engine.restart_ice(source.id, source.credentials));
  EXPECT_FALSE(engine.connect(now, source.id, DtlsRole::Server, source.browser.fingerprint(), out));
  engine.handle_timeout(now + 1s, out);
  EXPECT_TRUE(out.empty());
  EXPECT_EQ(state(sink), State::Connected);
}

// A record of a handshake message of which nothing, or too much, is there.
Octets dtls_record(std::uint16_t sequence, std::uint32_t message_size, std::uint32_t offset,
                   std::size_t fragment) {
  Octets buffer(70'000);
  ByteWriter out(buffer);
  out.u8(22);  // handshake
  out.u16(0xFEFD);
  out.u16(0);  // epoch
  out.u32(0);
  out.u16(sequence);
  out.u16(static_cast<std::uint16_t>(12 + fragment));
  out.u8(1);  // ClientHello
  out.u24(message_size);
  out.u16(sequence);
  out.u24(offset);
  out.u24(static_cast<std::uint32_t>(fragment));
  out.reserve(fragment);
  buffer.resize(out.size());
  return buffer;
}

TEST_F(AttackPathTest, DtlsFragmentsOfNothingAndOfEverythingEndNoSession) {
  End& source = open_connected(1);
  End& sink = open_connected(2);
  join(source, sink);
  std::size_t answered = 0;
  std::size_t sent = 0;
  const auto attack = [&](const Path& from) {
    for (std::uint16_t i = 0; i < 300; ++i) {
      const std::uint32_t size = random.u32() & 0xFFFFFFU;
      const std::size_t fragments[] = {0, 1, 1000, 40'000};
      auto record = dtls_record(i, i % 2 == 0 ? 0xFFFFFFU : size, i % 3 == 0 ? size : 0,
                                fragments[random.u32() % 4]);
      if (i % 5 == 0) record.resize(random.u32() % record.size());
      sent += record.size();
      give(from, std::move(record));
      for (const auto& slot : rtc::testing::datagrams_in(out)) answered += slot.octets.size();
      out.clear();
    }
  };
  attack(path(1));  // forged to be from where the session is
  EXPECT_EQ(state(source), State::Connected);
  EXPECT_TRUE(speaks(source, sink));
  End& other = open(4);
  engine.connect(now, other.id, DtlsRole::Server, other.browser.fingerprint(), out);
  other.browser.send(now, engine, out, other.browser.check());
  attack(path(4));
  EXPECT_LT(answered, sent / 10);
  EXPECT_TRUE(speaks(source, sink));
}

TEST_F(AttackPathTest, EmptyAndHugeDatagramsAreDropped) {
  End& source = open_connected(1);
  End& sink = open_connected(2);
  join(source, sink);
  give(path(1), {});
  for (int first = 0; first < 256; ++first) {
    give(path(1), Octets(1, static_cast<std::uint8_t>(first)));
    give(path(1), Octets(65'535, static_cast<std::uint8_t>(first)));
  }
  for (const auto& slot : rtc::testing::datagrams_in(out)) EXPECT_NE(slot.path, path(2));
  out.clear();
  EXPECT_EQ(state(source), State::Connected);
  EXPECT_TRUE(speaks(source, sink));
}

// Goal: nobody gets more octets than they sent, and four challenges, before they answered one, nor
// after consent ran out. Method: everything that can be captured, or made by an outsider or by the
// participant who has the password, from many addresses, between all that a browser does; many
// seeds.
class ReflectionSim : public AttackPathTest {
 protected:
  struct Account {
    std::size_t in = 0;
    std::size_t out = 0;
    Instant valid_until;
  };

  void receive(std::uint16_t port, const Octets& datagram) {
    accounts_[port].in += datagram.size();
    give(path(port), datagram);
    settle();
  }
  // A check that the browser itself made and that nobody saw before, and its answer to ours.
  void consent(End& end, const Octets& check) {
    accounts_[end.browser.path().remote.port].valid_until = now + IceLite::kConsent;
    give(end.browser.path(), check);
    end.browser.look(now, out);
    settle();
    for (Octets& answer : end.browser.take_check_answers()) {
      give(end.browser.path(), std::move(answer));
      settle();
    }
  }
  void settle() {
    for (const auto& slot : rtc::testing::datagrams_in(out)) {
      accounts_[slot.path.remote.port].out += slot.octets.size();
    }
    out.clear();
    for (auto& [port, account] : accounts_) {
      if (now < account.valid_until) account.in = account.out = 0;
      ASSERT_LE(account.out, account.in + IceLite::kGrace) << "port " << port;
    }
  }
  void storm(std::uint64_t seed) {
    SeededRandom dice(seed);
    std::vector<Octets> captured;
    End& source = open_connected(1);
    End& sink = open_connected(2);
    join(source, sink);
    accounts_[1].valid_until = accounts_[2].valid_until = now + IceLite::kConsent;
    std::uint16_t sequence = 0;
    for (int step = 0; step < 400; ++step) {
      const auto port = static_cast<std::uint16_t>(50 + dice.u32() % 20);
      switch (dice.u32() % 9) {
        case 0:
          captured.push_back(sink.browser.check({.nominates = dice.u32() % 2 == 0}));
          consent(sink, captured.back());
          break;
        case 1:
          captured.push_back(source.browser.check());
          consent(source, captured.back());
          break;
        case 2:
          receive(port, sink.browser.check({.password = "guess"}));
          break;
        case 3:
          if (!captured.empty()) receive(port, captured[dice.u32() % captured.size()]);
          break;
        case 4: {
          DtlsTransport attacker(attacker_identity_);
          attacker.start(now, DtlsRole::Client, identity.fingerprint(DtlsHash::Sha256));
          receive(port, *attacker.poll_datagram());
          break;
        }
        case 5: {
          Octets junk(dice.u32() % 300);
          dice.fill(junk);
          receive(port, junk);
          break;
        }
        case 6:
          captured.push_back(source.browser.protect_rtp(
              {.payload_type = 100, .sequence = ++sequence, .ssrc = 5}, {}, bytes_of("voice")));
          receive(dice.u32() % 2 == 0 ? 1 : port, captured.back());
          break;
        case 7:
          now = now + Duration{dice.u32() % 8'000'000};
          engine.handle_timeout(now, out);
          settle();
          break;
        case 8:
          receive(port, sink.browser.check({.nominates = dice.u32() % 2 == 0}));
          break;
      }
      if (HasFatalFailure()) return;
    }
    engine.close_transport(source.id, out);
    engine.close_transport(sink.id, out);
    out.clear();
    accounts_.clear();
  }

 private:
  std::map<std::uint16_t, Account> accounts_;
};

TEST_F(ReflectionSim, NobodyGetsMoreThanTheyGaveBeforeTheyConsent) {
  for (std::uint64_t seed = 1; seed <= 25 && !HasFailure(); ++seed) {
    SCOPED_TRACE(::testing::Message() << "seed " << seed);
    storm(seed);
  }
}

}  // namespace
