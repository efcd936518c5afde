// From long polling to WebSocket, and every way in which that fails.
#include "engine_fixture.hpp"

namespace {

using namespace sio;

class EngineUpgrade : public Engine {
 protected:
  EngineUpgrade() : Engine({}) {}
};

TEST_F(EngineUpgrade, MovesTheSessionToTheWebSocket) {
  const std::string sid = open_by_polling();
  const auto hanging = get(sid);
  const auto socket = open_socket(web_socket(sid));
  EXPECT_TRUE(sent[socket].empty());
  hear(socket, "2probe");
  EXPECT_EQ(sent[socket], std::vector<std::string>{"3probe"});
  EXPECT_EQ(answers[hanging].body, "6");
  say(session, "buffered");
  EXPECT_EQ(sent[socket].size(), 1U);
  hear(socket, "5");
  EXPECT_EQ(sent[socket], (std::vector<std::string>{"3probe", "4buffered"}));
  hear(socket, "4hello");
  EXPECT_EQ(messages, std::vector<std::string>{"t:hello"});
  expect_error(get(sid), 400, kBadRequest);
  expect_error(post(sid, "4x"), 400, kBadRequest);
  pass(15s);
  EXPECT_TRUE(ends.empty());
}

TEST_F(EngineUpgrade, CountsAsAWebSocketWhenItIsDone) {
  const std::string sid = open_by_polling();
  const auto socket = open_socket(web_socket(sid));
  hear(socket, "2probe");
  EXPECT_EQ(server.session_count(), 1U);
  EXPECT_EQ(server.web_socket_session_count(), 0U);
  hear(socket, "5");
  EXPECT_EQ(server.web_socket_session_count(), 1U);
  server.web_socket_closed(socket, reason::kTransportClose);
  settle();
  EXPECT_EQ(server.web_socket_session_count(), 0U);
}

TEST_F(EngineUpgrade, ReleasesAGetThatComesLate) {
  const std::string sid = open_by_polling();
  const auto socket = open_socket(web_socket(sid));
  hear(socket, "2probe");
  const auto late = get(sid);
  EXPECT_FALSE(answers.contains(late));
  pass(100ms);
  EXPECT_EQ(answers[late].body, "6");
  const auto later = get(sid);
  hear(socket, "5");
  EXPECT_EQ(answers[later].body, "6");
}

TEST_F(EngineUpgrade, APostMayOverlap) {
  const std::string sid = open_by_polling();
  const auto socket = open_socket(web_socket(sid));
  EXPECT_EQ(answers[post(sid, "40")].body, "ok");
  hear(socket, "2probe");
  EXPECT_EQ(answers[post(sid, "4more")].body, "ok");
  hear(socket, "5");
  EXPECT_EQ(messages, (std::vector<std::string>{"t:0", "t:more"}));
}

TEST_F(EngineUpgrade, ASecondWebSocketIsDismissed) {
  const std::string sid = open_by_polling();
  const auto first = open_socket(web_socket(sid));
  const auto second = open_socket(web_socket(sid));
  EXPECT_TRUE(is_dismissed(second));
  EXPECT_FALSE(is_dismissed(first));
  hear(first, "2probe");
  hear(first, "5");
  const auto third = open_socket(web_socket(sid));
  EXPECT_TRUE(is_dismissed(third));
  hear(third, "4intruder");
  server.web_socket_closed(third, reason::kTransportClose);
  hear(first, "4still here");
  EXPECT_EQ(messages, std::vector<std::string>{"t:still here"});
}

TEST_F(EngineUpgrade, AFailedOneLeavesPollingAlive) {
  const std::string sid = open_by_polling();
  const auto fails = [&](auto&& fail) {
    const auto socket = open_socket(web_socket(sid));
    fail(socket);
    const auto polled = get(sid);
    say(session, "alive");
    EXPECT_EQ(answers[polled].body, "4alive");
    EXPECT_EQ(answers[post(sid, "4too")].body, "ok");
    EXPECT_TRUE(ends.empty());
  };
  fails([&](auto socket) {
    hear(socket, "4not a probe");
    EXPECT_TRUE(is_dismissed(socket));
  });
  fails([&](auto socket) {
    hear(socket, "2probe", true);
    EXPECT_TRUE(is_dismissed(socket));
  });
  fails([&](auto socket) { server.web_socket_closed(socket, "transport error"); });
  fails([&](auto socket) {
    hear(socket, "2probe");
    server.web_socket_closed(socket, "transport close");
  });
  fails([&](auto socket) {
    hear(socket, "2probe");
    hear(socket, "1");
  });
}

TEST_F(EngineUpgrade, TimesOutAfterTenSeconds) {
  const std::string sid = open_by_polling();
  const auto socket = open_socket(web_socket(sid));
  hear(socket, "2probe");
  pass(9999ms);
  EXPECT_FALSE(is_dismissed(socket));
  pass(1ms);
  EXPECT_TRUE(is_dismissed(socket));
  EXPECT_TRUE(ends.empty());
  const auto again = open_socket(web_socket(sid));
  hear(again, "2probe");
  hear(again, "5");
  hear(again, "4there");
  EXPECT_EQ(messages, std::vector<std::string>{"t:there"});
}

TEST_F(EngineUpgrade, EndsWithTheSession) {
  const std::string sid = open_by_polling();
  const auto socket = open_socket(web_socket(sid));
  post(sid, "1");
  EXPECT_TRUE(is_dismissed(socket));
  hear(socket, "2probe");
  EXPECT_TRUE(sent[socket].empty());
}

TEST_F(EngineUpgrade, AClosingSessionDoesNotUpgrade) {
  const std::string sid = open_by_polling();
  server.close(now, session);
  settle();
  const auto socket = open_socket(web_socket(sid));
  EXPECT_TRUE(is_dismissed(socket));
}

TEST_F(EngineUpgrade, KeepsTheOrderOfWhatIsSentMeanwhile) {
  const std::string sid = open_by_polling();
  const auto hanging = get(sid);
  say(session, "1");
  const auto socket = open_socket(web_socket(sid));
  hear(socket, "2probe");
  const auto late = get(sid);
  say(session, "2");
  say(session, "3");
  hear(socket, "5");
  say(session, "4");
  EXPECT_EQ(answers[hanging].body, "41");
  EXPECT_EQ(answers[late].body, "42");
  EXPECT_EQ(sent[socket], (std::vector<std::string>{"3probe", "43", "44"}));
}

TEST_F(EngineUpgrade, VolatileSendersLearnWhetherItWouldWait) {
  const std::string sid = open_by_polling();
  EXPECT_FALSE(server.is_writable(session));
  get(sid);
  EXPECT_TRUE(server.is_writable(session));
  upgrade(sid);
  EXPECT_TRUE(server.is_writable(session));
  reads = false;
  say(session, "x");
  EXPECT_FALSE(server.is_writable(session));
}

}  // namespace
