// Connection state recovery: a client that was lost comes back as the one it was.
#include "server_fixture.hpp"

namespace {

using namespace std::chrono_literals;
using namespace sio;
namespace json = boost::json;

class Recovery : public ServerTest {
 protected:
  Recovery() : ServerTest({.recovery = true}) {}

  // What a stock client keeps: `pid` of the CONNECT reply, the offset of the last event.
  struct Kept {
    SocketId sid;
    std::string pid;
    std::string offset;
  };

  WebSocketId join(Kept& kept) {
    const auto client = connect();
    const auto reply = parse_json(heard[client].at(0).substr(2)).value();
    kept.sid = reply.at("sid").as_string();
    kept.pid = reply.at("pid").as_string();
    return client;
  }
  static std::string offset_of(const std::string& event) {
    const auto args = parse_json(event.substr(2)).value();
    return std::string(args.as_array().back().as_string());
  }
  // A client with one event seen, lost since.
  Kept lost_client(std::string_view why = reason::kTransportClose) {
    Kept kept;
    const auto client = join(kept);
    emit(kept.sid, "seen");
    kept.offset = offset_of(heard[client].back());
    lose(client, why);
    take_log();
    return kept;
  }
  WebSocketId come_back(const Kept& kept, std::string_view more = "") {
    return connect(R"(40{"pid":")" + kept.pid + R"(","offset":")" + kept.offset + "\"" +
                   std::string(more) + "}");
  }
};

TEST_F(Recovery, RepliesWithSidAndPid) {
  Kept kept;
  const auto client = join(kept);
  EXPECT_EQ(heard[client][0], R"(40{"sid":")" + kept.sid + R"(","pid":")" + kept.pid + "\"}");
  EXPECT_NE(kept.sid, kept.pid);
}

TEST_F(Recovery, EventsWithoutAckIdCarryAnOffset) {
  Kept kept;
  const auto client = join(kept);
  take_heard(client);
  server.emit(now, kept.sid, "hello", {json::array{1}, {}});
  server.emit_with_ack(now, kept.sid, "ask", {}, 1s);
  server.emit_volatile(kept.sid, "volatile", {});
  settle();
  server.emit_volatile(kept.sid, "volatile", {});
  settle();
  const Texts texts = take_heard(client);
  ASSERT_EQ(texts.size(), 3U);
  EXPECT_EQ(texts[0], "42[\"hello\",1,\"" + offset_of(texts[0]) + "\"]");
  EXPECT_EQ(texts[1], "420[\"ask\"]");
  EXPECT_EQ(texts[2], "42[\"volatile\"]");
}

TEST_F(Recovery, GivesWhatWasMissedAndThenTheReply) {
  const Kept kept = lost_client();
  emit(kept.sid, "missed");
  server.broadcast(now, {}, "to all", {});
  server.broadcast_fleeting({}, "of no use later", {});
  const auto client = come_back(kept, R"(,"token":"t")");
  EXPECT_EQ(take_log(), Texts{"back / {\"token\":\"t\"}"});
  const Texts texts = take_heard(client);
  ASSERT_EQ(texts.size(), 3U);
  EXPECT_TRUE(texts[0].starts_with("42[\"missed\",\""));
  EXPECT_TRUE(texts[1].starts_with("42[\"to all\",\""));
  EXPECT_EQ(texts[2], R"(40{"sid":")" + kept.sid + R"(","pid":")" + kept.pid + "\"}");
}

TEST_F(Recovery, KeepsTheRooms) {
  Kept kept;
  const auto first = join(kept);
  server.join(kept.sid, "red");
  emit(kept.sid, "seen");
  kept.offset = offset_of(heard[first].back());
  lose(first);
  const std::vector<std::string_view> red{"red"};
  server.broadcast(now, {.rooms = red}, "while away", {});
  const auto client = come_back(kept);
  server.broadcast(now, {.rooms = red}, "afterwards", {});
  settle();
  const Texts texts = take_heard(client);
  ASSERT_EQ(texts.size(), 3U);
  EXPECT_TRUE(texts[0].starts_with("42[\"while away\""));
  EXPECT_TRUE(texts[2].starts_with("42[\"afterwards\""));
}

TEST_F(Recovery, ReplaysWhatLeftButDidNotArrive) {
  Kept kept;
  const auto first = join(kept);
  emit(kept.sid, "arrived");
  kept.offset = offset_of(heard[first].back());
  emit(kept.sid, "lost on its way");
  lose(first);
  const Texts texts = take_heard(come_back(kept));
  ASSERT_EQ(texts.size(), 2U);
  EXPECT_TRUE(texts[0].starts_with("42[\"lost on its way\""));
}

TEST_F(Recovery, HoldsForTwoMinutes) {
  const Kept early = lost_client();
  pass(2min - 1ms);
  come_back(early);
  EXPECT_EQ(take_log(), Texts{"back / {}"});

  const Kept late = lost_client();
  pass(2min);
  EXPECT_EQ(take_log().front(), "expired");
  const auto client = come_back(late);
  EXPECT_EQ(take_log().back(), "ask / {}");
  EXPECT_FALSE(take_heard(client).back().find(late.sid) != std::string::npos);
}

