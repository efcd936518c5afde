// A client that is asked whether it is still there.
#include "engine_fixture.hpp"

namespace {

using namespace sio;

class EngineChallenge : public Engine {
 protected:
  EngineChallenge() : Engine({.ping_interval = 1h}) {}
};

TEST_F(EngineChallenge, IsMetByAPongOnAWebSocket) {
  const auto socket = open_socket(web_socket());
  pong(socket);  // one that nobody asked for
  EXPECT_EQ(met, 0);
  challenge();
  EXPECT_EQ(pinged, std::vector{socket});
  hear(socket, "4said before");
  EXPECT_EQ(met, 0);
  pong(socket);
  pong(socket);
  EXPECT_EQ(met, 1);
}

TEST_F(EngineChallenge, IsMetByTheGetAfterTheOneThatWasReleased) {
  const std::string sid = open_by_polling();
  const auto hanging = get(sid);
  challenge();
  EXPECT_EQ(answers.at(hanging).body, "6");
  EXPECT_EQ(met, 0);
  const auto next = get(sid);
  EXPECT_EQ(met, 1);
  EXPECT_FALSE(answers.contains(next));
}

// A GET that comes now may have left before the client was lost.
TEST_F(EngineChallenge, IsNotMetByTheFirstGet) {
  const std::string sid = open_by_polling();
  challenge();
  post(sid, "4said before");
  const auto first = get(sid);
  EXPECT_EQ(answers.at(first).body, "6");
  EXPECT_EQ(met, 0);
  get(sid);
  EXPECT_EQ(met, 1);
}

TEST_F(EngineChallenge, NeedsNoReleaseWhereSomethingWaits) {
  const std::string sid = open_by_polling();
  say(session, "hello");
  challenge();
  EXPECT_EQ(answers.at(get(sid)).body, "4hello");
  const auto next = get(sid);
  EXPECT_EQ(met, 1);
  EXPECT_FALSE(answers.contains(next));
}

TEST_F(EngineChallenge, GoesOnAfterAnUpgrade) {
  const std::string sid = open_by_polling();
  const auto socket = open_socket(web_socket(sid));
  hear(socket, "2probe");
  challenge();
  hear(socket, "5");
  EXPECT_EQ(met, 0);
  EXPECT_EQ(pinged, std::vector{socket});
  pong(socket);
  EXPECT_EQ(met, 1);
}

TEST_F(EngineChallenge, MeansNothingToOneThatIsGone) {
  const auto socket = open_socket(web_socket());
  const SessionId gone = session;
  server.web_socket_closed(socket, reason::kTransportClose);
  settle();
  server.challenge(gone);
  settle();
  EXPECT_TRUE(pinged.empty());
}

}  // namespace
