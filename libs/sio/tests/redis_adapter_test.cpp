// What servers and emitters of Node may ask of a server by Redis, one test a rule.
#include "sio/redis_adapter.hpp"

#include <array>

#include "server_fixture.hpp"
#include "sio/msgpack.hpp"

namespace {

using namespace std::chrono_literals;
using namespace sio;
namespace json = boost::json;

constexpr std::string_view kBroadcasts = "socket.io#/#";
constexpr std::string_view kRequests = "socket.io-request#/#";

std::string packed(std::string_view text) { return pack_msgpack(json::parse(text), {}); }

json::object describe(const SocketId& socket) { return {{"known", socket.size()}}; }

class RedisAdapterTest : public ThreeClientsTest {
 protected:
  RedisAdapterTest() {
    overhears = [this](const ServerEvent& event) {
      if (const auto* ack = std::get_if<AckReceived>(&event)) adapter.on(*ack);
      if (const auto* ack = std::get_if<AckMissed>(&event)) adapter.on(*ack);
    };
  }

  using Done = std::expected<void, AdapterError>;

  Done receive(std::string_view channel, std::string_view message) {
    const Done done = adapter.receive(now, channel, message);
    settle();
    return done;
  }
  // `[uid,packet,options]`, by the channel of all or of one room.
  Done hear(std::string_view text, std::string_view room = {}) {
    std::string channel(kBroadcasts);
    if (!room.empty()) channel.append(room).append("#");
    return receive(channel, packed(text));
  }
  Done ask(const std::string& text) { return receive(kRequests, text); }
  // What they have heard, without the offset at the end.
  std::array<Texts, 3> heard_by() {
    std::array<Texts, 3> all;
    for (std::size_t i = 0; i < 3; ++i) {
      for (std::string& text : take_heard(clients[i])) {
        const std::size_t offset = text.rfind(",\"");
        all[i].push_back(text.substr(0, offset));
      }
    }
    return all;
  }
  // Every answer as text; those in MessagePack are marked.
  Texts answers() {
    Texts texts;
    while (auto publication = adapter.poll_publication()) {
      EXPECT_EQ(publication->channel, "socket.io-response#/#");
      if (publication->message.starts_with('{')) {
        texts.push_back(publication->message);
      } else {
        const auto read = unpack_msgpack(publication->message).value();
        attachments = read.attachments;
        texts.push_back("packed ");
        append_json(texts.back(), read.value);
      }
    }
    return texts;
  }

