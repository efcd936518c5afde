#include "rtc/ice/ice_lite.hpp"

#include <gtest/gtest.h>

#include "rtc/stun/stun_builder.hpp"

namespace {

using namespace std::chrono_literals;
using rtc::IceCredentials;
using rtc::IceLite;
using rtc::Path;
using rtc::StunBuilder;
using rtc::StunClass;
using rtc::StunView;

Path path(const char* address, std::uint16_t port = 5000) {
  return {.remote = {*IpAddress::parse(address), port}, .local = *IpAddress::parse("192.0.2.200")};
}

struct CheckOptions {
  std::string password = "our-password";
  std::string username = "ours:theirs";
  bool nominates = false;
  bool has_priority = true;
  bool says_controlled = false;
  StunClass message_class = StunClass::Request;
};

// Each is a transaction of its own.
std::vector<std::uint8_t> check(const CheckOptions& options = {}) {
  static std::uint16_t made = 0;
  ++made;
  std::vector<std::uint8_t> buffer(512);
  StunBuilder builder(
      buffer, options.message_class, rtc::kStunBinding,
      {1, 2, 3, static_cast<std::uint8_t>(made >> 8), static_cast<std::uint8_t>(made & 0xFF)});
  builder.username(options.username);
  if (options.has_priority) builder.priority(1853824767);
  if (options.says_controlled) {
    builder.ice_controlled(5);
  } else {
    builder.ice_controlling(5);
  }
  if (options.nominates) builder.use_candidate();
  const Bytes datagram = builder.finish({.key = bytes_of(options.password)});
  return {datagram.begin(), datagram.end()};
}

class IceLiteTest : public testing::Test {
 protected:
  std::expected<IceLite::Answer, IceLite::Drop> handle(Instant now,
                                                       const std::vector<std::uint8_t>& datagram,
                                                       const Path& from) {
    kept_ = datagram;
    return ice.handle(now, *StunView::parse(kept_), from, buffer);
  }
  std::optional<unsigned> error_of(const std::vector<std::uint8_t>& datagram) {
    const auto answer = handle(Instant(), datagram, a);
    return StunView::parse(answer->datagram)->error_code;
  }