TEST_F(Recovery, WorksOnce) {
  const Kept kept = lost_client();
  const auto first = come_back(kept);
  take_log();
  const auto second = come_back(kept);
  EXPECT_EQ(take_log(), Texts{"ask / {}"});
  EXPECT_EQ(take_heard(second)[0].find(kept.sid), std::string::npos);
  EXPECT_FALSE(is_closed(first));
  lose(first);
  take_log();
  come_back(kept);  // away again: it goes on
  EXPECT_EQ(take_log(), Texts{"back / {}"});
}

TEST_F(Recovery, WorksAgainWhenTheAnswerWasLostUnnoticed) {
  const Kept kept = lost_client();
  const auto first = come_back(kept);
  lives = false;
  take_log();
  const auto second = come_back(kept);
  pass(1999ms);
  EXPECT_EQ(take_log(), Texts{});
  pass(1ms);
  EXPECT_EQ(take_log(), (Texts{"gone transport close (kept)", "back / {}"}));
  EXPECT_TRUE(is_closed(first));
  EXPECT_NE(take_heard(second).back().find(kept.sid), std::string::npos);
}

TEST_F(Recovery, WorksAgainAsSoonAsTheLossIsNoticed) {
  const Kept kept = lost_client();
  const auto first = come_back(kept);
  lives = false;
  const auto second = come_back(kept);
  take_log();
  lose(first);
  EXPECT_EQ(take_log(), (Texts{"gone transport close (kept)", "back / {}"}));
  lose(second);
  EXPECT_EQ(take_log(), Texts{"gone transport close (kept)"});
}

TEST_F(Recovery, OneWhoGivesUpWaitingLeavesTheOtherAlone) {
  const Kept kept = lost_client();
  const auto first = come_back(kept);
  lives = false;
  const auto second = come_back(kept);
  take_log();
  lose(second);
  pass(3s);
  EXPECT_EQ(take_log(), Texts{});
  EXPECT_FALSE(is_closed(first));
}

TEST_F(Recovery, AsksOnceAConnection) {
  const Kept kept = lost_client();
  come_back(kept);
  lives = false;
  const auto second = come_back(kept);
  say(second, "40");  // while the first is tried
  EXPECT_TRUE(is_closed(second));
}

TEST_F(Recovery, TheLatestOfTwoWhoAskIsAnswered) {
  const Kept kept = lost_client();
  accepts = false;
  const auto first = come_back(kept);
  const SessionId first_session = asked_by[kept.sid];
  const auto second = come_back(kept);
  EXPECT_EQ(take_log(), (Texts{"back / {}", "back / {}"}));
  EXPECT_TRUE(is_closed(first));
  EXPECT_FALSE(server.accept(now, kept.sid, first_session));
  server.refuse(kept.sid, first_session, "too late");
  EXPECT_TRUE(accept(kept.sid));
  settle();
  EXPECT_EQ(take_log(), Texts{});
  EXPECT_NE(take_heard(second).back().find(kept.sid), std::string::npos);
}

TEST_F(Recovery, WithoutAnOffsetLeavesALiveConnectionAlone) {
  Kept kept;
  const auto first = join(kept);
  take_log();
  connect(R"(40{"pid":")" + kept.pid + "\"}");
  EXPECT_EQ(take_log(), Texts{"ask / {}"});
  EXPECT_FALSE(is_closed(first));
}

TEST_F(Recovery, NeedsAnOffset) {
  Kept kept;
  const auto first = join(kept);
  lose(first);
  take_log();
  connect(R"(40{"pid":")" + kept.pid + "\"}");
  EXPECT_EQ(take_log(), (Texts{"expired", "ask / {}"}));
  EXPECT_NE(socket(), kept.sid);
}

TEST_F(Recovery, RefusesForeignAndBrokenProofs) {
  const Kept kept = lost_client();
  const std::string tail = R"(","offset":")" + kept.offset + "\"}";
  connect(R"(40{"pid":"guessed)" + tail);
  connect(R"(40{"pid":1,"offset":2})");
  connect(R"(40/custom,{"pid":")" + kept.pid + tail);
  EXPECT_EQ(take_log(), (Texts{"ask / {}", "ask / {}", "ask /custom {}"}));
  connect(R"(40{"pid":")" + kept.pid + R"(","offset":"999999"})");  // never sent
  EXPECT_EQ(take_log(), (Texts{"expired", "ask / {}"}));
}

TEST_F(Recovery, FollowsEveryRecoverableReason) {
  for (const std::string_view why : {reason::kTransportClose, reason::kTransportError}) {
    come_back(lost_client(why));
    EXPECT_EQ(take_log(), Texts{"back / {}"}) << why;
  }
  Kept kept;
  const auto silent = join(kept);
  emit(kept.sid, "seen");
  kept.offset = offset_of(heard[silent].back());
  answers_pings = false;
  pass(45s);
  EXPECT_EQ(take_log().back(), "gone ping timeout (kept)");
  come_back(kept);
  EXPECT_EQ(take_log(), Texts{"back / {}"});
  server.shut_down(now);
  settle();
  EXPECT_EQ(take_log().front(), "gone server shutting down (kept)");
}