  RedisAdapter adapter{server, "/", "ours", describe};
  Texts attachments;  // of the last answer in MessagePack
};

using AdapterChannels = RedisAdapterTest;
using AdapterBroadcasts = RedisAdapterTest;
using AdapterRequests = RedisAdapterTest;

const std::array<Texts, 3> kNobody{};
const Texts kSaid{"42[\"e\",1"};

TEST_F(AdapterChannels, AreNamedAfterNamespaceAndUid) {
  EXPECT_EQ(adapter.pattern(), "socket.io#/#*");
  EXPECT_EQ(adapter.channels(),
            (Texts{"socket.io-request#/#", "socket.io-response#/#", "socket.io-response#/#ours#"}));
  const RedisAdapter other(server, "/custom", "u", {});
  EXPECT_EQ(other.pattern(), "socket.io#/custom#*");
}

TEST_F(AdapterChannels, OfOthersAndAnswersAreIgnored) {
  const std::string said = packed(R"(["u",{"type":2,"data":["e",1]},{}])");
  EXPECT_TRUE(receive("socket.io#/custom#", said));
  EXPECT_TRUE(receive("socket.io-response#/#", "nonsense"));
  EXPECT_TRUE(receive("socket.io-response#/#ours#", R"({"requestId":"a","type":1})"));
  EXPECT_EQ(heard_by(), kNobody);
  EXPECT_EQ(answers(), Texts{});
}

TEST_F(AdapterBroadcasts, ReachTheirRooms) {
  EXPECT_TRUE(hear(R"(["u",{"type":2,"data":["e",1],"nsp":"/"},{"rooms":["red"]}])", "red"));
  EXPECT_EQ(heard_by(), (std::array<Texts, 3>{kSaid, kSaid, {}}));
  EXPECT_TRUE(hear(R"(["emitter",{"type":2,"data":["e",1],"nsp":"/"},{"rooms":["red","blue"]}])"));
  EXPECT_EQ(heard_by(), (std::array<Texts, 3>{kSaid, kSaid, {}})) << "each once";
  EXPECT_TRUE(hear(R"(["u",{"type":2,"data":["e",1]},{"rooms":[]}])"));
  EXPECT_EQ(heard_by(), (std::array<Texts, 3>{kSaid, kSaid, kSaid})) << "no room: all";
}

TEST_F(AdapterBroadcasts, ReachASocketByItsId) {
  EXPECT_TRUE(hear(R"(["u",{"type":2,"data":["e",1]},{"rooms":[")" + ids[2] + R"("]}])", ids[2]));
  EXPECT_EQ(heard_by(), (std::array<Texts, 3>{Texts{}, {}, kSaid}));
}

TEST_F(AdapterBroadcasts, LeaveOutThoseExcepted) {
  EXPECT_TRUE(hear(R"(["u",{"type":2,"data":["e",1]},{"except":["blue",")" + ids[2] + R"("]}])"));
  EXPECT_EQ(heard_by(), (std::array<Texts, 3>{kSaid, {}, {}}));
}

TEST_F(AdapterBroadcasts, ToARoomThatNobodyIsInAreNotEvenRead) {
  EXPECT_TRUE(receive("socket.io#/#green#", "nonsense"));
  EXPECT_FALSE(receive("socket.io#/#red#", "nonsense"));
}

TEST_F(AdapterBroadcasts, OfOurOwnAndOtherNamespacesAreIgnored) {
  EXPECT_TRUE(hear(R"(["ours",{"type":2,"data":["e",1]},{}])"));
  EXPECT_TRUE(hear(R"(["u",{"type":2,"data":["e",1],"nsp":"/custom"},{}])"));
  EXPECT_EQ(heard_by(), kNobody);
}

TEST_F(AdapterBroadcasts, ForTheSendersOwnSocketsAreIgnored) {
  EXPECT_TRUE(hear(R"(["u",{"type":2,"data":["e",1]},{"flags":{"local":true}}])"));
  EXPECT_EQ(heard_by(), kNobody);
}

TEST_F(AdapterBroadcasts, AreKeptForWhoIsAwayUnlessVolatile) {
  EXPECT_TRUE(hear(R"(["u",{"type":2,"data":["e",1]},{}])"));
  const auto seen = json::parse(take_heard(clients[0]).back().substr(2)).as_array();
  lose(clients[0]);
  EXPECT_TRUE(hear(R"(["u",{"type":2,"data":["gone"]},{"flags":{"volatile":true}}])"));
  EXPECT_TRUE(hear(R"(["u",{"type":2,"data":["kept"]},{"flags":{"volatile":false}}])"));
  const auto pid = json::parse(replies[0].substr(2)).at("pid");
  const auto back =
      connect("40" + json::serialize(json::object{{"pid", pid}, {"offset", seen.back()}}));
  ASSERT_EQ(heard[back].size(), 2U);
  EXPECT_TRUE(heard[back][0].starts_with("42[\"kept\",")) << heard[back][0];
}

TEST_F(AdapterBroadcasts, CarryBinaryValues) {
  const auto said = json::parse(
      R"(["u",{"type":2,"data":["e",{"_placeholder":true,"num":0}]},{"rooms":["blue"]}])");
  EXPECT_TRUE(receive(kBroadcasts, pack_msgpack(said, Texts{"\x01\x02"})));
  const Texts texts = take_heard(clients[1]);
  ASSERT_EQ(texts.size(), 2U);
  EXPECT_TRUE(texts[0].starts_with(R"(451-["e",{"_placeholder":true,"num":0},)")) << texts[0];
  EXPECT_EQ(texts[1], "\x01\x02");
}

TEST_F(AdapterBroadcasts, ThatAreNoneAreRefused) {
  EXPECT_EQ(receive(kBroadcasts, "nonsense").error(), AdapterError::Malformed);
  EXPECT_EQ(receive(kBroadcasts, std::string(kAdapterMessageMax + 1, 'x')).error(),
            AdapterError::TooLarge);
  EXPECT_EQ(heard_by(), kNobody);
}

TEST_F(AdapterRequests, ListSockets) {
  EXPECT_TRUE(ask(R"({"uid":"u","requestId":"a","type":0,"rooms":["blue"]})"));
  EXPECT_EQ(answers(), Texts{R"({"requestId":"a","sockets":[")" + ids[1] + R"("]})"});
  lose(clients[1]);
  EXPECT_TRUE(ask(R"({"uid":"u","requestId":"b","type":0,"rooms":["blue"]})"));
  EXPECT_EQ(answers(), Texts{R"({"requestId":"b","sockets":[]})"}) << "who is away is not there";
}

TEST_F(AdapterRequests, ListRooms) {
  EXPECT_TRUE(ask(R"({"uid":"u","requestId":"a","type":1})"));
  EXPECT_EQ(answers(), Texts{R"({"requestId":"a","rooms":[")" + ids[0] + "\",\"" + ids[1] +
                             "\",\"" + ids[2] + R"(","blue","red"]})"});
}

