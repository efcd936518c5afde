// A media engine with browsers around it.
#pragma once

#include <gtest/gtest.h>

#include <deque>
#include <vector>

#include "tests/transport/browser.hpp"
#include "tests/transport/engine_fixture.hpp"

namespace rtc::testing {

class WebRtcFixture : public ::testing::Test {
 protected:
  static constexpr std::uint8_t kMidId = 1;
  static constexpr std::uint8_t kRidId = 2;
  static constexpr std::uint8_t kRepairedRidId = 3;
  static constexpr std::uint8_t kLevelId = 6;

  static RtpExtensionIds extension_ids() {
    RtpExtensionIds ids;
    ids.set(RtpExtension::Mid, kMidId);
    ids.set(RtpExtension::RtpStreamId, kRidId);
    ids.set(RtpExtension::RepairedRtpStreamId, kRepairedRidId);
    ids.set(RtpExtension::AbsSendTime, 4);
    ids.set(RtpExtension::AudioLevel, kLevelId);
    return ids;
  }

  // A transport and its browser, not connected yet.
  struct End {
    End(TransportId its_id, const IceCredentials& its_credentials, std::uint16_t port)
        : id(its_id), credentials(its_credentials), browser(path(port), its_credentials, port) {}

    TransportId id;
    IceCredentials credentials;
    Browser browser;
  };
  End& open(std::uint16_t port) {
    const IceCredentials credentials = IceCredentials::generate(random);
    const auto id = engine.open_web_rtc(now, credentials, identity);
    EXPECT_TRUE(id);
    return ends.emplace_back(*id, credentials, port);
  }
  End& open_connected(std::uint16_t port, DtlsRole role = DtlsRole::Client) {
    End& end = open(port);
    end.browser.connect(now, engine, end.id, out, identity.fingerprint(DtlsHash::Sha256), role);
    EXPECT_EQ(state(end), WebRtcTransport::State::Connected);
    return end;
  }
  WebRtcTransport::State state(const End& end) { return engine.web_rtc(end.id)->state(); }
  std::vector<EngineEvent> events() {
    std::vector<EngineEvent> all;
    while (const auto event = engine.poll_event()) all.push_back(*event);
    return all;
  }
  std::uint64_t drops(MediaDrop reason) { return engine.drops(reason); }

  Instant now = Instant::at(std::chrono::seconds{1});
  SeededRandom random{7};
  DtlsIdentity identity{1'800'000'000};
  MediaEngine engine{now};
  Outbox out{512};
  std::deque<End> ends;
};

}  // namespace rtc::testing