  const Path a = path("198.51.100.1");
  const Path b = path("2001:db8::2");
  IceLite ice{Instant(), {.username_fragment = "ours", .password = "our-password"}};
  std::array<std::uint8_t, IceLite::kAnswerMax> buffer{};
  std::vector<std::uint8_t> kept_;
};

TEST_F(IceLiteTest, AnswersAnAuthenticCheckWithTheAddressThatItSees) {
  for (const Path& from : {a, b}) {
    const auto request = check();
    const auto answer = handle(Instant(), request, from);
    ASSERT_TRUE(answer);
    const auto view = StunView::parse(answer->datagram);
    ASSERT_TRUE(view);
    EXPECT_EQ(view->message_class, StunClass::Success);
    EXPECT_EQ(view->transaction, StunView::parse(request)->transaction);
    EXPECT_EQ(view->xor_mapped_address, from.remote);
    EXPECT_TRUE(view->is_authentic(bytes_of("our-password")));
    EXPECT_TRUE(view->has_fingerprint);
    EXPECT_LE(answer->datagram.size(), request.size());
  }
}

TEST_F(IceLiteTest, DropsWhatIsNotAuthenticAndChangesNothing) {
  ASSERT_TRUE(handle(Instant(), check(), a));
  const Instant before = ice.next_timeout();
  const auto drop = [&](const CheckOptions& options) {
    const auto answer = handle(Instant::at(1s), check(options), b);
    return answer ? std::nullopt : std::optional(answer.error());
  };
  using enum IceLite::Drop;
  EXPECT_EQ(drop({.password = "guess", .nominates = true}), BadIntegrity);
  EXPECT_EQ(drop({.username = "other:theirs", .nominates = true}), UnknownUser);
  EXPECT_EQ(drop({.username = "ours", .nominates = true}), UnknownUser);
  EXPECT_EQ(drop({.username = ":ours", .nominates = true}), UnknownUser);
  EXPECT_EQ(drop({.username = "", .nominates = true}), UnknownUser);
  for (const auto kind : {StunClass::Indication, StunClass::Success, StunClass::Error}) {
    EXPECT_EQ(drop({.nominates = true, .message_class = kind}), NotACheck);
  }
  EXPECT_EQ(ice.path(), a);
  EXPECT_FALSE(ice.is_validated(Instant::at(1s), b));
  EXPECT_EQ(ice.next_timeout(), before);
}

TEST_F(IceLiteTest, TellsAuthenticPeersTheirMistakes) {
  EXPECT_EQ(error_of(check({.has_priority = false})), 400U);
  EXPECT_EQ(error_of(check({.says_controlled = true})), 487U);
  EXPECT_FALSE(ice.path());
  EXPECT_FALSE(ice.is_validated(Instant(), a));
  EXPECT_EQ(error_of(check()), std::nullopt);
}

TEST_F(IceLiteTest, FollowsTheNomination) {
  EXPECT_TRUE(handle(Instant(), check(), a)->path_changed);
  EXPECT_FALSE(handle(Instant(), check(), b)->path_changed);
  EXPECT_EQ(ice.path(), a);
  EXPECT_TRUE(handle(Instant(), check({.nominates = true}), b)->path_changed);
  EXPECT_EQ(ice.path(), b);
  EXPECT_FALSE(handle(Instant(), check({.nominates = true}), b)->path_changed);
  EXPECT_FALSE(handle(Instant(), check(), a)->path_changed);
  EXPECT_EQ(ice.path(), b);
  EXPECT_TRUE(handle(Instant(), check({.nominates = true}), a)->path_changed);
  EXPECT_EQ(ice.path(), a);
}

// Challenges and proofs are those of a nomination.
TEST_F(IceLiteTest, FollowsAnotherProvenPathWhenItsOwnIsSilent) {
  const Path c = path("198.51.100.3");
  ASSERT_TRUE(handle(Instant(), check({.nominates = true}), a));
  ice.prove(a);
  const auto asked_at = [&](Instant now) {
    const auto challenge = ice.poll_challenge(now, buffer);
    return challenge ? std::optional(challenge->to) : std::nullopt;
  };
  ASSERT_TRUE(handle(Instant::at(IceLite::kSilent - 1us), check(), b));
  EXPECT_EQ(asked_at(Instant::at(IceLite::kSilent - 1us)), std::nullopt);
  // One that is not proven is asked first, and a nomination goes before.
  ASSERT_TRUE(handle(Instant::at(IceLite::kSilent), check(), b));
  EXPECT_EQ(ice.path(), a);
  EXPECT_EQ(asked_at(Instant::at(IceLite::kSilent)), b);
  ASSERT_TRUE(handle(Instant::at(7s), check({.nominates = true}), c));
  ASSERT_TRUE(handle(Instant::at(8s), check(), b));
  EXPECT_EQ(asked_at(Instant::at(8s)), c);
  ice.prove(b);
  EXPECT_EQ(ice.path(), a);
  ice.prove(c);
  EXPECT_EQ(ice.path(), c);
  // One that is proven is followed at once.
  ASSERT_TRUE(handle(Instant::at(7s + IceLite::kSilent - 1us), check(), b));
  EXPECT_EQ(ice.path(), c);
  EXPECT_TRUE(handle(Instant::at(7s + IceLite::kSilent), check(), b)->path_changed);
  EXPECT_EQ(ice.path(), b);
  EXPECT_TRUE(ice.is_proven());
}

TEST_F(IceLiteTest, LosesConsentThirtySecondsAfterTheLastCheck) {
  EXPECT_FALSE(ice.is_lost(Instant::at(30s - 1us)));
  EXPECT_TRUE(ice.is_lost(Instant::at(30s)));
  ASSERT_TRUE(handle(Instant::at(20s), check(), a));
  EXPECT_FALSE(ice.is_lost(Instant::at(50s - 1us)));
  EXPECT_TRUE(ice.is_validated(Instant::at(50s - 1us), a));
  EXPECT_TRUE(ice.is_lost(Instant::at(50s)));
  EXPECT_FALSE(ice.is_validated(Instant::at(50s), a));
  ASSERT_TRUE(handle(Instant::at(60s), check(), a));
  EXPECT_FALSE(ice.is_lost(Instant::at(61s)));
}

TEST_F(IceLiteTest, TakesTheOldCredentialsUntilTheNewOnesAreUsed) {
  ice.restart({.username_fragment = "fresh", .password = "fresh-password"});
  EXPECT_TRUE(ice.knows("ours"));
  EXPECT_TRUE(handle(Instant(), check(), a));
  EXPECT_EQ(handle(Instant(), check({.username = "fresh:theirs"}), a).error(),
            IceLite::Drop::BadIntegrity);
  EXPECT_TRUE(ice.knows("ours"));
  EXPECT_TRUE(
      handle(Instant(), check({.password = "fresh-password", .username = "fresh:theirs"}), b));
  EXPECT_FALSE(ice.knows("ours"));
  EXPECT_EQ(handle(Instant(), check(), a).error(), IceLite::Drop::UnknownUser);
}

TEST_F(IceLiteTest, ACheckCountsOnce) {
  const auto first = check({.nominates = true});
  ASSERT_TRUE(handle(Instant(), first, a));
  EXPECT_EQ(handle(Instant::at(1s), first, b).error(), IceLite::Drop::Replayed);
  EXPECT_EQ(ice.path(), a);
  EXPECT_FALSE(ice.is_validated(Instant::at(1s), b));
  // Our answer was lost: the same check again from the same address gets one.
  const Instant consent = ice.next_timeout();
  EXPECT_TRUE(handle(Instant::at(1s), first, a));
  EXPECT_EQ(ice.next_timeout(), consent);
  ASSERT_TRUE(handle(Instant::at(2s), check({.nominates = true}), b));
  EXPECT_TRUE(handle(Instant::at(3s), first, a));
  EXPECT_EQ(ice.path(), b);
}

TEST_F(IceLiteTest, RemembersABoundedNumberOfPaths) {
  for (std::uint16_t i = 0; i < 1000; ++i) {
    ASSERT_TRUE(handle(Instant::at(i * 1ms), check(),
                       path("198.51.100.7", static_cast<std::uint16_t>(1000 + i))));
  }
  int validated = 0;
  for (std::uint16_t i = 0; i < 1000; ++i) {
    validated += ice.is_validated(Instant::at(1s),
                                  path("198.51.100.7", static_cast<std::uint16_t>(1000 + i)));
  }
  EXPECT_EQ(validated, static_cast<int>(IceLite::kPathsMax));
  EXPECT_TRUE(ice.is_validated(Instant::at(1s), path("198.51.100.7", 1999)));
}

TEST_F(IceLiteTest, ForgetsAPathThatIsClosed) {
  ASSERT_TRUE(handle(Instant(), check({.nominates = true}), a));
  ASSERT_TRUE(handle(Instant(), check(), b));
  ice.forget(a);
  EXPECT_FALSE(ice.path());
  EXPECT_FALSE(ice.is_validated(Instant(), a));
  EXPECT_TRUE(ice.is_validated(Instant(), b));
  EXPECT_TRUE(handle(Instant(), check(), b)->path_changed);
  ice.forget(a);
}

TEST(IceCredentialsTest, AreLongAndDiffer) {
  SeededRandom random(1);
  const auto one = IceCredentials::generate(random);
  const auto two = IceCredentials::generate(random);
  EXPECT_EQ(one.username_fragment.size(), 16U);
  EXPECT_EQ(one.password.size(), 32U);
  EXPECT_NE(one.username_fragment, two.username_fragment);
  EXPECT_NE(one.password, two.password);
}

}  // namespace