TEST_F(Recovery, FollowsNoIntendedEnd) {
  const auto ends = [&](auto&& end) {
    Kept kept;
    const auto client = join(kept);
    emit(kept.sid, "seen");
    kept.offset = offset_of(heard[client].back());
    end(client, kept);
    take_log();
    come_back(kept);
    EXPECT_EQ(take_log(), Texts{"ask / {}"});
  };
  ends([&](auto client, const Kept&) { say(client, "41"); });
  ends([&](auto client, const Kept&) { say(client, "4abc"); });
  ends([&](auto, const Kept& kept) {
    server.disconnect(now, kept.sid, true);
    settle();
  });
}

TEST_F(Recovery, TakesOverAConnectionThatTheServerStillThinksAlive) {
  Kept kept;
  const auto first = join(kept);
  emit(kept.sid, "seen");
  kept.offset = offset_of(heard[first].back());
  emit(kept.sid, "unseen");
  take_log();
  const auto second = come_back(kept);
  EXPECT_EQ(take_log(), (Texts{"gone transport close (kept)", "back / {}"}));
  EXPECT_TRUE(is_closed(first));
  EXPECT_TRUE(take_heard(second)[0].starts_with("42[\"unseen\""));
  lose(first);
  emit(kept.sid, "on");
  EXPECT_TRUE(take_heard(second).back().starts_with("42[\"on\""));
}

TEST_F(Recovery, ARefusedOneConnectsAnew) {
  const Kept kept = lost_client();
  accepts = false;
  const auto client = come_back(kept, R"(,"token":"old")");
  EXPECT_EQ(take_log(), Texts{"back / {\"token\":\"old\"}"});
  refuse(kept.sid, "token is over");
  settle();
  EXPECT_EQ(take_log(), (Texts{"expired", "ask / {\"token\":\"old\"}"}));
  accept(socket());
  settle();
  const Texts texts = take_heard(client);
  ASSERT_EQ(texts.size(), 1U);
  EXPECT_EQ(texts[0].find(kept.sid), std::string::npos);
}

TEST_F(Recovery, WhatIsEmittedWhileTheReturnIsCheckedComesInOrder) {
  const Kept kept = lost_client();
  emit(kept.sid, "1");
  accepts = false;
  const auto client = come_back(kept);
  emit(kept.sid, "2");
  pass(3min);  // the check takes its time; the session does not expire under it
  accept(kept.sid);
  emit(kept.sid, "3");
  const Texts texts = take_heard(client);
  Texts names;
  for (const auto& text : texts) {
    if (text.starts_with("42[\"")) names.push_back(text.substr(4, 1));
  }
  EXPECT_EQ(names, (Texts{"1", "2", "3"}));
}

TEST_F(Recovery, IsLostAgainWhileItIsChecked) {
  const Kept kept = lost_client();
  accepts = false;
  const auto client = come_back(kept);
  lose(client);
  EXPECT_FALSE(accept(kept.sid));
  accepts = true;
  take_log();
  come_back(kept);
  EXPECT_EQ(take_log(), Texts{"back / {}"});
}

TEST_F(Recovery, ALogThatOverflowedMeansANewConnection) {
  const Kept kept = lost_client();
  for (int i = 0; i < 5; ++i) {
    server.emit(now, kept.sid, "big", {json::array{std::string(1'000'000, 'x')}, {}});
  }
  settle();
  come_back(kept);
  EXPECT_EQ(take_log(), (Texts{"expired", "ask / {}"}));
}

TEST_F(Recovery, DisconnectingSomeoneAwayIsForGood) {
  const Kept kept = lost_client();
  server.disconnect(now, kept.sid, true);
  settle();
  EXPECT_EQ(take_log(), Texts{"expired"});
  come_back(kept);
  EXPECT_EQ(take_log(), Texts{"ask / {}"});
}

TEST_F(Recovery, ADroppedOneIsToldWhatWasSaidBeforeAndComesBackAsANewOne) {
  const auto client = connect();
  const SocketId id = socket();
  take_heard(client);
  take_log();
  emit(id, "farewell");
  server.drop(now, id);
  settle();
  const Texts texts = take_heard(client);
  ASSERT_FALSE(texts.empty());
  EXPECT_TRUE(texts[0].starts_with("42[\"farewell\"")) << texts[0];
  EXPECT_TRUE(std::ranges::none_of(texts, [](const std::string& text) { return text == "41"; }))
      << "a client does not come back by itself after a DISCONNECT";
  const Texts told = take_log();
  ASSERT_FALSE(told.empty());
  EXPECT_EQ(told.back(), "expired");
}

TEST_F(Recovery, OneWhoIsAwayCanBeDropped) {
  const Kept kept = lost_client();
  server.drop(now, kept.sid);
  settle();
  EXPECT_EQ(take_log(), Texts{"expired"});
  come_back(kept);
  EXPECT_EQ(take_log(), Texts{"ask / {}"});
}

}  // namespace
