// Engine.IO heartbeat, WebSocket and write buffer: one test a rule of the wire.
#include "engine_fixture.hpp"

namespace {

using namespace sio;

using EngineHeartbeat = Engine;

TEST_F(EngineHeartbeat, PingsAndIsAnswered) {
  const std::string sid = open_by_polling();
  for (int i = 0; i < 3; ++i) {
    const auto hanging = get(sid);
    pass(300ms);
    EXPECT_EQ(answers[hanging].body, "2");
    post(sid, "3");
  }
  EXPECT_TRUE(ends.empty());
}

TEST_F(EngineHeartbeat, EndsWithoutAnAnswer) {
  const std::string sid = open_by_polling();
  const auto socket = open_socket(web_socket());
  pass(499ms);
  EXPECT_TRUE(ends.empty());
  pass(1ms);
  EXPECT_EQ(ends, (std::vector<std::string>{"ping timeout", "ping timeout"}));
  expect_error(get(sid), 400, kUnknownSession);
  EXPECT_TRUE(is_dismissed(socket));
}

TEST_F(EngineHeartbeat, AnyPacketExtendsTheDeadline) {
  const auto socket = open_socket(web_socket());
  pass(450ms);
  hear(socket, "4still here");
  pass(199ms);
  EXPECT_TRUE(ends.empty());
  pass(1ms);
  EXPECT_EQ(ends, std::vector<std::string>{"ping timeout"});
}

TEST_F(EngineHeartbeat, AClientThatPingsIsClosed) {
  const auto socket = open_socket(web_socket());
  hear(socket, "2");
  EXPECT_EQ(ends.size(), 1U);
  EXPECT_TRUE(is_dismissed(socket));
}

using EngineWebSocket = Engine;

TEST_F(EngineWebSocket, CarriesTextAndBinaryAndEmptyMessages) {
  const auto socket = open_socket(web_socket());
  hear(socket, "4hello");
  hear(socket, "\x01\x02", true);
  hear(socket, "", true);
  EXPECT_EQ(messages, (std::vector<std::string>{"t:hello", "b:\x01\x02", "b:"}));
  sent[socket].clear();
  say(session, "back");
  EXPECT_EQ(sent[socket], std::vector<std::string>{"4back"});
}

TEST_F(EngineWebSocket, AGoodbyeClosesAtOnce) {
  const auto socket = open_socket(web_socket());
  hear(socket, "1");
  EXPECT_TRUE(is_dismissed(socket));
  EXPECT_EQ(ends, std::vector<std::string>{"transport close"});
}

TEST_F(EngineWebSocket, ViolationsCloseIt) {
  for (const std::string text : {"abc", "", "7", "0", "5", "6", "2probe"}) {
    ends.clear();
    const auto socket = open_socket(web_socket());
    hear(socket, text);
    EXPECT_TRUE(is_dismissed(socket)) << text;
    EXPECT_EQ(ends.size(), 1U) << text;
  }
}

TEST_F(EngineWebSocket, TellsHowItWasClosed) {
  for (const std::string_view why : {"transport close", "transport error", "parse error"}) {
    const auto socket = open_socket(web_socket());
    server.web_socket_closed(socket, why);
    settle();
    EXPECT_EQ(ends.back(), why);
    EXPECT_FALSE(is_dismissed(socket));
  }
}

TEST_F(EngineWebSocket, TheServerClosesAfterWhatWaits) {
  const auto socket = open_socket(web_socket());
  sent[socket].clear();
  reads = false;
  server.send(session, make_frame("4last", false));
  server.close(now, session);
  settle();
  EXPECT_TRUE(ends.empty());
  reads = true;
  drain(socket);
  settle();
  EXPECT_EQ(sent[socket], std::vector<std::string>{"4last"});
  EXPECT_TRUE(is_dismissed(socket));
  EXPECT_EQ(ends, std::vector<std::string>{"forced close"});
}

class EngineWriteBuffer : public Engine {
 protected:
  EngineWriteBuffer() : Engine({.write_buffer_max = 10'000}) {}
};

TEST_F(EngineWriteBuffer, IsBoundedForASlowReader) {
  const auto socket = open_socket(web_socket());
  reads = false;
  for (int i = 0; i < 9; ++i) say(session, std::string(1000, 'x'));
  EXPECT_TRUE(ends.empty());
  say(session, std::string(1000, 'x'));
  EXPECT_EQ(ends, std::vector<std::string>{"forced close"});
  EXPECT_TRUE(is_dismissed(socket));
}

TEST_F(EngineWriteBuffer, CountsWhatIsTakenButNotYetWritten) {
  const auto socket = open_socket(web_socket());
  reads = false;
  for (int i = 0; i < 9; ++i) say(session, std::string(1000, 'x'));
  std::vector<FrameRef> frames;
  server.take(socket, frames);
  EXPECT_FALSE(frames.empty());
  say(session, std::string(1000, 'x'));
  EXPECT_EQ(ends.size(), 1U);
}

TEST_F(EngineWriteBuffer, IsBoundedForAClientThatDoesNotPoll) {
  open_by_polling();
  for (int i = 0; i < 10; ++i) say(session, std::string(1000, 'x'));
  EXPECT_EQ(ends.size(), 1U);
}

}  // namespace
