// Sessions that go on at another server than the one that their connection was lost at.
#include "server_fixture.hpp"

namespace {

using namespace std::chrono_literals;
using namespace sio;

// The server that the session comes from.
class Origin : public ServerTest {
 public:
  Origin() : ServerTest({.recovery = true}) { random.url_safe(7); }  // other ids than there
  void TestBody() override {}

  // A client that saw one event and missed another.
  SavedSession leave(const EventLog::Limits& limits = {}) {
    const auto client = connect();
    emit(socket(), "seen");
    const auto args = parse_json(heard[client].back().substr(2)).value();
    offset = args.as_array().back().as_string();
    lose(client);
    emit(socket(), "missed");
    return server.save(now, socket(), limits).value();
  }

  using ServerTest::connect;
  using ServerTest::server;
  using ServerTest::socket;

  std::string offset;  // of the event that the client saw
};

class Move : public ServerTest {
 protected:
  explicit Move(Duration search_time = 1s)
      : ServerTest({.recovery = true, .search_time = search_time}) {}

  WebSocketId come(const SavedSession& session) {
    return connect(R"(40{"pid":")" + session.pid + R"(","offset":")" + origin.offset + "\"}");
  }
  bool end_search(std::optional<SavedSession> found) {
    const bool is_taken_up = server.end_search(now, searches.back(), std::move(found));
    settle();
    return is_taken_up;
  }

  Origin origin;
};

class NoElsewhere : public Move {
 protected:
  NoElsewhere() : Move(0s) {}
};

TEST_F(Move, GivesWhatWasMissedElsewhereAndThenTheReply) {
  const SavedSession session = origin.leave();
  const auto client = come(session);
  EXPECT_EQ(take_log(), Texts{"search /"});
  EXPECT_TRUE(take_heard(client).empty());
  EXPECT_TRUE(end_search(session));
  EXPECT_EQ(take_log(), Texts{"back / {}"});
  const Texts texts = take_heard(client);
  ASSERT_EQ(texts.size(), 2U);
  EXPECT_TRUE(texts[0].starts_with("42[\"missed\",\""));
  EXPECT_EQ(texts[1], R"(40{"sid":")" + session.socket + R"(","pid":")" + session.pid + "\"}");
}

TEST_F(Move, OffsetsGoOnAfterThoseOfTheOtherServer) {
  const SavedSession session = origin.leave();
  const auto client = come(session);
  end_search(session);
  emit(session.socket, "here");
  const auto args = parse_json(take_heard(client).back().substr(2)).value();
  EXPECT_GT(parse_offset(std::string(args.as_array().back().as_string())), session.log.last());
}

TEST_F(Move, WhatIsNotFoundConnectsAnew) {
  const SavedSession session = origin.leave();
  const auto client = come(session);
  EXPECT_FALSE(end_search(std::nullopt));
  EXPECT_EQ(take_log(), (Texts{"search /", "ask / {}"}));
  EXPECT_EQ(take_heard(client).back().find(session.socket), std::string::npos);
}

TEST_F(Move, TheClientWaitsForTheSearchTimeAndNoLonger) {
  const SavedSession session = origin.leave();
  come(session);
  pass(999ms);
  EXPECT_EQ(take_log(), Texts{"search /"});
  pass(1ms);
  EXPECT_EQ(take_log(), Texts{"ask / {}"});
  EXPECT_FALSE(end_search(session));
  EXPECT_EQ(take_log(), Texts{});
}

TEST_F(Move, NoSessionIsTakenUpForAClientThatIsGone) {
  const SavedSession session = origin.leave();
  lose(come(session));
  EXPECT_FALSE(end_search(session));
  pass(2s);
  EXPECT_EQ(take_log(), Texts{"search /"});
}

TEST_F(Move, NobodyGetsTheSessionOfAnother) {
  const SavedSession session = origin.leave();
  SavedSession other = session;
  other.pid.back() = other.pid.back() == 'x' ? 'y' : 'x';
  come(session);
  EXPECT_FALSE(end_search(other));
  EXPECT_EQ(take_log(), (Texts{"search /", "ask / {}"}));
}

TEST_F(Move, ARefusedOneConnectsAnew) {
  const SavedSession session = origin.leave();
  accepts = false;
  come(session);
  end_search(session);
  refuse(session.socket, "somebody else");
  settle();
  EXPECT_EQ(take_log(), (Texts{"search /", "back / {}", "expired", "ask / {}"}));
}

TEST_F(Move, ATakenUpSessionIsRecoveredAsOneOfThisServer) {
  const SavedSession session = origin.leave();
  const auto first = come(session);
  end_search(session);
  lose(first);
  take_log();
  lose(come(session));
  EXPECT_EQ(take_log(), (Texts{"back / {}", "gone transport close (kept)"}));
  pass(2min);
  EXPECT_EQ(take_log(), Texts{"expired"});
}

TEST_F(Move, ASearchIsAskedOnceAConnection) {
  const auto client = come(origin.leave());
  say(client, "40");
  EXPECT_TRUE(is_closed(client));
}

TEST_F(Move, WhatCannotBeAProofIsNotSearchedFor) {
  SavedSession session = origin.leave();
  session.pid += "x";
  come(session);
  connect(R"(40{"pid":")" + session.pid.substr(1) + "\"}");  // has seen nothing
  EXPECT_EQ(take_log(), (Texts{"ask / {}", "ask / {}"}));
}

TEST_F(NoElsewhere, NothingIsSearchedFor) {
  come(origin.leave());
  EXPECT_EQ(take_log(), Texts{"ask / {}"});
}

TEST_F(Move, TheOldestIsNotSavedBeyondTheLimits) {
  const SavedSession all_missed = origin.leave({.entries_max = 1});
  come(all_missed);
  EXPECT_TRUE(end_search(all_missed));
  EXPECT_EQ(take_log().back(), "back / {}");
  const SavedSession too_little = origin.leave({.entries_max = 0});
  come(too_little);
  end_search(too_little);
  EXPECT_EQ(take_log(), (Texts{"search /", "expired", "ask / {}"}));
}

TEST_F(Move, WhoHasNoEventToGoOnFromIsNotSaved) {
  origin.connect();
  EXPECT_FALSE(origin.server.save(now, origin.socket(), {}));
  EXPECT_FALSE(origin.server.save(now, "nobody", {}));
}

}  // namespace
