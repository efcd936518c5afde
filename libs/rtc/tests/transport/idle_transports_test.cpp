// Of many transports only those are looked at that have something to do.
#include "rtc/rtp/extension_values.hpp"
#include "tests/transport/web_rtc_fixture.hpp"

namespace rtc::testing {
namespace {

using namespace std::chrono_literals;

class IdleTransportsTest : public WebRtcFixture {
 protected:
  static constexpr std::size_t kBrowsers = 4000;
  static constexpr std::size_t kPipes = 6000;  // what an engine takes beyond its browsers

  // Ten thousand, the first of them connected.
  void open_idle() {
    for (std::uint16_t port = 10; port < 15; ++port) open_connected(port);
    for (std::size_t i = ends.size(); i < kBrowsers; ++i) {
      ASSERT_TRUE(engine.open_web_rtc(now, IceCredentials::generate(random), identity));
    }
    for (std::uint16_t i = 0; i < kPipes; ++i) engine.open_pipe(i);
  }

  void tick() {
    engine.handle_timeout(now, out);
    for (End& end : ends) end.browser.look(now, out);
    out.clear();
  }

  // Somebody speaks for two seconds, and a browser hears it; how many ticks there were.
  int talk(End& speaker, End& listener) {
    RtpExtensionIds ids = extension_ids();
    ids.set(RtpExtension::TransportSequence, 5);
    const auto producer = engine.produce(speaker.id, {.kind = MediaKind::Audio,
                                                      .payload_type = 100,
                                                      .extension_ids = ids,
                                                      .streams = {{.ssrc = 5}}});
    Consumer::Options options;
    options.kind = MediaKind::Audio;
    options.ssrc = 77;
    options.payload_type = 100;
    EXPECT_TRUE(engine.consume(listener.id, *producer, options));
    int ticks = 0;
    for (std::uint16_t sequence = 1; sequence <= 100; ++sequence) {
      const auto octets = transport_sequence_octets(sequence);
      const RtpExtensionElement elements[] = {{5, octets}};
      auto datagram = speaker.browser.protect_rtp(
          {.payload_type = 100, .sequence = sequence, .ssrc = 5}, elements, bytes_of("x"));
      engine.handle_datagram(now, speaker.browser.path(), datagram, out);
      for (End& end : ends) end.browser.look(now, out);
      out.clear();
      now = now + 20ms;
      if (engine.next_timeout() > now) continue;
      tick();
      ++ticks;
    }
    return ticks;
  }
};

TEST_F(IdleTransportsTest, TenThousandAreNotLookedAtWhileOneIsBusy) {
  End& speaker = open_connected(1);
  End& listener = open_connected(2);
  open_idle();
  const std::uint64_t before = engine.transport_visits();
  const int ticks = talk(speaker, listener);
  EXPECT_GE(ticks, 10);
  EXPECT_EQ(listener.browser.take_rtp().size(), 100U);
  EXPECT_FALSE(speaker.browser.take_rtcp().empty()) << "it is told what arrives";
  // A packet and a tick open what they concern a few times.
  EXPECT_LE(engine.transport_visits() - before, 1000U);
}

TEST_F(IdleTransportsTest, ATickBeforeAnythingIsDueLooksAtNone) {
  open_connected(1);
  open_idle();
  const std::uint64_t before = engine.transport_visits();
  for (int i = 0; i < 100; ++i) {
    now = now + 10ms;
    tick();
  }
  EXPECT_EQ(engine.transport_visits(), before);
}

// One tick for each that becomes idle at last, and then none at all.
TEST_F(IdleTransportsTest, ThoseThatAreLostAreLookedAtOnceMore) {
  open_idle();
  events();
  now = now + IceLite::kConsent;
  EXPECT_LE(engine.next_timeout(), now);
  std::uint64_t before = engine.transport_visits();
  tick();
  EXPECT_GE(engine.transport_visits() - before, kBrowsers);
  std::size_t lost = 0;
  for (const EngineEvent& event : events()) lost += std::holds_alternative<ConsentLost>(event);
  EXPECT_EQ(lost, ends.size());
  before = engine.transport_visits();
  now = now + 1h;
  tick();
  EXPECT_EQ(engine.transport_visits(), before);
  EXPECT_EQ(engine.next_timeout(), Instant::never());
  // A check begins anew, for that one alone.
  ends.front().browser.send(now, engine, out, ends.front().browser.check());
  EXPECT_LE(engine.next_timeout(), now + IceLite::kConsent);
  EXPECT_GT(engine.next_timeout(), now);
}

}  // namespace
}  // namespace rtc::testing
