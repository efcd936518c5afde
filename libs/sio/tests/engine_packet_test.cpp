#include "sio/engine_packet.hpp"

#include <gtest/gtest.h>

namespace {

using Type = sio::EnginePacket::Type;

TEST(EnginePacket, HasTheTypeOfItsFirstCharacter) {
  const std::pair<std::string_view, Type> cases[] = {
      {"0{}", Type::Open},    {"1", Type::Close},   {"2probe", Type::Ping}, {"3", Type::Pong},
      {"4hi", Type::Message}, {"5", Type::Upgrade}, {"6", Type::Noop}};
  for (const auto& [text, type] : cases) {
    const auto packet = sio::decode_packet(text);
    ASSERT_TRUE(packet) << text;
    EXPECT_EQ(packet->type, type);
    EXPECT_EQ(packet->data, text.substr(1));
    EXPECT_FALSE(packet->binary);
  }
  for (const std::string_view text : {"", "7", "a", "/", ":", "bAQ=="}) {
    EXPECT_FALSE(sio::decode_packet(text)) << text;
  }
}

TEST(EnginePayload, JoinsByRecordSeparatorAndMarksBinary) {
  const auto packets = sio::decode_payload(
      "4hello\x1e"
      "2\x1e"
      "bAQIDBA==\x1e"
      "b\x1e"
      "4");
  ASSERT_TRUE(packets);
  ASSERT_EQ(packets->size(), 5U);
  EXPECT_EQ((*packets)[0].data, "hello");
  EXPECT_EQ((*packets)[1].type, Type::Ping);
  EXPECT_TRUE((*packets)[2].binary);
  EXPECT_EQ((*packets)[2].data, "\x01\x02\x03\x04");
  EXPECT_TRUE((*packets)[3].binary);  // an empty binary message is one
  EXPECT_EQ((*packets)[3].data, "");
  EXPECT_EQ((*packets)[4].data, "");
}

TEST(EnginePayload, RefusesTheWholeWhenOnePacketIsBad) {
  for (const std::string_view body : {"", "\x1e", "4a\x1e",
                                      "\x1e"
                                      "4a",
                                      "4a\x1e"
                                      "9",
                                      "b###", "bAQID*A==", "bAQ", "4\xC3\x28", "abc"}) {
    EXPECT_FALSE(sio::decode_payload(body)) << testing::PrintToString(body);
  }
}

TEST(EnginePayload, EncodesWhatItDecodes) {
  const std::vector<sio::FrameRef> frames{sio::make_frame("4hello", false),
                                          sio::make_frame("\x01\x02\x03\x04", true),
                                          sio::make_frame("2", false)};
  EXPECT_EQ(sio::encode_payload(frames),
            "4hello\x1e"
            "bAQIDBA==\x1e"
            "2");
}

}  // namespace
