#include "server_fixture.hpp"

namespace {

using namespace std::chrono_literals;
using namespace sio;
namespace json = boost::json;

using ServerConnect = ServerTest;

TEST_F(ServerConnect, RepliesWithTheSidAlone) {
  const auto client = connect("40{\"token\":\"x\"}");
  EXPECT_EQ(take_heard(client), Texts{"40{\"sid\":\"" + socket() + "\"}"});
  EXPECT_EQ(take_log(), Texts{"ask / {\"token\":\"x\"}"});
  EXPECT_EQ(socket().size(), 20U);
}

TEST_F(ServerConnect, JoinsSeveralNamespaces) {
  const auto client = connect();
  say(client, "40/custom,{\"a\":1}");
  EXPECT_EQ(heard[client][1], "40/custom,{\"sid\":\"" + socket() + "\"}");
  say(client, "42/custom,[\"e\"]");
  say(client, "42[\"f\"]");
  EXPECT_EQ(take_log(), (Texts{"ask / {}", "ask /custom {\"a\":1}", "event e []", "event f []"}));
  EXPECT_NE(sockets[0], sockets[1]);
}

TEST_F(ServerConnect, TellsOfAnUnknownNamespace) {
  const auto client = connect("40/random");
  EXPECT_EQ(take_heard(client), Texts{"44/random,{\"message\":\"Invalid namespace\"}"});
  say(client, "40");
  EXPECT_EQ(take_heard(client).size(), 1U);
  EXPECT_FALSE(is_closed(client));
}

TEST_F(ServerConnect, MustComeInTime) {
  const auto silent = open();
  const auto connected = connect();
  pass(44s);
  EXPECT_FALSE(is_closed(silent));
  pass(2s);
  EXPECT_TRUE(is_closed(silent));
  EXPECT_FALSE(is_closed(connected));
}

TEST_F(ServerConnect, RefusalSaysWhy) {
  accepts = false;
  const auto client = connect();
  const json::object data{{"code", "UNAUTHORIZED"}};
  refuse(socket(), "not you", &data);
  settle();
  EXPECT_EQ(take_heard(client), Texts{R"(44{"message":"not you","data":{"code":"UNAUTHORIZED"}})"});
  accepts = true;
  say(client, "40");
  EXPECT_EQ(take_heard(client).size(), 1U);
}

TEST_F(ServerConnect, HoldsWhatIsEmittedBeforeTheAnswer) {
  accepts = false;
  const auto client = connect();
  emit(socket(), "early");
  EXPECT_TRUE(take_heard(client).empty());
  EXPECT_TRUE(accept(socket()));
  settle();
  EXPECT_EQ(take_heard(client), (Texts{"40{\"sid\":\"" + socket() + "\"}", "42[\"early\"]"}));
  EXPECT_FALSE(accept(socket()));
}

TEST_F(ServerConnect, ADisconnectBeforeTheAnswerFollowsIt) {
  accepts = false;
  const auto client = connect();
  server.disconnect(now, socket(), true);
  accept(socket());
  settle();
  EXPECT_EQ(take_heard(client), (Texts{"40{\"sid\":\"" + socket() + "\"}", "41"}));
  EXPECT_TRUE(is_closed(client));
}

TEST_F(ServerConnect, AClientThatLeavesMeanwhileCannotBeAccepted) {
  accepts = false;
  const auto client = connect();
  lose(client);
  EXPECT_FALSE(accept(socket()));
  EXPECT_EQ(take_log(), Texts{"ask / {}"});
}

TEST_F(ServerConnect, JoinsAtMost64Namespaces) {
  for (int i = 0; i < 70; ++i) server.add_namespace("/n" + std::to_string(i));
  const auto client = open();
  for (int i = 0; i < 64; ++i) say(client, "40/n" + std::to_string(i));
  take_heard(client);
  say(client, "40/n64");
  EXPECT_EQ(take_heard(client), Texts{"44/n64,{\"message\":\"Invalid namespace\"}"});
}

class ServerCloses : public ServerTest, public testing::WithParamInterface<std::string> {};

TEST_P(ServerCloses, OnAParseError) {
  const auto client = connect();
  take_log();
  say(client, GetParam());
  EXPECT_TRUE(is_closed(client));
  EXPECT_EQ(take_log(), Texts{"gone parse error"});
}

INSTANTIATE_TEST_SUITE_P(Rules, ServerCloses,
                         testing::Values("4abc", "49", "42", "42{}", "42[]", "42[{}]",
                                         "42[\"connect\"]", "42abc[\"e\"]", "431", "43[]", "40",
                                         "40[]", "41{}", "44{}", "42/custom,[\"e\"]",
                                         "42/none,[\"e\"]", "41/custom,", "43/custom,1[]",
                                         "450-[\"e\"]", "4511-[\"e\"]",
                                         R"(451-["e",{"_placeholder":true,"num":3}])", "42[\"e\""),
                         [](const auto& test) { return "Case" + std::to_string(test.index); });

TEST_F(ServerTest, ClosesOnBinaryThatNoneAnnounced) {
  const auto client = connect();
  say_binary(client, "x");
  EXPECT_TRUE(is_closed(client));
}

TEST_F(ServerTest, ClosesOnTextWhileAttachmentsArePending) {
  const auto client = connect();
  say(client, R"(451-["e",{"_placeholder":true,"num":0}])");
  say(client, "42[\"e\"]");
  EXPECT_TRUE(is_closed(client));
}

TEST_F(ServerTest, HearsNothingOfAConnectionItCloses) {
  const auto client = connect();
  take_log();
  server.engine().web_socket_message(now, client, "4abc", false);
  server.engine().web_socket_message(now, client, "42[\"late\"]", false);
  settle();
  EXPECT_EQ(take_log(), Texts{"gone parse error"});
}

using ServerEvents = ServerTest;

TEST_F(ServerEvents, CarryAttachmentsBothWays) {
  const auto client = connect();
  take_log();
  take_heard(client);
  say(client, R"(452-["up",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}])");
  say_binary(client, "one");
  say_binary(client, "two");
  EXPECT_EQ(take_log(),
            (Texts{R"(event up [{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}])",
                   "attached one", "attached two"}));
  server.emit(now, socket(), "down",
              {json::array{{{"_placeholder", true}, {"num", 0}}}, {"bytes"}});
  settle();
  EXPECT_EQ(take_heard(client), (Texts{R"(451-["down",{"_placeholder":true,"num":0}])", "bytes"}));
}

TEST_F(ServerEvents, AreAcknowledged) {
  const auto client = connect();
  take_heard(client);
  say(client, "4212[\"ask\",1]");
  ASSERT_EQ(last_ack, 12U);
  server.acknowledge(socket(), 12, {json::array{"x", 2}, {}});
  settle();
  EXPECT_EQ(take_heard(client), Texts{"4312[\"x\",2]"});
}

TEST_F(ServerEvents, AskForAcknowledgements) {
  const auto client = connect();
  take_heard(client);
  take_log();
  EXPECT_EQ(server.emit_with_ack(now, socket(), "ask", {json::array{1}, {}}, 5s), 0U);
  EXPECT_EQ(server.emit_with_ack(now, socket(), "ask", {}, 5s), 1U);
  settle();
  EXPECT_EQ(take_heard(client), (Texts{"420[\"ask\",1]", "421[\"ask\"]"}));
  say(client, "431[\"answer\"]");
  EXPECT_EQ(take_log(), Texts{"ack 1 [\"answer\"]"});
  pass(5s);
  EXPECT_EQ(take_log(), Texts{"missed 0"});
  say(client, "430[\"too late\"]");
  say(client, "431[\"twice\"]");
  say(client, "4399[\"never asked\"]");
  EXPECT_TRUE(take_log().empty());
  EXPECT_FALSE(is_closed(client));
}

TEST_F(ServerEvents, AcknowledgementsAreMissedWithTheConnection) {
  const auto client = connect();
  server.emit_with_ack(now, socket(), "ask", {}, 5s);
  settle();
  take_log();
  lose(client);
  EXPECT_EQ(take_log(), (Texts{"missed 0", "gone transport close"}));
  pass(10s);
  EXPECT_TRUE(take_log().empty());
}

TEST_F(ServerEvents, VolatileOnesAreDroppedForASlowReader) {
  const auto client = connect();
  take_heard(client);
  server.emit_volatile(socket(), "now", {});
  settle();
  EXPECT_EQ(take_heard(client), Texts{"42[\"now\"]"});
  reads = false;
  emit(socket(), "waits");
  server.broadcast_fleeting({}, "waits too", {});
  server.emit_volatile(socket(), "dropped", {});
  server.broadcast_volatile({}, "dropped", {});
  settle();
  reads = true;
  drain(client);
  EXPECT_EQ(take_heard(client), (Texts{"42[\"waits\"]", "42[\"waits too\"]"}));
}

TEST_F(ServerEvents, ASlowReaderDelaysNobody) {
  const auto slow = connect();
  const auto quick = connect();
  take_heard(quick);
  reads = false;
  for (int i = 0; i < 50; ++i) {
    server.broadcast(now, {}, "big", {json::array{std::string(100'000, 'x')}, {}});
    settle();
    reads = true;
    drain(quick);
    reads = false;
  }
  EXPECT_EQ(take_heard(quick).size(), 50U);
  EXPECT_TRUE(is_closed(slow));
  EXPECT_FALSE(is_closed(quick));
}

using ServerRooms = ServerTest;

TEST_F(ServerRooms, ReachTheirMembersButTheExcepted) {
  const auto a = connect();
  const auto b = connect();
  const auto c = connect();
  const auto d = connect();
  for (const auto client : {a, b, c, d}) take_heard(client);
  server.join(sockets[0], "red");
  server.join(sockets[1], "red");
  server.join(sockets[1], "blue");
  server.join(sockets[2], "blue");
  const std::vector<std::string_view> red{"red"};
  const std::vector<std::string_view> both{"red", "blue", "green"};
  const std::vector<SocketId> except{sockets[0], "unknown"};
  server.broadcast(now, {.rooms = red}, "one", {});
  server.broadcast(now, {.rooms = both, .except = except}, "two", {});
  server.broadcast(now, {}, "all", {});
  server.broadcast(now, {.nsp = "/custom"}, "elsewhere", {});
  settle();
  EXPECT_EQ(take_heard(a), (Texts{"42[\"one\"]", "42[\"all\"]"}));
  EXPECT_EQ(take_heard(b), (Texts{"42[\"one\"]", "42[\"two\"]", "42[\"all\"]"}));
  EXPECT_EQ(take_heard(c), (Texts{"42[\"two\"]", "42[\"all\"]"}));
  EXPECT_EQ(take_heard(d), Texts{"42[\"all\"]"});
}

TEST_F(ServerRooms, AreLeft) {
  const auto a = connect();
  server.join(socket(), "red");
  server.join(socket(), "red");
  server.leave(socket(), "red");
  server.leave(socket(), "red");
  take_heard(a);
  const std::vector<std::string_view> red{"red"};
  server.broadcast(now, {.rooms = red}, "one", {});
  settle();
  EXPECT_TRUE(take_heard(a).empty());
  server.join(socket(), "red");
  lose(a);
  server.broadcast(now, {.rooms = red}, "two", {});
  settle();
}

TEST_F(ServerRooms, ShareOneFrameAmongAllMembers) {
  reads = false;
  const auto a = connect();
  const auto b = connect();
  reads = true;
  drain(a);
  drain(b);
  reads = false;
  server.broadcast(now, {}, "once", {});
  settle();
  std::vector<FrameRef> first;
  std::vector<FrameRef> second;
  server.engine().take(a, first);
  server.engine().take(b, second);
  ASSERT_EQ(first.size(), 1U);
  EXPECT_EQ(first, second);
}

using ServerDisconnect = ServerTest;

TEST_F(ServerDisconnect, ByTheClientLeavesTheConnectionOpen) {
  const auto client = connect();
  say(client, "40/custom");
  take_log();
  say(client, "41/custom,");
  EXPECT_EQ(take_log(), Texts{"gone client namespace disconnect"});
  say(client, "42[\"still here\"]");
  EXPECT_EQ(take_log(), Texts{"event still here []"});
  say(client, "42/custom,[\"not there\"]");
  EXPECT_TRUE(is_closed(client));
}

TEST_F(ServerDisconnect, AClientMayComeBackToANamespace) {
  const auto client = connect();
  say(client, "41");
  take_heard(client);
  say(client, "40");
  EXPECT_EQ(take_heard(client), Texts{"40{\"sid\":\"" + socket() + "\"}"});
  EXPECT_NE(sockets[0], sockets[1]);
}

TEST_F(ServerDisconnect, ByTheServer) {
  const auto client = connect();
  say(client, "40/custom");
  take_log();
  take_heard(client);
  server.disconnect(now, sockets[1], false);
  settle();
  EXPECT_EQ(take_heard(client), Texts{"41/custom,"});
  EXPECT_EQ(take_log(), Texts{"gone server namespace disconnect"});
  EXPECT_FALSE(is_closed(client));
  server.disconnect(now, sockets[0], true);
  settle();
  EXPECT_EQ(take_heard(client), Texts{"41"});
  EXPECT_TRUE(is_closed(client));
  EXPECT_EQ(take_log(), Texts{"gone server namespace disconnect"});
}

TEST_F(ServerDisconnect, WithTheConnectionEndsItsOtherSockets) {
  const auto client = connect();
  say(client, "40/custom");
  take_log();
  server.disconnect(now, sockets[0], true);
  settle();
  EXPECT_TRUE(is_closed(client));
  EXPECT_EQ(take_log(), (Texts{"gone server namespace disconnect", "gone forced server close"}));
}

TEST_F(ServerDisconnect, TellsTheReasonOfTheTransport) {
  const auto lost = connect();
  const auto broken = connect();
  const auto polite = connect();
  take_log();
  lose(lost, reason::kTransportClose);
  lose(broken, reason::kTransportError);
  say(polite, "1");
  EXPECT_EQ(take_log(),
            (Texts{"gone transport close", "gone transport error", "gone transport close"}));
  connect();
  take_log();
  answers_pings = false;
  pass(45s);
  EXPECT_EQ(take_log(), Texts{"gone ping timeout"});
}

TEST_F(ServerDisconnect, ShuttingDownClosesEveryConnection) {
  const auto a = connect();
  const auto b = open();
  take_log();
  server.shut_down(now);
  settle();
  EXPECT_EQ(take_log(), Texts{"gone server shutting down"});
  EXPECT_TRUE(is_closed(a));
  EXPECT_TRUE(is_closed(b));
  EXPECT_TRUE(take_heard(b).empty());
  const auto late = connect();
  EXPECT_TRUE(is_closed(late));
}

TEST_F(ServerTest, ToUnknownSocketsNothingHappens) {
  server.emit(now, "nobody", "e", {});
  server.emit_volatile("nobody", "e", {});
  EXPECT_FALSE(server.emit_with_ack(now, "nobody", "e", {}, 1s));
  server.acknowledge("nobody", 1, {});
  server.join("nobody", "red");
  server.leave("nobody", "red");
  server.disconnect(now, "nobody", true);
  EXPECT_FALSE(accept("nobody"));
  refuse("nobody", "x");
  settle();
  EXPECT_TRUE(take_log().empty());
}

}  // namespace
