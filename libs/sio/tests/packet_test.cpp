#include "sio/packet.hpp"

#include <gtest/gtest.h>

#include "sio/json_text.hpp"

namespace {

namespace json = boost::json;
using sio::PacketError;
using Type = sio::Packet::Type;

std::string text_of(const json::value& value) {
  std::string text;
  sio::append_json(text, value);
  return text;
}

sio::Packet decoded(std::string_view text) {
  sio::PacketDecoder decoder;
  auto packet = decoder.text(text);
  EXPECT_TRUE(packet && *packet) << text;
  return packet && *packet ? **packet : sio::Packet{};
}

TEST(PacketDecoder, ReadsEveryTypeThatClientsSend) {
  const sio::Packet connect = decoded("0/admin,{\"token\":\"x\"}");
  EXPECT_EQ(connect.type, Type::Connect);
  EXPECT_EQ(connect.nsp, "/admin");
  EXPECT_EQ(text_of(json::value(connect.object)), R"({"token":"x"})");
  EXPECT_TRUE(decoded("0").object.empty());
  EXPECT_EQ(decoded("0/x").nsp, "/x");

  const sio::Packet event = decoded("2/admin,13[\"e\",1,{\"a\":[]}]");
  EXPECT_EQ(event.type, Type::Event);
  EXPECT_EQ(event.id, 13U);
  EXPECT_EQ(event.event, "e");
  EXPECT_EQ(text_of(json::value(event.payload.args)), R"([1,{"a":[]}])");
  EXPECT_EQ(decoded("2[5,6]").event, "5");
  EXPECT_EQ(decoded("20[\"e\"]").id, 0U);
  EXPECT_FALSE(decoded("2[\"e\"]").id);

  EXPECT_EQ(decoded("1").type, Type::Disconnect);
  EXPECT_EQ(decoded("1/admin,").nsp, "/admin");

  const sio::Packet ack = decoded("3/admin,456[]");
  EXPECT_EQ(ack.type, Type::Ack);
  EXPECT_EQ(ack.id, 456U);
}

TEST(PacketDecoder, CollectsAttachments) {
  sio::PacketDecoder decoder;
  const auto first =
      decoder.text(R"(52-["e",{"_placeholder":true,"num":1},[{"_placeholder":true,"num":0}]])");
  ASSERT_TRUE(first);
  EXPECT_FALSE(*first);
  const auto second = decoder.binary("one");
  ASSERT_TRUE(second);
  EXPECT_FALSE(*second);
  const auto whole = decoder.binary("");
  ASSERT_TRUE(whole && *whole);
  EXPECT_EQ((*whole)->payload.attachments, (std::vector<std::string>{"one", ""}));
  EXPECT_TRUE(decoder.text("2[\"e\"]"));  // and goes on

  const auto ack = decoder.text(R"(61-/x,7[{"_placeholder":true,"num":0}])");
  ASSERT_TRUE(ack && !*ack);
  EXPECT_EQ((*decoder.binary("b"))->id, 7U);
}

struct Broken {
  std::string name;
  std::string text;
  PacketError error;
};

class PacketDecoderRefuses : public testing::TestWithParam<Broken> {};

TEST_P(PacketDecoderRefuses, NamesTheError) {
  sio::PacketDecoder decoder;
  const auto packet = decoder.text(GetParam().text);
  ASSERT_FALSE(packet);
  EXPECT_EQ(packet.error(), GetParam().error);
}

using Error = PacketError;
INSTANTIATE_TEST_SUITE_P(
    Wire, PacketDecoderRefuses,
    testing::Values(
        Broken{"Empty", "", Error::UnknownType}, Broken{"Letter", "abc", Error::UnknownType},
        Broken{"Type7", "7", Error::UnknownType}, Broken{"Type9", "9[\"e\"]", Error::UnknownType},
        Broken{"NoAttachmentCount", "5-[\"e\"]", Error::BadAttachments},
        Broken{"NoDash", "51[\"e\"]", Error::BadAttachments},
        Broken{"NoAttachments", "50-[\"e\"]", Error::BadAttachments},
        Broken{"ElevenAttachments", "511-[\"e\"]", Error::BadAttachments},
        Broken{"ManyAttachments", "5999999999999999999999-[\"e\"]", Error::BadAttachments},
        Broken{"AttachmentsNotANumber", "51.5-[\"e\"]", Error::BadAttachments},
        Broken{"AttachmentsNegative", "5-1-[\"e\"]", Error::BadAttachments},
        Broken{"PlaceholderOutOfRange", R"(51-["e",{"_placeholder":true,"num":1}])",
               Error::BadPlaceholder},
        Broken{"PlaceholderNegative", R"(51-["e",{"_placeholder":true,"num":-1}])",
               Error::BadPlaceholder},
        Broken{"PlaceholderOfText", R"(51-["e",{"_placeholder":true,"num":"splice"}])",
               Error::BadPlaceholder},
        Broken{"PlaceholderOfFraction", R"(51-["e",{"_placeholder":true,"num":0.5}])",
               Error::BadPlaceholder},
        Broken{"PlaceholderWithoutNum", R"(51-["e",[{"_placeholder":true}]])",
               Error::BadPlaceholder},
        Broken{"EventWithoutPayload", "2", Error::BadPayload},
        Broken{"EventOfObject", "2{}", Error::BadPayload},
        Broken{"EventOfString", "2\"e\"", Error::BadPayload},
        Broken{"EventOfNothing", "2[]", Error::BadEventName},
        Broken{"EventNameObject", "2[{}]", Error::BadEventName},
        Broken{"EventNameNull", "2[null]", Error::BadEventName},
        Broken{"EventNameTrue", "2[true]", Error::BadEventName},
        Broken{"Connect", "2[\"connect\"]", Error::BadEventName},
        Broken{"ConnectErrorName", "2[\"connect_error\"]", Error::BadEventName},
        Broken{"DisconnectName", "2[\"disconnect\"]", Error::BadEventName},
        Broken{"Disconnecting", "2[\"disconnecting\"]", Error::BadEventName},
        Broken{"NewListener", "2[\"newListener\"]", Error::BadEventName},
        Broken{"RemoveListener", "51-[\"removeListener\"]", Error::BadEventName},
        Broken{"AckOfObject", "31{}", Error::BadPayload},
        Broken{"AckWithoutPayload", "31", Error::BadPayload},
        Broken{"AckWithoutId", "3[]", Error::BadAckId},
        Broken{"AckIdLetters", "2abc[\"e\"]", Error::BadPayload},
        Broken{"AckIdHuge", "29999999999999999999[\"e\"]", Error::BadAckId},
        Broken{"ConnectWithId", "01{}", Error::BadAckId},
        Broken{"ConnectOfArray", "0[]", Error::BadPayload},
        Broken{"ConnectOfString", "0\"x\"", Error::BadPayload},
        Broken{"DisconnectWithPayload", "1{}", Error::BadPayload},
        Broken{"ConnectErrorPacket", "4{\"message\":\"x\"}", Error::NotForClients},
        Broken{"CutJson", "2[\"e\"", Error::BadPayload},
        Broken{"TooDeep", "2[\"e\"," + std::string(40, '[') + std::string(40, ']') + "]",
               Error::BadPayload}),
    [](const auto& test) { return test.param.name; });

TEST(PacketDecoder, RefusesTextWhileAttachmentsArePending) {
  sio::PacketDecoder decoder;
  ASSERT_TRUE(decoder.text(R"(51-["e",{"_placeholder":true,"num":0}])"));
  EXPECT_EQ(decoder.text("2[\"e\"]").error(), Error::TextWhilePending);
}

TEST(PacketDecoder, RefusesBinaryThatNoneAnnounced) {
  sio::PacketDecoder decoder;
  EXPECT_EQ(decoder.binary("x").error(), Error::UnexpectedBinary);
  ASSERT_TRUE(decoder.text(R"(51-["e",{"_placeholder":true,"num":0}])"));
  ASSERT_TRUE(decoder.binary("x"));
  EXPECT_EQ(decoder.binary("y").error(), Error::UnexpectedBinary);
}

// A placeholder in a text packet is an object like any other.
TEST(PacketDecoder, KnowsPlaceholdersInBinaryPacketsAlone) {
  EXPECT_EQ(decoded(R"(2["e",{"_placeholder":true,"num":9}])").payload.args.size(), 1U);
}

TEST(PacketEncode, WritesTheBytesOfTheWireDocument) {
  const sio::Payload none;
  const sio::Payload two{json::array{1, "x"}, {}};
  const sio::Payload binary{json::array{{{"_placeholder", true}, {"num", 0}}}, {"\x01\x02"}};
  EXPECT_EQ(sio::encode_event("/", "e", none, {}, "")[0]->payload(), "42[\"e\"]");
  EXPECT_EQ(sio::encode_event("/", "e", two, 12, "")[0]->payload(), "4212[\"e\",1,\"x\"]");
  EXPECT_EQ(sio::encode_event("/nsp", "e", none, {}, "77")[0]->payload(), "42/nsp,[\"e\",\"77\"]");
  EXPECT_EQ(sio::encode_ack("/", 12, two)[0]->payload(), "4312[1,\"x\"]");

  const sio::Frames event = sio::encode_event("/", "e", binary, {}, "");
  ASSERT_EQ(event.size(), 2U);
  EXPECT_EQ(event[0]->payload(), R"(451-["e",{"_placeholder":true,"num":0}])");
  EXPECT_FALSE(event[0]->binary);
  EXPECT_EQ(event[1]->payload(), "\x01\x02");
  EXPECT_TRUE(event[1]->binary);
  EXPECT_EQ(sio::encode_ack("/", 12, binary)[0]->payload(),
            R"(461-12[{"_placeholder":true,"num":0}])");

  const json::object sid{{"sid", "x"}};
  EXPECT_EQ(sio::encode_control(Type::Connect, "/", &sid)->payload(), R"(40{"sid":"x"})");
  EXPECT_EQ(sio::encode_control(Type::Connect, "/admin", &sid)->payload(),
            R"(40/admin,{"sid":"x"})");
  EXPECT_EQ(sio::encode_control(Type::Disconnect, "/", nullptr)->payload(), "41");
  EXPECT_EQ(sio::encode_control(Type::Disconnect, "/a", nullptr)->payload(), "41/a,");
  const json::object error{{"message", "Invalid namespace"}};
  EXPECT_EQ(sio::encode_control(Type::ConnectError, "/a", &error)->payload(),
            R"(44/a,{"message":"Invalid namespace"})");
}

}  // namespace
