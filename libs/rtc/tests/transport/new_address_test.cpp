// A browser whose NAT gives it another address, and that nominates nothing anew (RFC 8445 section
// 7.3.1.3): media follows it, and nobody who forges an address.
#include "rtc/testing/datagrams.hpp"
#include "tests/transport/attack_path_fixture.hpp"

namespace {

using namespace std::chrono_literals;
using namespace rtc;
using namespace rtc::testing;

constexpr Duration kCheckInterval = 2500ms;  // libwebrtc's
constexpr Duration kStep = 20ms;

class NewAddressTest : public AttackPathTest {
 protected:
  NewAddressTest() {
    source = &open_connected(1);
    sink = &open_connected(2);
    join(*source, *sink);
  }
  // A check that nominates nothing, and what the browser says to ours, each as `arrives` says.
  template <class Arrives>
  void check_again(End& end, Arrives arrives) {
    if (arrives()) give(end.browser.path(), end.browser.check({.nominates = false}));
    answer(end, arrives);
  }
  template <class Arrives>
  void answer(End& end, Arrives arrives) {
    end.browser.take(now, out);
    for (Octets& one : end.browser.take_check_answers()) {
      if (arrives()) give(end.browser.path(), std::move(one));
    }
  }
  // How long after the move at `moves_after` the sink hears the source again.
  template <class Arrives>
  Duration time_without_media(Duration moves_after, Arrives arrives) {
    const Instant start = now;
    const Instant moves_at = start + moves_after;
    for (;; now = now + kStep) {
      const Duration since = now - start;
      if (now == moves_at) sink->browser.move_to(path(12));
      if (since % kCheckInterval < kStep) {
        check_again(*source, [] { return true; });
        check_again(*sink, arrives);
      }
      if (engine.next_timeout() <= now) engine.handle_timeout(now, out);
      answer(*sink, arrives);
      const bool hears = speaks(*source, *sink);
      if (now < moves_at) {
        EXPECT_TRUE(hears);
      } else if (hears || now - moves_at > IceLite::kConsent) {
        return now - moves_at;
      }
    }
  }

  End* source = nullptr;
  End* sink = nullptr;
};

TEST_F(NewAddressTest, MediaFollowsWithinTenSecondsWheneverItComes) {
  for (Duration after = 5000ms; after < 5000ms + kCheckInterval; after += 260ms) {
    sink->browser.move_to(path(2));
    for (End* const end : {source, sink}) give(end->browser.path(), end->browser.check());
    answer(*sink, [] { return true; });
    ASSERT_EQ(*engine.web_rtc(sink->id)->path(), path(2));
    EXPECT_LE(time_without_media(after, [] { return true; }), 10s) << after.count();
    EXPECT_EQ(*engine.web_rtc(sink->id)->path(), path(12));
    now = now + IceLite::kConsent;  // the proof of before is over
  }
}

TEST_F(NewAddressTest, MediaFollowsWhereHalfOfTheChecksAreLost) {
  SeededRandom dice(3);
  const auto arrives = [&] { return dice.u32() % 2 == 0; };
  EXPECT_LE(time_without_media(5s, arrives), 20s);
  EXPECT_EQ(*engine.web_rtc(sink->id)->path(), path(12));
}

// Whoever takes part lets its own path fall silent, and forges checks of a stranger, who answers
// nothing, or as a STUN server would.
TEST_F(NewAddressTest, AForgedSourceNeverGetsMedia) {
  std::size_t in = 0;
  std::size_t to_stranger = 0;
  for (const Instant end = now + 60s; now < end; now = now + 100ms) {
    if (now.since_zero() % 1s == 0s) {
      const auto check = sink->browser.check({.nominates = now.since_zero() % 3s == 0s});
      in += check.size();
      give(path(66), check);
      give(path(1), source->browser.check({.nominates = false}));
    }
    if (engine.next_timeout() <= now) engine.handle_timeout(now, out);
    std::vector<Octets> answers;
    for (const auto& slot : datagrams_in(out)) {
      if (slot.path != path(66)) continue;
      to_stranger += slot.octets.size();
      const auto asked = StunView::parse(slot.octets);
      ASSERT_TRUE(asked) << "nothing but STUN";
      if (asked->message_class != StunClass::Request) continue;
      Octets buffer(100);
      StunBuilder success(buffer, StunClass::Success, kStunBinding, asked->transaction);
      success.xor_mapped_address(path(66).remote);
      const Bytes made = success.finish({.key = {}});
      answers.emplace_back(made.begin(), made.end());
    }
    for (Octets& one : answers) give(path(66), std::move(one));
    out.clear();
    speaks(*source, *sink);
    ASSERT_LE(to_stranger, in + IceLite::kGrace);
  }
  EXPECT_FALSE(engine.web_rtc(sink->id)->is_connected());
}

TEST_F(NewAddressTest, TheOldPathKeepsMediaWhenItIsHeardAgain) {
  now = now + IceLite::kSilent;
  give(path(12), sink->browser.check({.nominates = false}));  // forged, or too late
  give(path(2), sink->browser.check({.nominates = false}));
  for (const Instant end = now + 5s; now < end; now = now + 100ms) {
    engine.handle_timeout(now, out);
    for (const auto& slot : datagrams_in(out)) {
      const auto message = StunView::parse(slot.octets);
      if (message && message->message_class == StunClass::Request) {
        EXPECT_EQ(now.since_zero(), 1s + IceLite::kSilent) << "asked no further";
      }
    }
    EXPECT_TRUE(speaks(*source, *sink));
  }
  EXPECT_EQ(*engine.web_rtc(sink->id)->path(), path(2));
}

}  // namespace
