// What a hostile client can make the server hold or do is bounded.
#include "engine_fixture.hpp"
#include "server_fixture.hpp"
#include "sio/packet.hpp"

namespace sio {

namespace {

using Error = PacketError;

std::string filler(std::size_t octets) { return std::string(octets, 'x'); }

TEST(PacketBudget, RefusesAttachmentsWhereNoneAreAccepted) {
  PacketDecoder decoder;
  const PacketLimits limits{.attachments_max = 0};
  EXPECT_EQ(decoder.text(R"(51-["e",{"_placeholder":true,"num":0}])", limits).error(),
            Error::BadAttachments);
  EXPECT_FALSE(decoder.is_unfinished());
}

TEST(PacketBudget, CountsTextAndAttachmentsOfAnUnfinishedPacketTogether) {
  const PacketLimits limits{.unfinished_max = 1'000};
  PacketDecoder by_text;
  EXPECT_EQ(by_text.text("51-[\"" + filler(1'000) + "\"]", limits).error(), Error::TooLarge);
  PacketDecoder decoder;
  ASSERT_TRUE(decoder.text("53-[\"" + filler(400) + "\"]", limits));
  ASSERT_TRUE(decoder.binary(filler(500), limits));
  EXPECT_TRUE(decoder.is_unfinished());
  EXPECT_EQ(decoder.binary(filler(500), limits).error(), Error::TooLarge);
}

TEST(PacketBudget, NamesAnOversizedEventWithoutReadingIt) {
  PacketDecoder decoder;
  const PacketLimits limits{.text_max = 100};
  const auto packet = decoder.text("27[\"chat\",\"" + filler(100) + " and no JSON", limits);
  ASSERT_TRUE(packet && *packet);
  EXPECT_TRUE((*packet)->is_oversized);
  EXPECT_EQ((*packet)->event, "chat");
  EXPECT_EQ((*packet)->id, 7U);
  EXPECT_TRUE((*packet)->payload.args.empty());
  const auto nameless = decoder.text("2[\"" + filler(100) + "\"]", limits);
  ASSERT_TRUE(nameless && *nameless);
  EXPECT_EQ((*nameless)->event, "");
}

TEST(PacketBudget, RefusesEveryOtherOversizedPacket) {
  const PacketLimits limits{.text_max = 100};
  for (const std::string head : {"0{\"guestName\":\"", "31[\"", "51-[\"", "61-1[\"", "1"}) {
    PacketDecoder decoder;
    EXPECT_EQ(decoder.text(head + filler(100), limits).error(), Error::TooLarge) << head;
  }
}

TEST(PacketBudget, BoundsTheNameOfANamespace) {
  PacketDecoder decoder;
  EXPECT_TRUE(decoder.text("0/" + filler(kNamespaceMax - 1)));
  EXPECT_EQ(decoder.text("0/" + filler(kNamespaceMax)).error(), Error::BadNamespace);
  EXPECT_EQ(decoder.text("0/" + filler(kNamespaceMax) + ",{}").error(), Error::BadNamespace);
}

class ServerBudget : public ServerTest {
 protected:
  explicit ServerBudget(ServerOptions options = {.recovery = true}) : ServerTest(options) {}
};

TEST_F(ServerBudget, ClosesAConnectionWhoseAttachmentsDoNotComeInTime) {
  const auto client = connect();
  say(client, R"(452-["e",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}])");
  pass(20s);
  say_binary(client, "one");  // more does not lengthen it
  EXPECT_FALSE(is_closed(client));
  pass(10s);
  EXPECT_TRUE(is_closed(client));
}

TEST_F(ServerBudget, EachPacketHasItsOwnTimeForItsAttachments) {
  const auto client = connect();
  const std::string packet = R"(451-["e",{"_placeholder":true,"num":0}])";
  say(client, packet);
  pass(20s);
  say_binary(client, "first");
  say(client, packet);
  pass(20s);
  EXPECT_FALSE(is_closed(client));
  say_binary(client, "second");
  pass(60s);
  EXPECT_FALSE(is_closed(client));
}

TEST_F(ServerBudget, TellsOfAcknowledgementsThatNobodyAskedFor) {
  const auto client = connect();
  for (int i = 0; i < 5; ++i) say(client, "431[]");
  EXPECT_EQ(strays, 5);
  server.emit_with_ack(now, socket(), "ask", {}, 5s);
  settle();
  say(client, "430[]");
  EXPECT_EQ(strays, 5);
  say(client, "430[]");
  EXPECT_EQ(strays, 6);
}

TEST_F(ServerBudget, TellsOfConnectsToNoNamespace) {
  const auto client = connect();
  for (int i = 0; i < 5; ++i) say(client, "40/none" + std::to_string(i));
  EXPECT_EQ(strays, 5);
}

TEST_F(ServerBudget, AClosedSessionCannotBeTakenUpAgain) {
  const auto client = connect();
  server.close_session(now, asked_by[socket()]);
  settle();
  EXPECT_TRUE(is_closed(client));
  EXPECT_EQ(take_log(), (Texts{"ask / {}", "gone forced server close"}));
}

// What save() gives of the past shows what the log still has.
TEST_F(ServerBudget, ALogForgetsWhatIsOldThoughItsSocketIsIdle) {
  connect();
  const Instant start = now;
  emit(socket(), "old");
  ASSERT_EQ(server.save(start, socket(), {})->log.entries().size(), 1U);
  pass(EventLog::Limits{}.age_max + 20s);
  EXPECT_TRUE(server.save(start, socket(), {})->log.entries().empty());
}

TEST_F(ServerBudget, ASocketsLogCanBeMadeSmaller) {
  connect();
  server.limit_log(socket(), {.entries_max = 3});
  for (int i = 0; i < 10; ++i) emit(socket(), "e");
  EXPECT_EQ(server.save(now, socket(), {})->log.entries().size(), 3U);
}

// Twenty people behind one address, of whom one hears nothing for as long as 5000 messages take.
TEST_F(ServerBudget, WhatManyWereSentCountsOnceForAllOfTheirLogs) {
  constexpr std::size_t kTwentiethOf8Megabytes = 8 * 1024 * 1024 / 20;
  for (std::size_t i = 0; i < 20; ++i) {
    connect();
    server.limit_log(socket(), {.share_max = kTwentiethOf8Megabytes});
  }
  const boost::json::array message{std::string(300, 'x')};
  for (std::size_t i = 0; i < 5000; ++i) {
    server.broadcast(now, {}, "chat:message", {message, {}});
    settle();
  }
  EXPECT_EQ(server.save(now, socket(), {})->log.entries().size(), 5000U);
}

class ServerWithoutAttachments : public ServerBudget {
 protected:
  ServerWithoutAttachments() : ServerBudget({.packets = {.attachments_max = 0}}) {}
};

TEST_F(ServerWithoutAttachments, ClosesAConnectionThatAnnouncesSome) {
  const auto client = connect();
  say(client, R"(451-["e",{"_placeholder":true,"num":0}])");
  EXPECT_TRUE(is_closed(client));
}

TEST_F(ServerWithoutAttachments, TakesThemWithAnAcknowledgementThatItAskedFor) {
  const auto client = connect();
  server.emit_with_ack(now, socket(), "ask", {}, 5s);
  settle();
  take_log();
  say(client, R"(461-0[{"_placeholder":true,"num":0}])");
  say_binary(client, "answer");
  EXPECT_EQ(take_log(), Texts{R"(ack 0 [{"_placeholder":true,"num":0}])"});
  say(client, R"(461-0[{"_placeholder":true,"num":0}])");
  EXPECT_TRUE(is_closed(client));
}

class EngineBudget : public Engine {
 protected:
  EngineBudget() : Engine({.packets_per_post_max = 3}) {}

  OctetBudgetRef budget = std::make_shared<OctetBudget>();
};

TEST_F(EngineBudget, APostOfTooManyPacketsClosesTheSession) {
  const std::string sid = open_by_polling();
  post(sid,
       "4a\x1e"
       "4b\x1e"
       "4c");
  EXPECT_EQ(messages.size(), 3U);
  const auto id = post(sid,
                       "4a\x1e"
                       "4b\x1e"
                       "4c\x1e"
                       "4d");
  expect_error(id, 400, R"({"code":3,"message":"Too many packets"})");
  EXPECT_EQ(messages.size(), 3U);
  EXPECT_EQ(ends, Texts{"parse error"});
  EXPECT_EQ(server.refusals().packets_per_post, 1U);
}

TEST_F(EngineBudget, CountsWhatAPollingClientLeavesUnread) {
  const std::string sid = open_by_polling();
  say(session, filler(5'000));
  server.charge(session, budget);
  EXPECT_GT(budget->held, 5'000U);
  say(session, filler(5'000));
  EXPECT_EQ(budget->held, server.unread_octets(session));
  EXPECT_GT(budget->held, 10'000U);
  get(sid);
  EXPECT_EQ(budget->held, 0U);
}

TEST_F(EngineBudget, CountsWhatAWebSocketLeavesUnreadUntilItEnds) {
  const auto socket = open_socket(web_socket());
  server.charge(session, budget);
  reads = false;
  for (int i = 0; i < 4; ++i) say(session, filler(5'000));
  EXPECT_GT(budget->held, 20'000U);
  server.web_socket_closed(socket, reason::kTransportClose);
  settle();
  EXPECT_EQ(budget->held, 0U);
}

TEST_F(EngineBudget, AClientOverItsBudgetLosesTheSessionsThatItLeavesUnread) {
  budget->max = 200'000;
  open_by_polling();
  const SessionId stuck = session;
  const std::string calm_sid = open_by_polling();
  const SessionId calm = session;
  server.charge(stuck, budget);
  server.charge(calm, budget);
  for (int i = 0; i < 25; ++i) say(stuck, filler(10'000));
  EXPECT_EQ(ends, Texts{"forced close"});
  EXPECT_EQ(budget->held, 0U);
  EXPECT_EQ(server.refusals().octet_budget, 1U);
  say(calm, "still here");
  const auto id = get(calm_sid);
  EXPECT_EQ(answers.at(id).body, "4still here");
}

}  // namespace

}  // namespace sio
