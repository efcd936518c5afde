#include "server_fixture.hpp"

namespace {

using namespace std::chrono_literals;
using namespace sio;
namespace json = boost::json;

class ServerSelection : public ThreeClientsTest {
 protected:
  // Which of the three heard something just now.
  std::vector<int> hearers() {
    settle();
    std::vector<int> those;
    for (int i = 0; i < 3; ++i) {
      if (!take_heard(clients[static_cast<std::size_t>(i)]).empty()) those.push_back(i);
    }
    return those;
  }
  std::vector<int> hearers(std::vector<std::string_view> rooms, Texts except = {}) {
    server.broadcast(now, {.rooms = rooms, .except = except}, "e", {});
    return hearers();
  }
};

using Those = std::vector<int>;

TEST_F(ServerSelection, ASocketsOwnIdIsARoom) {
  EXPECT_EQ(hearers({ids[2]}), Those{2});
  EXPECT_EQ(hearers({"red", ids[1], ids[2]}), (Those{0, 1, 2}));
  server.join(ids[0], ids[2]);
  EXPECT_EQ(hearers({ids[2]}), (Those{0, 2}));
  const std::array<std::string_view, 1> own{ids[2]};
  server.broadcast(now, {.nsp = "/custom", .rooms = own}, "e", {});
  EXPECT_EQ(hearers(), Those{}) << "of its namespace alone";
}

TEST_F(ServerSelection, ARoomMayBeExcepted) {
  EXPECT_EQ(hearers({}, {"red"}), Those{2});
  EXPECT_EQ(hearers({"red"}, {"blue"}), Those{0});
  EXPECT_EQ(hearers({"red"}, {ids[0], "nobody's"}), Those{1});
}

TEST_F(ServerSelection, AreListedWithTheSockets) {
  EXPECT_EQ(server.rooms_of(ids[1]), (Texts{ids[1], "red", "blue"}));
  EXPECT_EQ(server.rooms_of("nobody"), Texts{});
  EXPECT_EQ(server.rooms("/"), (Texts{ids[0], ids[1], ids[2], "blue", "red"}));
  EXPECT_EQ(server.rooms("/custom"), Texts{});
  EXPECT_TRUE(server.has_room("/", "red"));
  EXPECT_TRUE(server.has_room("/", ids[2]));
  EXPECT_FALSE(server.has_room("/", "green"));
  EXPECT_FALSE(server.has_room("/custom", ids[2]));
  const std::array<std::string_view, 1> red{"red"};
  EXPECT_EQ(server.select({.rooms = red}), (std::vector{ids[0], ids[1]}));
  EXPECT_EQ(server.select({}).size(), 3U);
}

TEST_F(ServerSelection, WhoIsAwayIsSelectedButNotConnected) {
  EXPECT_TRUE(server.is_connected(ids[1]));
  lose(clients[1]);
  EXPECT_FALSE(server.is_connected(ids[1]));
  EXPECT_FALSE(server.is_connected("nobody"));
  const std::array<std::string_view, 1> blue{"blue"};
  EXPECT_EQ(server.select({.rooms = blue}), std::vector{ids[1]});
  EXPECT_EQ(server.rooms("/"), (Texts{ids[0], ids[2], "blue", "red"}));
}

TEST_F(ServerSelection, ABroadcastAsksAllOfThemUnderOneId) {
  lose(clients[2]);
  take_log();
  const auto asked = server.broadcast_with_ack(now, {}, "ask", {json::array{1}, {}}, 5s);
  EXPECT_EQ(asked.receivers, 2U) << "those who are connected";
  settle();
  const std::string text = "42" + std::to_string(asked.id) + R"(["ask",1])";
  EXPECT_EQ(take_heard(clients[0]), Texts{text});
  EXPECT_EQ(take_heard(clients[1]), Texts{text});
  EXPECT_NE(server.emit_with_ack(now, ids[0], "other", {}, 9s), asked.id);
  say(clients[0], "43" + std::to_string(asked.id) + "[7]");
  EXPECT_EQ(take_log(), Texts{"ack " + std::to_string(asked.id) + " [7]"});
  pass(6s);
  EXPECT_EQ(take_log(), Texts{"missed " + std::to_string(asked.id)});
}

}  // namespace