TEST_F(AdapterRequests, JoinAndLeave) {
  EXPECT_TRUE(ask(R"({"type":2,"opts":{"rooms":["red"],"except":["blue"]},"rooms":["x","y"]})"));
  EXPECT_EQ(server.rooms_of(ids[0]), (Texts{ids[0], "red", "x", "y"}));
  EXPECT_EQ(server.rooms_of(ids[1]), (Texts{ids[1], "red", "blue"}));
  EXPECT_TRUE(ask(R"({"uid":"u","type":3,"opts":{"rooms":[],"except":[]},"rooms":["red"]})"));
  EXPECT_EQ(server.rooms_of(ids[0]), (Texts{ids[0], "x", "y"}));
  EXPECT_EQ(server.rooms_of(ids[1]), (Texts{ids[1], "blue"}));
  EXPECT_EQ(answers(), Texts{}) << "nobody waits for one";
}

TEST_F(AdapterRequests, Disconnect) {
  EXPECT_TRUE(ask(R"({"type":4,"opts":{"rooms":["blue"],"except":[]},"close":true})"));
  EXPECT_TRUE(is_closed(clients[1]));
  EXPECT_TRUE(ask(R"({"type":4,"opts":{"rooms":["red"],"except":[]},"close":false})"));
  EXPECT_FALSE(is_closed(clients[0]));
  EXPECT_EQ(take_heard(clients[0]), Texts{"41"});
  EXPECT_EQ(take_log(),
            (Texts{"gone server namespace disconnect", "gone server namespace disconnect"}));
}

TEST_F(AdapterRequests, OfOneSocketAreAnsweredByWhoHasIt) {
  const auto about = [&](const std::string& socket, const std::string& more) {
    return ask(R"({"uid":"u","requestId":"a","sid":")" + socket + "\"," + more + "}");
  };
  EXPECT_TRUE(about("elsewhere", R"("type":2,"room":"x")"));
  EXPECT_EQ(answers(), Texts{});
  EXPECT_TRUE(about(ids[2], R"("type":2,"room":"x")"));
  EXPECT_EQ(server.rooms_of(ids[2]), (Texts{ids[2], "x"}));
  EXPECT_TRUE(about(ids[2], R"("type":3,"room":"x")"));
  EXPECT_EQ(server.rooms_of(ids[2]), Texts{ids[2]});
  EXPECT_TRUE(about(ids[2], R"("type":4,"close":true)"));
  EXPECT_TRUE(is_closed(clients[2]));
  const Texts three(3, R"({"requestId":"a"})");
  EXPECT_EQ(answers(), three);
}

TEST_F(AdapterRequests, FetchSocketsWithoutTheirSecrets) {
  EXPECT_TRUE(
      ask(R"({"uid":"u","requestId":"a","type":5,"opts":{"rooms":["red"],"except":["blue"]}})"));
  EXPECT_EQ(answers(), Texts{R"({"requestId":"a","sockets":[{"id":")" + ids[0] +
                             R"(","handshake":{"headers":{},"query":{},"auth":{}},"rooms":[")" +
                             ids[0] + R"(","red"],"data":{"known":20}}]})"});
  EXPECT_TRUE(
      ask(R"({"uid":"u","requestId":"b","type":5,"opts":{"rooms":["green"],"except":[]}})"));
  EXPECT_EQ(answers(), Texts{R"({"requestId":"b","sockets":[]})"}) << "none is an answer too";
}

TEST_F(AdapterRequests, AServerSideEmitIsAnsweredWhenItMustBe) {
  EXPECT_TRUE(ask(R"({"uid":"emitter","type":6,"data":["hi",1]})"));
  EXPECT_EQ(answers(), Texts{});
  EXPECT_TRUE(ask(R"({"uid":"u","requestId":"a","type":6,"data":["ping"]})"));
  EXPECT_EQ(answers(), Texts{R"({"type":6,"requestId":"a","data":null})"});
}

TEST_F(AdapterRequests, MayBeInMessagePack) {
  EXPECT_TRUE(ask(packed(R"({"uid":"u","requestId":"a","type":0,"rooms":["blue"]})")));
  EXPECT_EQ(answers(), Texts{R"({"requestId":"a","sockets":[")" + ids[1] + R"("]})"});
}

