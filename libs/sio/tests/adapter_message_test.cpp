// Messages as the stock packages write them (@socket.io/redis-emitter 5.1.0,
// @socket.io/redis-adapter 8.3.0), and changed ones.
#include "sio/adapter_message.hpp"

#include <gtest/gtest.h>

#include "base/bytes.hpp"
#include "rtc/testing/hex.hpp"
#include "sio/json_text.hpp"
#include "sio/msgpack.hpp"

namespace {

namespace json = boost::json;
using namespace std::chrono_literals;
using namespace sio;
using namespace sio::adapter;
using Names = std::vector<std::string>;

std::string octets(std::string_view hex) { return std::string(text_of(rtc::testing::hex(hex))); }

Broadcast broadcast(std::string_view hex) { return decode_broadcast(octets(hex)).value(); }

template <class What>
What request(std::string_view text) {
  return std::get<What>(decode_request(text).value().what);
}

std::string packed(std::string_view text) { return pack_msgpack(json::parse(text), {}); }

AdapterError error_of(std::string_view text) { return decode_request(text).error(); }

// emitter.to("room").emit("news", {a: 1})
constexpr std::string_view kToRoom =
    "93a7656d697474657283a47479706502a46461746192a46e65777381a16101a36e7370a12f83a5726f6f6d7391a4"
    "726f6f6da5666c61677380a665786365707490";

TEST(AdapterBroadcast, OfAnEmitterToOneRoom) {
  const Broadcast said = broadcast(kToRoom);
  EXPECT_EQ(said.uid, "emitter");
  EXPECT_EQ(said.nsp, "/");
  EXPECT_EQ(said.whom.rooms, Names{"room"});
  EXPECT_EQ(said.whom.except, Names{});
  EXPECT_EQ(said.event, "news");
  EXPECT_EQ(said.payload.args, (json::array{json::object{{"a", 1}}}));
  EXPECT_FALSE(said.is_volatile || said.is_local);
}

// emitter.to(["a", "b"]).except("c").volatile.emit("news")
TEST(AdapterBroadcast, ToSeveralRoomsButOneAndVolatile) {
  const Broadcast said = broadcast(
      "93a7656d697474657283a47479706502a46461746191a46e657773a36e7370a12f83a5726f6f6d7392a161a162a5"
      "666c61677381a8766f6c6174696c65c3a665786365707491a163");
  EXPECT_EQ(said.whom.rooms, (Names{"a", "b"}));
  EXPECT_EQ(said.whom.except, Names{"c"});
  EXPECT_TRUE(said.is_volatile);
  EXPECT_EQ(said.payload.args, json::array{});
}

// emitter.emit("bin", {file: Buffer.from([1, 2, 3])}, [Buffer.from("x")])
TEST(AdapterBroadcast, WithBinaryValues) {
  const Broadcast said = broadcast(
      "93a7656d697474657283a47479706502a46461746193a362696e81a466696c65c40301020391c40178a36e7370a1"
      "2f83a5726f6f6d7390a5666c61677380a665786365707490");
  EXPECT_EQ(said.whom.rooms, Names{});
  EXPECT_EQ(said.payload.attachments, (Names{octets("010203"), "x"}));
  EXPECT_EQ(said.payload.args, json::parse(R"([{"file":{"_placeholder":true,"num":0}},
                                               [{"_placeholder":true,"num":1}]])"));
}

// emitter.to(5).emit("n")
TEST(AdapterBroadcast, ToARoomThatIsANumber) {
  const Broadcast said = broadcast(
      "93a7656d697474657283a47479706502a46461746191a16ea36e7370a12f83a5726f6f6d739105a5666c61677380"
      "a665786365707490");
  EXPECT_EQ(said.whom.rooms, Names{"5"});
}

// emitter.of("/admin").emit("n")
TEST(AdapterBroadcast, OfAnotherNamespace) {
  const Broadcast said = broadcast(
      "93a7656d697474657283a47479706502a46461746191a16ea36e7370a62f61646d696e83a5726f6f6d7390a5666c"
      "61677380a665786365707490");
  EXPECT_EQ(said.nsp, "/admin");
}

// io.to("room").emit("news", {a: 1})
TEST(AdapterBroadcast, OfAServer) {
  const Broadcast said = broadcast(
      "93a64e374856515783a47479706502a46461746192a46e65777381a16101a36e7370a12f83a5726f6f6d7391a472"
      "6f6f6da665786365707490a5666c61677380");
  EXPECT_EQ(said.uid, "N7HVQW");
  EXPECT_EQ(said.whom.rooms, Names{"room"});
}

TEST(AdapterBroadcast, MayLeaveOutWhatHasADefault) {
  const auto said = decode_broadcast(packed(R"(["u",{"type":2,"data":["e"]},{}])"));
  ASSERT_TRUE(said);
  EXPECT_EQ(said->nsp, "/");
  EXPECT_EQ(said->whom.rooms, Names{});
  const auto local =
      decode_broadcast(packed(R"(["u",{"type":2,"data":["e"]},{"flags":{"local":true}}])"));
  EXPECT_TRUE(local->is_local);
}

TEST(AdapterBroadcast, RefusesAnotherShape) {
  for (const std::string_view text : {R"(1)",
                                      R"({})",
                                      R"([])",
                                      R"(["u",{"type":2,"data":["e"]}])",
                                      R"([1,{"type":2,"data":["e"]},{}])",
                                      R"(["u",null,{}])",
                                      R"(["u",[],{}])",
                                      R"(["u",{"data":["e"]},{}])",
                                      R"(["u",{"type":3,"data":["e"]},{}])",
                                      R"(["u",{"type":2},{}])",
                                      R"(["u",{"type":2,"data":{}},{}])",
                                      R"(["u",{"type":2,"data":[]},{}])",
                                      R"(["u",{"type":2,"data":[{}]},{}])",
                                      R"(["u",{"type":2,"data":["disconnect"]},{}])",
                                      R"(["u",{"type":2,"data":["e"],"nsp":1},{}])",
                                      R"(["u",{"type":2,"data":["e"]},[]])",
                                      R"(["u",{"type":2,"data":["e"]},{"rooms":"a"}])",
                                      R"(["u",{"type":2,"data":["e"]},{"rooms":[true]}])",
                                      R"(["u",{"type":2,"data":["e"]},{"except":1}])",
                                      R"(["u",{"type":2,"data":["e"]},{"flags":1}])"}) {
    const auto said = decode_broadcast(packed(text));
    ASSERT_FALSE(said) << text;
    EXPECT_EQ(said.error(), AdapterError::Malformed);
  }
  EXPECT_FALSE(decode_broadcast(R"(["u",{"type":2,"data":["e"]},{}])")) << "JSON";
}

// A client would close its connection.
TEST(AdapterBroadcast, RefusesAPlaceholderOfNoAttachment) {
  const auto args = json::parse(
      R"(["u",{"type":2,"data":["e",{"_placeholder":true,"num":7},{"_placeholder":true,"num":0}]},{}])");
  EXPECT_TRUE(decode_broadcast(pack_msgpack(args, {}))) << "an object like any other";
  EXPECT_FALSE(decode_broadcast(pack_msgpack(args, Names{"x"})));
}

TEST(AdapterBroadcast, RefusesEveryCutPrefix) {
  const std::string whole = octets(kToRoom);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(decode_broadcast(whole.substr(0, size))) << size;
  }
}

