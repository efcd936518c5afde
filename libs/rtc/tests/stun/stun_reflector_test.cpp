#include "rtc/stun/stun_reflector.hpp"

#include <gtest/gtest.h>

#include "rtc/stun/stun_builder.hpp"
#include "rtc/stun/stun_view.hpp"

namespace {

using namespace std::chrono_literals;
using rtc::StunBuilder;
using rtc::StunClass;
using rtc::StunReflector;
using rtc::StunView;

struct Reflector {
  SeededRandom random{1};
  StunReflector server{random};
  std::array<std::uint8_t, StunReflector::kAnswerMax> buffer{};

  auto ask(Instant now, Bytes request, const char* from) {
    return server.answer(now, request, {*IpAddress::parse(from), 5000}, buffer);
  }
};

std::vector<std::uint8_t> plain_request(bool fingerprint = false) {
  std::vector<std::uint8_t> buffer(64);
  StunBuilder builder(buffer, StunClass::Request, rtc::kStunBinding, {4, 2});
  const Bytes datagram = builder.finish({.key = {}, .fingerprint = fingerprint});
  return {datagram.begin(), datagram.end()};
}

TEST(StunReflector, TellsBothFamiliesTheirAddress) {
  Reflector reflector;
  for (const char* from : {"192.0.2.9", "2001:db8::9"}) {
    const auto answer = reflector.ask(Instant(), plain_request(), from);
    ASSERT_TRUE(answer) << from;
    const auto view = StunView::parse(*answer);
    ASSERT_TRUE(view);
    EXPECT_EQ(view->message_class, StunClass::Success);
    EXPECT_EQ(view->transaction, (rtc::TransactionId{4, 2}));
    EXPECT_EQ(view->xor_mapped_address, (Endpoint{*IpAddress::parse(from), 5000}));
    EXPECT_FALSE(view->has_fingerprint);
  }
}

TEST(StunReflector, AnswersAFingerprintWithAFingerprint) {
  Reflector reflector;
  const auto answer = reflector.ask(Instant(), plain_request(true), "192.0.2.9");
  ASSERT_TRUE(answer);
  EXPECT_TRUE(StunView::parse(*answer)->has_fingerprint);
}

TEST(StunReflector, NamesTheAttributesThatItDoesNotUnderstand) {
  Reflector reflector;
  auto request = plain_request();
  request[3] = 4;
  request.insert(request.end(), {0x00, 0x33, 0x00, 0x00});
  const auto answer = reflector.ask(Instant(), request, "192.0.2.9");
  // 24 octets in, 56 out: more than the first grant covers, so only a later try gets it.
  EXPECT_EQ(answer.error(), StunReflector::Refusal::OverBudget);
  const auto second = reflector.ask(Instant(), request, "192.0.2.9");
  ASSERT_TRUE(second);
  EXPECT_EQ(StunView::parse(*second)->error_code, 420U);
}

TEST(StunReflector, LeavesEverythingElseAlone) {
  Reflector reflector;
  const auto refusal = [&](Bytes datagram) {
    return reflector.ask(Instant(), datagram, "192.0.2.9").error();
  };
  std::array<std::uint8_t, 256> buffer{};
  using enum StunReflector::Refusal;
  EXPECT_EQ(refusal(bytes_of("hello")), Malformed);
  for (const auto kind : {StunClass::Indication, StunClass::Success, StunClass::Error}) {
    EXPECT_EQ(refusal(StunBuilder(buffer, kind, rtc::kStunBinding, {}).finish({.key = {}})),
              NotForUs);
  }
  EXPECT_EQ(refusal(StunBuilder(buffer, StunClass::Request, 3, {}).finish({.key = {}})), NotForUs);
  StunBuilder named(buffer, StunClass::Request, rtc::kStunBinding, {});
  named.username("somebody:else");
  EXPECT_EQ(refusal(named.finish({.key = {}})), NotForUs);
  StunBuilder sealed(buffer, StunClass::Request, rtc::kStunBinding, {});
  EXPECT_EQ(refusal(sealed.finish({.key = bytes_of("k")})), NotForUs);
}

// Goal: whoever forges a victim's address (or any address beside it) gains nothing by our answers.
TEST(StunReflector, SendsANetworkNoMoreThanCameFromItAndTheGrant) {
  for (const bool is_v6 : {false, true}) {
    Reflector reflector;
    const auto request = plain_request();
    std::size_t in = 0;
    std::size_t out = 0;
    int answers = 0;
    for (int i = 0; i < 1000; ++i) {
      const std::string from = (is_v6 ? "2001:db8:1:200::" : "192.0.2.") + std::to_string(i % 256);
      in += request.size();
      if (const auto answer = reflector.ask(Instant::at(i * 900us), request, from.c_str())) {
        out += answer->size();
        ++answers;
      }
      EXPECT_LE(out, in + StunReflector::kGrant);
    }
    EXPECT_GT(answers, 400);
  }
}

TEST(StunReflector, AnswersALoneRequestHoweverMuchCameBefore) {
  Reflector reflector;
  const auto request = plain_request();
  for (int i = 0; i < 101; ++i) (void)reflector.ask(Instant(), request, "192.0.2.9");
  EXPECT_TRUE(reflector.ask(Instant::at(1s), request, "192.0.2.9"));
  EXPECT_TRUE(reflector.ask(Instant::at(2s), request, "192.0.2.9"));
}

TEST(StunReflector, FloodOfOneNetworkCostsAnotherNothing) {
  Reflector reflector;
  const auto request = plain_request();
  for (int i = 0; i < 10'000; ++i) (void)reflector.ask(Instant(), request, "198.51.100.1");
  EXPECT_TRUE(reflector.ask(Instant(), request, "192.0.2.9"));
}

TEST(StunReflector, AnAnswerNeverNeedsMoreThanItsBuffer) {
  Reflector reflector;
  auto request = plain_request();
  for (int i = 0; i < 20; ++i) request.insert(request.end(), {0x00, 0x33, 0x00, 0x00});
  request[3] = 80;
  EXPECT_TRUE(reflector.ask(Instant(), request, "2001:db8::9"));
}

}  // namespace