TEST_F(AdapterRequests, WithoutAnIdHaveNoAnswer) {
  for (const char* type : {"0", "1", "5", "6"}) {
    EXPECT_TRUE(ask(R"({"uid":"u","opts":{},"type":)" + std::string(type) + "}"));
  }
  EXPECT_EQ(answers(), Texts{});
}

TEST_F(AdapterRequests, OfOurOwnAreIgnored) {
  EXPECT_TRUE(ask(R"({"uid":"ours","requestId":"a","type":1})"));
  EXPECT_EQ(answers(), Texts{});
}

TEST_F(AdapterRequests, ThatAreNoneAreRefused) {
  EXPECT_EQ(ask("{").error(), AdapterError::Malformed);
  EXPECT_EQ(ask(R"({"type":5,"requestId":"a"})").error(), AdapterError::Malformed);
  EXPECT_TRUE(ask(R"({"type":99,"requestId":"a"})")) << "of a version to come";
  EXPECT_EQ(answers(), Texts{});
}

class AdapterAcks : public RedisAdapterTest {
 protected:
  Done ask_all(std::string_view rooms, std::string_view nsp = "/") {
    return ask(
        R"({"uid":"u","requestId":"a","type":7,"packet":{"type":2,"data":["ask",1],"nsp":")" +
        std::string(nsp) + R"("},"opts":{"rooms":)" + std::string(rooms) +
        R"(,"except":[],"flags":{"timeout":1000}}})");
  }
  // The id of the acknowledgement that the client was asked for last.
  std::string ack_of(WebSocketId client) {
    const std::string text = take_heard(client).back();
    return text.substr(2, text.find('[') - 2);
  }
};

TEST_F(AdapterAcks, AreCountedAndHandedOn) {
  EXPECT_TRUE(ask_all(R"(["red"])"));
  EXPECT_EQ(answers(), Texts{R"({"type":8,"requestId":"a","clientCount":2})"});
  say(clients[0], "43" + ack_of(clients[0]) + R"([{"ok":true},"more"])");
  EXPECT_EQ(answers(), Texts{R"(packed {"packet":{"ok":true},"requestId":"a","type":9})"});
  const std::string id = ack_of(clients[1]);
  say(clients[1], "461-" + id + R"([{"_placeholder":true,"num":0}])");
  say_binary(clients[1], "\x05");
  EXPECT_EQ(answers(),
            Texts{R"(packed {"packet":{"_placeholder":true,"num":0},"requestId":"a","type":9})"});
  EXPECT_EQ(attachments, Texts{"\x05"});
  say(clients[1], "43" + id + "[1]");
  EXPECT_EQ(answers(), Texts{}) << "each once";
}

TEST_F(AdapterAcks, NobodyToAskIsAnAnswer) {
  EXPECT_TRUE(ask_all(R"(["green"])"));
  EXPECT_EQ(answers(), Texts{R"({"type":8,"requestId":"a","clientCount":0})"});
  EXPECT_TRUE(ask_all("[]", "/custom"));
  EXPECT_EQ(answers(), Texts{}) << "another namespace's own servers answer";
}

TEST_F(AdapterAcks, ThatComeTooLateAreNot) {
  EXPECT_TRUE(ask_all(R"(["blue"])"));
  answers();
  pass(2s);
  say(clients[1], "43" + ack_of(clients[1]) + "[1]");
  EXPECT_EQ(answers(), Texts{});
}

TEST_F(AdapterAcks, OfOurOwnAskingAreNotHandedOn) {
  const auto id = server.emit_with_ack(now, ids[0], "e", {}, 1s).value();
  settle();
  say(clients[0], "43" + std::to_string(id) + "[1]");
  EXPECT_EQ(answers(), Texts{});
}

TEST_F(AdapterAcks, AreAwaitedForSoManyBroadcastsAtOnce) {
  for (std::size_t i = 0; i < RedisAdapter::kRoundsMax; ++i) ASSERT_TRUE(ask_all(R"(["blue"])"));
  EXPECT_EQ(ask_all(R"(["blue"])").error(), AdapterError::Busy);
  say(clients[1], "43" + ack_of(clients[1]) + "[1]");
  EXPECT_TRUE(ask_all(R"(["blue"])")) << "one is done";
  EXPECT_FALSE(ask_all(R"(["blue"])"));
  pass(2s);
  EXPECT_TRUE(ask_all(R"(["blue"])")) << "the time of all is over";
}

}  // namespace