TEST(AdapterBroadcast, RefusesWhatIsTooLarge) {
  const auto sized = [](std::size_t size) {
    return pack_msgpack(
        json::array{"u", {{"type", 2}, {"data", {"e", json::string(size, 'x')}}}, json::object{}},
        {});
  };
  const std::size_t around = sized(70'000).size() - 70'000;
  EXPECT_TRUE(decode_broadcast(sized(kAdapterMessageMax - around)));
  EXPECT_EQ(decode_broadcast(sized(kAdapterMessageMax - around + 1)).error(),
            AdapterError::TooLarge);
}

TEST(AdapterRequest, OfAnEmitter) {
  const auto join =
      decode_request(R"({"type":2,"opts":{"rooms":["room"],"except":[]},"rooms":["x"]})").value();
  EXPECT_EQ(join.uid, "");
  EXPECT_EQ(join.id, "");
  EXPECT_EQ(std::get<Join>(join.what).whom.rooms, Names{"room"});
  EXPECT_EQ(std::get<Join>(join.what).rooms, Names{"x"});
  const auto leave =
      request<Leave>(R"({"type":3,"opts":{"rooms":["room"],"except":[]},"rooms":["x","y"]})");
  EXPECT_EQ(leave.rooms, (Names{"x", "y"}));
  const auto end =
      request<Disconnect>(R"({"type":4,"opts":{"rooms":["room"],"except":["c"]},"close":true})");
  EXPECT_EQ(end.whom.except, Names{"c"});
  EXPECT_TRUE(end.closes_connection);
  const auto emit = decode_request(R"({"uid":"emitter","type":6,"data":["hi",1]})").value();
  EXPECT_EQ(emit.uid, "emitter");
  EXPECT_TRUE(std::holds_alternative<ServerSideEmit>(emit.what));
}

TEST(AdapterRequest, OfAServer) {
  const auto fetch = decode_request(
      R"({"uid":"N7HVQW","requestId":"_NGYmC","type":5,"opts":{"rooms":["room"],"except":[]}})");
  EXPECT_EQ(fetch->uid, "N7HVQW");
  EXPECT_EQ(fetch->id, "_NGYmC");
  EXPECT_EQ(std::get<Fetch>(fetch->what).whom.rooms, Names{"room"});
  request<ListRooms>(R"({"uid":"N7HVQW","requestId":"yPzsOf","type":1})");
  const auto sockets =
      request<ListSockets>(R"({"uid":"N7HVQW","requestId":"yPzsOf","type":0,"rooms":["a"]})");
  EXPECT_EQ(sockets.rooms, Names{"a"});
  const auto join = request<Join>(
      R"({"uid":"N7HVQW","type":2,"opts":{"rooms":["room"],"except":[]},"rooms":[5]})");
  EXPECT_EQ(join.rooms, Names{"5"});
}

// io.to("room").timeout(1000).emit("ask", {a: Buffer.from([9])}, callback)
TEST(AdapterRequest, ABroadcastWithAcknowledgementInMessagePack) {
  const auto asked = decode_request(octets(
      "85a3756964a64e3748565157a9726571756573744964a6616a62396a36a47479706507a67061636b657483a47479"
      "706502a46461746192a361736b81a161c40109a36e7370a12fa46f70747383a5726f6f6d7391a4726f6f6da66578"
      "6365707490a5666c61677381a774696d656f7574cd03e8"));
  ASSERT_TRUE(asked);
  EXPECT_EQ(asked->uid, "N7HVQW");
  EXPECT_EQ(asked->id, "ajb9j6");
  const auto& what = std::get<BroadcastWithAck>(asked->what);
  EXPECT_EQ(what.timeout, 1s);
  EXPECT_EQ(what.broadcast.event, "ask");
  EXPECT_EQ(what.broadcast.whom.rooms, Names{"room"});
  EXPECT_EQ(what.broadcast.payload.attachments, Names{"\x09"});
}

TEST(AdapterRequest, EveryOneInMessagePackToo) {
  const auto asked = decode_request(packed(R"({"requestId":"a","type":1})"));
  ASSERT_TRUE(asked);
  EXPECT_TRUE(std::holds_alternative<ListRooms>(asked->what));
}

TEST(AdapterRequest, OfOneSocketAsOlderServersAsk) {
  const auto join = decode_request(R"({"requestId":"a","type":2,"sid":"s","room":"x"})").value();
  EXPECT_EQ(std::get<Join>(join.what).whom.rooms, Names{"s"});
  EXPECT_EQ(std::get<Join>(join.what).rooms, Names{"x"});
  const auto end = request<Disconnect>(R"({"requestId":"a","type":4,"sid":"s"})");
  EXPECT_EQ(end.whom.rooms, Names{"s"});
  EXPECT_FALSE(end.closes_connection);
}

TEST(AdapterRequest, BoundsTheTimeThatAnAcknowledgementMayTake) {
  const auto timeout = [](std::string_view flags) {
    const std::string text =
        R"({"requestId":"a","type":7,"packet":{"type":2,"data":["e"]},"opts":)";
    return request<BroadcastWithAck>(text + std::string(flags) + "}").timeout;
  };
  EXPECT_EQ(timeout("{}"), 5s);
  EXPECT_EQ(timeout(R"({"flags":{"timeout":0}})"), 0s);
  EXPECT_EQ(timeout(R"({"flags":{"timeout":250.5}})"), 250'500us);
  EXPECT_EQ(timeout(R"({"flags":{"timeout":1e300}})"), kAdapterTimeoutMax);
}

TEST(AdapterRequest, IgnoresTypesThatNobodyAnswers) {
  for (const char* type : {"8", "9", "10", "-1", "1e300"}) {
    request<Ignored>(R"({"requestId":"a","type":)" + std::string(type) + "}");
  }
}

TEST(AdapterRequest, RefusesAnotherShape) {
  for (const std::string_view text :
       {"",
        "{",
        "[]",
        R"({"type":"1"})",
        R"({"type":1,"requestId":1})",
        R"({"type":1,"uid":1})",
        R"({"type":2})",
        R"({"type":2,"opts":{}})",
        R"({"type":2,"opts":{},"rooms":[]})",
        R"({"type":2,"opts":[],"rooms":["a"]})",
        R"({"type":2,"sid":"s"})",
        R"({"type":2,"opts":{},"rooms":[{}]})",
        R"({"type":3,"sid":1,"room":"a"})",
        R"({"type":4})",
        R"({"type":5})",
        R"({"type":5,"opts":1})",
        R"({"type":7,"opts":{}})",
        R"({"type":7,"packet":{"type":2,"data":["e"]}})",
        R"({"type":7,"packet":{"type":2,"data":["e"]},"opts":{"flags":{"timeout":"1"}}})",
        R"({"type":7,"packet":{"type":2,"data":["e"]},"opts":{"flags":{"timeout":-1}}})"}) {
    ASSERT_FALSE(decode_request(text)) << text;
    EXPECT_EQ(error_of(text), AdapterError::Malformed);
  }
}

TEST(AdapterRequest, RefusesWhatIsBeyondTheBounds) {
  const auto with_id = [](std::size_t size) {
    return R"({"type":1,"requestId":")" + std::string(size, 'x') + "\"}";
  };
  EXPECT_TRUE(decode_request(with_id(256)));
  EXPECT_FALSE(decode_request(with_id(257)));
  const auto joining = [](std::size_t count) {
    std::string text;
    append_json(text, json::object{{"type", 2}, {"sid", "s"}, {"rooms", json::array(count, "r")}});
    return text;
  };
  EXPECT_TRUE(decode_request(joining(kAdapterJoinsMax)));
  EXPECT_FALSE(decode_request(joining(kAdapterJoinsMax + 1)));
  EXPECT_EQ(error_of("{" + std::string(kAdapterMessageMax, ' ')), AdapterError::TooLarge);
}

// As the onresponse() of @socket.io/redis-adapter reads them.
TEST(AdapterAnswer, HasTheShapeThatTheStockAdapterReads) {
  EXPECT_EQ(encode_sockets("a", {"s", "t"}), R"({"requestId":"a","sockets":["s","t"]})");
  EXPECT_EQ(encode_rooms("a", {"r"}), R"({"requestId":"a","rooms":["r"]})");
  EXPECT_EQ(encode_done("a"), R"({"requestId":"a"})");
  EXPECT_EQ(encode_server_side_ack("a"), R"({"type":6,"requestId":"a","data":null})");
  EXPECT_EQ(encode_client_count("a", 3), R"({"type":8,"requestId":"a","clientCount":3})");
  EXPECT_EQ(encode_details("a", {{"s", {"s", "r"}, {{"userId", "u"}}}}),
            R"({"requestId":"a","sockets":[{"id":"s",)"
            R"("handshake":{"headers":{},"query":{},"auth":{}},)"
            R"("rooms":["s","r"],"data":{"userId":"u"}}]})");
  EXPECT_EQ(encode_client_ack("abc123", {{json::object{{"ok", true}}, "more"}, {}}),
            packed(R"({"type":9,"requestId":"abc123","packet":{"ok":true}})"));
  EXPECT_EQ(encode_client_ack("a", {}), packed(R"({"type":9,"requestId":"a"})"));
}

}  // namespace
