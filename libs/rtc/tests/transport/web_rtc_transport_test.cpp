#include "rtc/transport/web_rtc_transport.hpp"
#include "rtc/testing/datagrams.hpp"

#include "rtc/rtcp/extended_report.hpp"
#include "rtc/rtcp/pli.hpp"
#include "rtc/rtcp/transport_feedback.hpp"
#include "rtc/rtp/extension_values.hpp"
#include "tests/transport/web_rtc_fixture.hpp"

namespace {

using namespace std::chrono_literals;
using namespace rtc;
using namespace rtc::testing;
using State = WebRtcTransport::State;

class WebRtcTransportTest : public WebRtcFixture {};

TEST_F(WebRtcTransportTest, ConnectsInBothRolesAndSaysSo) {
  for (const auto role : {DtlsRole::Client, DtlsRole::Server}) {
    const End& end = open_connected(role == DtlsRole::Client ? 1 : 2, role);
    std::vector<State> states;
    for (const EngineEvent& event : events()) {
      const auto& changed = std::get<TransportChanged>(event);
      EXPECT_EQ(changed.transport, end.id);
      states.push_back(changed.state);
    }
    EXPECT_EQ(states, (std::vector{State::Connecting, State::Connected}));
  }
}

TEST_F(WebRtcTransportTest, AHelloBeforeSignallingIsNotLost) {
  End& end = open(1);
  end.browser.send(now, engine, out, end.browser.check());
  end.browser.dtls().start(now, DtlsRole::Client, identity.fingerprint(DtlsHash::Sha256));
  end.browser.exchange(now, engine, out);
  EXPECT_EQ(state(end), State::New);
  engine.connect(now, end.id, DtlsRole::Server, end.browser.fingerprint(), out);
  end.browser.exchange(now, engine, out);
  EXPECT_EQ(state(end), State::Connected);
}

TEST_F(WebRtcTransportTest, AnotherCertificateGetsNoKeys) {
  End& end = open(1);
  const DtlsIdentity stranger(1'800'000'000);
  engine.connect(now, end.id, DtlsRole::Server, stranger.fingerprint(DtlsHash::Sha256), out);
  end.browser.send(now, engine, out, end.browser.check());
  end.browser.dtls().start(now, DtlsRole::Client, identity.fingerprint(DtlsHash::Sha256));
  end.browser.exchange(now, engine, out);
  EXPECT_EQ(state(end), State::Failed);
  EXPECT_EQ(engine.web_rtc(end.id)->failure(), DtlsFailure::WrongCertificate);
}

// CVE-2023-49786 and kin: a hello from elsewhere, before, during and after ICE and DTLS.
TEST_F(WebRtcTransportTest, AHelloFromAnywhereElseChangesNothing) {
  End& end = open(1);
  DtlsIdentity attacker_identity(1'800'000'000);
  const auto attack = [&] {
    DtlsTransport attacker(attacker_identity);
    attacker.start(now, DtlsRole::Client, identity.fingerprint(DtlsHash::Sha256));
    const std::uint64_t before = drops(MediaDrop::UnknownSender);
    auto hello = *attacker.poll_datagram();
    engine.handle_datagram(now, path(66), hello, out);
    EXPECT_EQ(drops(MediaDrop::UnknownSender), before + 1);
    EXPECT_TRUE(out.empty());
  };
  attack();
  engine.connect(now, end.id, DtlsRole::Server, end.browser.fingerprint(), out);
  attack();
  end.browser.send(now, engine, out, end.browser.check());
  attack();
  end.browser.dtls().start(now, DtlsRole::Client, identity.fingerprint(DtlsHash::Sha256));
  auto hello = *end.browser.dtls().poll_datagram();
  engine.handle_datagram(now, path(1), hello, out);
  end.browser.take(now, out);
  attack();
  end.browser.exchange(now, engine, out);
  EXPECT_EQ(state(end), State::Connected);
  attack();
  EXPECT_EQ(state(end), State::Connected);
}

TEST_F(WebRtcTransportTest, ChecksThatAreNotAuthenticChangeNothingAndGetNoAnswer) {
  End& end = open_connected(1);
  const std::size_t answers = end.browser.answers();
  const auto try_from = [&](std::uint16_t port, const Browser::Check& how) {
    auto check = end.browser.check(how);
    const bool was_ours = engine.handle_datagram(now, path(port), check, out);
    EXPECT_TRUE(out.empty());
    return was_ours;
  };
  EXPECT_TRUE(try_from(66, {.password = "wrong"}));
  EXPECT_EQ(drops(MediaDrop::BadCheck), 1U);
  EXPECT_FALSE(try_from(66, {.username = "nobody:theirs"}));
  EXPECT_FALSE(try_from(66, {.username = end.credentials.username_fragment}));
  EXPECT_EQ(end.browser.answers(), answers);
  EXPECT_EQ(*engine.web_rtc(end.id)->path(), path(1));
  EXPECT_EQ(state(end), State::Connected);
}

TEST_F(WebRtcTransportTest, NothingGoesToAnUnvalidatedAddress) {
  End& end = open(1);
  // We are the DTLS client: our hello waits for a validated path.
  engine.connect(now, end.id, DtlsRole::Client, end.browser.fingerprint(), out);
  EXPECT_TRUE(out.empty());
  for (int i = 0; i < 100; ++i) {
    now = now + 100ms;
    engine.handle_timeout(now, out);
  }
  EXPECT_TRUE(out.empty());
  auto check = end.browser.check();
  const std::size_t sent = check.size();
  engine.handle_datagram(now, path(1), check, out);
  ASSERT_GE(out.count(), 1U);
  EXPECT_LE(rtc::testing::datagrams_in(out)[0].octets.size(), sent);
}

TEST_F(WebRtcTransportTest, MediaFollowsTheNominationToAnotherAddress) {
  End& source = open_connected(1);
  End& sink = open_connected(2);
  const auto producer = *engine.produce(
      source.id, {.kind = MediaKind::Audio, .payload_type = 100, .streams = {{.ssrc = 5}}});
  ASSERT_TRUE(engine.consume(sink.id, producer,
                             {.ssrc = 9, .payload_type = 100, .kind = MediaKind::Audio}));
  const auto speak = [&](std::uint16_t sequence) {
    auto datagram = source.browser.protect_rtp(
        {.payload_type = 100, .sequence = sequence, .ssrc = 5}, {}, bytes_of("voice"));
    engine.handle_datagram(now, source.browser.path(), datagram, out);
    sink.browser.take(now, out);
    return sink.browser.take_rtp().size();
  };
  EXPECT_EQ(speak(1), 1U);
  source.browser.move_to(path(11));
  EXPECT_EQ(speak(2), 0U);  // not validated yet
  EXPECT_EQ(drops(MediaDrop::UnknownSender), 1U);
  source.browser.send(now, engine, out, source.browser.check());
  EXPECT_EQ(speak(3), 1U);
  sink.browser.move_to(path(12));
  EXPECT_EQ(speak(4), 0U);  // still goes to the old address
  sink.browser.send(now, engine, out, sink.browser.check({.nominates = false}));
  EXPECT_EQ(speak(5), 0U);
  sink.browser.send(now, engine, out, sink.browser.check());
  EXPECT_EQ(speak(6), 1U);
}

TEST_F(WebRtcTransportTest, IceRestartsWithoutAGap) {
  End& end = open_connected(1);
  const IceCredentials fresh = IceCredentials::generate(random);
  ASSERT_TRUE(engine.restart_ice(end.id, fresh));
  end.browser.send(now, engine, out, end.browser.check());  // the old ones still serve
  EXPECT_EQ(end.browser.answers(), 2U);
  end.browser.use(fresh);
  end.browser.move_to(path(3));
  end.browser.send(now, engine, out, end.browser.check());
  EXPECT_EQ(end.browser.answers(), 3U);
  EXPECT_EQ(*engine.web_rtc(end.id)->path(), path(3));
  EXPECT_EQ(state(end), State::Connected);
  end.browser.use(end.credentials);
  auto old = end.browser.check();
  engine.handle_datagram(now, path(3), old, out);  // but not after the new ones were used
  EXPECT_TRUE(out.empty());
}

TEST_F(WebRtcTransportTest, SaysOnceThatConsentIsLost) {
  End& end = open_connected(1);
  events();
  const Instant connected = now;
  int lost = 0;
  for (; now < connected + 60s; now = now + 1s) {
    if (now < engine.next_timeout()) continue;
    engine.handle_timeout(now, out);
    for (const EngineEvent& event : events()) {
      EXPECT_EQ(std::get<ConsentLost>(event).transport, end.id);
      EXPECT_GE(now, connected + IceLite::kConsent);
      EXPECT_LE(now, connected + IceLite::kConsent + 1s);
      ++lost;
    }
  }
  EXPECT_EQ(lost, 1);
}

// A browser begins to look for a path when it has something to send or to receive.
TEST_F(WebRtcTransportTest, SaysNothingOfConsentThatWasNeverGiven) {
  ASSERT_TRUE(engine.open_web_rtc(now, IceCredentials::generate(random), identity));
  engine.handle_timeout(now + 60s, out);
  EXPECT_TRUE(events().empty());
}

TEST_F(WebRtcTransportTest, LearnsSimulcastStreamsAndTheirRetransmissionsByRid) {
  End& source = open_connected(1);
  End& sink = open_connected(2);
  const auto producer = *engine.produce(source.id, {.kind = MediaKind::Video,
                                                    .codec = MediaCodec::Vp8,
                                                    .payload_type = 101,
                                                    .rtx_payload_type = 102,
                                                    .mid = "0",
                                                    .extension_ids = extension_ids(),
                                                    .streams = {{.rid = "r0"}, {.rid = "r1"}}});
  Consumer::Options options;
  options.ssrc = 9;
  options.payload_type = 101;
  options.cname = "c";
  options.mid = "4";
  options.extension_ids = extension_ids();
  const auto consumer = *engine.consume(sink.id, producer, options);

  const auto send = [&](std::uint32_t ssrc, std::uint8_t payload_type, std::uint16_t sequence,
                        std::string_view mid, std::uint8_t rid_id, std::string_view rid,
                        std::string_view payload) {
    const RtpExtensionElement elements[] = {{kMidId, bytes_of(mid)}, {rid_id, bytes_of(rid)}};
    auto datagram = source.browser.protect_rtp(
        {.payload_type = payload_type, .sequence = sequence, .ssrc = ssrc}, elements,
        bytes_of(payload));
    engine.handle_datagram(now, path(1), datagram, out);
    sink.browser.take(now, out);
  };
  const std::string_view key("\x10\x00", 2);
  const std::string_view delta("\x10\x01", 2);
  const std::string_view resent("\x00\x08\x10\x01", 4);  // brings sequence number 8 again
  send(70, 101, 1, "7", kRidId, "r1", key);              // another producer's mid
  EXPECT_EQ(drops(MediaDrop::UnknownSsrc), 1U);
  send(50, 101, 1, "0", kRidId, "r0", key);
  EXPECT_EQ(sink.browser.take_rtp().size(), 1U);
  send(51, 101, 6, "0", kRidId, "r1", key);
  EXPECT_TRUE(sink.browser.take_rtp().empty());  // not the target yet
  engine.prefer_layers(now, consumer, {.spatial = 1});
  send(51, 101, 7, "0", kRidId, "r1", key);
  send(51, 101, 9, "0", kRidId, "r1", delta);
  send(61, 102, 1, "0", kRepairedRidId, "r1", resent);
  const auto rtp = sink.browser.take_rtp();
  ASSERT_EQ(rtp.size(), 3U);
  const std::uint16_t first = RtpView::parse(rtp[0])->header.sequence;
  EXPECT_EQ(RtpView::parse(rtp[1])->header.sequence, first + 2);
  const auto late = RtpView::parse(rtp[2]);
  EXPECT_EQ(late->header.sequence, first + 1);
  EXPECT_EQ(text_of(late->payload), "\x10\x01");
  const auto values =
      RtpExtensionValues::read(late->extension_profile, late->extension, extension_ids());
  EXPECT_EQ(text_of(*values[RtpExtension::Mid]), "4");
  EXPECT_TRUE(values[RtpExtension::AbsSendTime]);
  EXPECT_FALSE(values[RtpExtension::RtpStreamId]);

  send(52, 101, 1, "0", kRidId, "r1", key);  // the rid has its stream already
  EXPECT_EQ(drops(MediaDrop::UnknownSsrc), 2U);
}

TEST_F(WebRtcTransportTest, HandsOnWhatTheReceiverNegotiatedAlone) {
  End& source = open_connected(1);
  End& sink = open_connected(2);
  const auto producer = *engine.produce(source.id, {.kind = MediaKind::Audio,
                                                    .payload_type = 100,
                                                    .extension_ids = extension_ids(),
                                                    .streams = {{.ssrc = 5}}});
  Consumer::Options with{.ssrc = 9, .payload_type = 100, .kind = MediaKind::Audio};
  with.extension_ids.set(RtpExtension::AudioLevel, 12);
  ASSERT_TRUE(engine.consume(sink.id, producer, with));
  ASSERT_TRUE(engine.consume(sink.id, producer,
                             {.ssrc = 10, .payload_type = 100, .kind = MediaKind::Audio}));
  const std::array<std::uint8_t, 1> level{0x85};
  const RtpExtensionElement elements[] = {{kLevelId, level}};
  auto datagram = source.browser.protect_rtp({.payload_type = 100, .sequence = 1, .ssrc = 5},
                                             elements, bytes_of("x"));
  engine.handle_datagram(now, path(1), datagram, out);
  sink.browser.take(now, out);
  const auto rtp = sink.browser.take_rtp();
  ASSERT_EQ(rtp.size(), 2U);
  const auto first = RtpView::parse(rtp[0]);
  RtpExtensionReader reader(first->extension_profile, first->extension);
  const auto element = reader.next();
  ASSERT_TRUE(element);
  EXPECT_EQ(element->id, 12);
  EXPECT_EQ(element->data[0], 0x85);
  EXPECT_FALSE(reader.next());
  EXPECT_TRUE(RtpView::parse(rtp[1])->extension.empty());
}

TEST_F(WebRtcTransportTest, ReportsArrivalsToWhoNumbersPacketsOverTheTransport) {
  End& source = open_connected(1);
  RtpExtensionIds ids;
  ids.set(RtpExtension::TransportSequence, 5);
  ASSERT_TRUE(engine.produce(source.id, {.kind = MediaKind::Audio,
                                         .payload_type = 100,
                                         .extension_ids = ids,
                                         .streams = {{.ssrc = 5}}}));
  std::uint16_t sequence = 0;
  for (const std::uint16_t number : {65534, 65535, 1}) {
    const auto octets = transport_sequence_octets(number);
    const RtpExtensionElement elements[] = {{5, octets}};
    auto datagram = source.browser.protect_rtp(
        {.payload_type = 100, .sequence = ++sequence, .ssrc = 5}, elements, bytes_of("x"));
    engine.handle_datagram(now, path(1), datagram, out);
  }
  EXPECT_LE(engine.next_timeout(), now + 250ms);
  now = engine.next_timeout();
  engine.handle_timeout(now, out);
  source.browser.take(now, out);
  std::vector<std::pair<std::uint16_t, bool>> reported;
  for (const auto& datagram : source.browser.take_rtcp()) {
    RtcpReader reader(datagram);
    while (const auto packet = reader.next()) {
      const auto feedback = TransportFeedback::parse(*packet);
      if (!feedback) continue;
      EXPECT_EQ(feedback->media_ssrc, 5U);
      feedback->for_each([&](std::uint16_t number, const auto& arrival) {
        reported.emplace_back(number, arrival.has_value());
      });
    }
  }
  EXPECT_EQ(reported, (std::vector<std::pair<std::uint16_t, bool>>{
                          {65534, true}, {65535, true}, {0, false}, {1, true}}));
}

TEST_F(WebRtcTransportTest, ToldATimeItTellsItBack) {
  End& end = open_connected(1);
  auto asked = end.browser.protect_rtcp(rtcp_packet([](ByteWriter& writer) {
    for (int i = 0; i < 10; ++i) {
      ExtendedReport::write_reference_time(writer, 77, 0x0123'4567'89AB'CDEF);
    }
  }));
  end.browser.send(now, engine, out, asked);
  const auto answers = end.browser.take_rtcp();
  ASSERT_EQ(answers.size(), 1U);
  RtcpReader reader(answers[0]);
  const auto answer = ExtendedReport::parse(*reader.next());
  ASSERT_TRUE(answer);
  int items = 0;
  answer->for_each_dlrr([&](const ExtendedReport::DlrrItem& item) {
    EXPECT_EQ(item.ssrc, 77U);
    EXPECT_EQ(item.last_rr, 0x4567'89ABU);
    EXPECT_EQ(item.delay, 0U);
    ++items;
  });
  EXPECT_EQ(items, 1);
}

TEST_F(WebRtcTransportTest, ForgedReplayedAndCutMediaIsDroppedAndCounted) {
  End& source = open_connected(1);
  ASSERT_TRUE(engine.produce(
      source.id, {.kind = MediaKind::Audio, .payload_type = 100, .streams = {{.ssrc = 5}}}));
  const auto good = source.browser.protect_rtp({.payload_type = 100, .sequence = 1, .ssrc = 5}, {},
                                               bytes_of("voice"));
  const auto give = [&](Octets datagram) {
    engine.handle_datagram(now, path(1), datagram, out);
    return drops(MediaDrop::NotAuthentic);
  };
  Octets forged = good;
  forged.back() ^= 1;
  EXPECT_EQ(give(forged), 1U);
  EXPECT_EQ(give(Octets(good.begin(), good.begin() + 14)), 2U);
  EXPECT_EQ(give(good), 2U);
  EXPECT_EQ(give(good), 3U);
  Octets clear_report = rtcp_packet([](ByteWriter& writer) { Pli{1, 5}.write(writer); });
  EXPECT_EQ(give(clear_report), 4U);
}

TEST_F(WebRtcTransportTest, ClosingTellsTheBrowserAndFreesEverything) {
  End& source = open_connected(1);
  End& sink = open_connected(2);
  const auto producer = *engine.produce(
      source.id, {.kind = MediaKind::Audio, .payload_type = 100, .streams = {{.ssrc = 5}}});
  ASSERT_TRUE(engine.consume(sink.id, producer,
                             {.ssrc = 9, .payload_type = 100, .kind = MediaKind::Audio}));
  engine.close_transport(source.id, out);
  source.browser.take(now, out);
  EXPECT_EQ(source.browser.dtls().state(), DtlsState::Closed);
  EXPECT_EQ(engine.producer_count(), 0U);
  EXPECT_EQ(engine.consumer_count(), 0U);
  auto check = source.browser.check();
  EXPECT_FALSE(engine.handle_datagram(now, path(1), check, out));
  events();
  sink.browser.dtls().close();  // as when the page closes its connection
  sink.browser.exchange(now, engine, out);
  const auto told = events();
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(std::get<TransportChanged>(told[0]).state, State::Closed);
  engine.close_transport(sink.id, out);
  EXPECT_EQ(engine.transport_count(), 0U);
}

// So that the connections are closed: nobody listens there any more.
TEST_F(WebRtcTransportTest, TellsOfTcpConnectionsThatItIsNotReachedOverAnyMore) {
  End& end = open(1);
  const auto connection = [&](std::uint32_t number) {
    Path one = path(static_cast<std::uint16_t>(number));
    one.connection = number;
    return one;
  };
  constexpr std::uint32_t kConnections = IceLite::kPathsMax + 4;
  for (std::uint32_t number = 1; number <= kConnections; ++number, now = now + 1ms) {
    auto check = end.browser.check({.nominates = false});
    engine.handle_datagram(now, connection(number), check, out);
  }
  EXPECT_EQ(*engine.web_rtc(end.id)->path(), connection(1));
  EXPECT_TRUE(engine.web_rtc(end.id)->ice().is_proven()) << "the handshake of TCP has proven it";
  std::vector<std::uint32_t> ended;
  const auto poll = [&] {
    while (const auto one = engine.poll_ended()) ended.push_back(one->connection);
  };
  poll();
  std::ranges::sort(ended);
  EXPECT_EQ(ended, (std::vector<std::uint32_t>{2, 3, 4, 5}));
  engine.close_transport(end.id, out);
  poll();
  EXPECT_EQ(ended.size(), kConnections);
}

TEST_F(WebRtcTransportTest, AFloodOfAddressesKeepsNoMoreThanIceDoes) {
  End& end = open_connected(1);
  for (std::uint16_t port = 100; port < 1100; ++port) {
    now = now + 1ms;
    auto check = end.browser.check({.nominates = false});
    engine.handle_datagram(now, path(port), check, out);
    out.clear();
  }
  // Media from an address that was forgotten is a stranger's, and where media goes is not.
  auto rubbish = Octets(20, 0x80);
  engine.handle_datagram(now, path(100), rubbish, out);
  EXPECT_EQ(drops(MediaDrop::UnknownSender), 1U);
  engine.handle_datagram(now, path(1099), rubbish, out);
  engine.handle_datagram(now, path(1), rubbish, out);
  EXPECT_EQ(drops(MediaDrop::NotAuthentic), 2U);
  EXPECT_EQ(*engine.web_rtc(end.id)->path(), path(1));
}

}  // namespace
