#include "sio/web_socket_decoder.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace {

using sio::WebSocketDecoder;
using sio::WebSocketError;
using Kind = sio::WebSocketItem::Kind;

constexpr std::string_view kMask = "\x37\xFA\x21\x3D";

// A client's frame with a length of up to 16 bits.
std::string frame(unsigned first, std::string_view payload) {
  std::string bytes(1, static_cast<char>(first));
  if (payload.size() < 126) {
    bytes += static_cast<char>(0x80U | payload.size());
  } else {
    bytes += static_cast<char>(0xFE);
    bytes += static_cast<char>(payload.size() >> 8);
    bytes += static_cast<char>(payload.size() & 0xFFU);
  }
  bytes += kMask;
  for (std::size_t i = 0; i < payload.size(); ++i) {
    bytes += static_cast<char>(static_cast<unsigned char>(payload[i]) ^
                               static_cast<unsigned char>(kMask[i % 4]));
  }
  return bytes;
}

struct Heard {
  std::vector<std::pair<Kind, std::string>> items;
  std::optional<WebSocketError> error;
};

Heard hear(WebSocketDecoder& decoder, std::string_view bytes, std::size_t chunk) {
  Heard heard;
  for (std::size_t at = 0; at < bytes.size(); at += chunk) {
    decoder.feed(bytes_of(bytes.substr(at, chunk)));
    for (;;) {
      auto item = decoder.next();
      if (!item) {
        heard.error = item.error();
        return heard;
      }
      if (!*item) break;
      heard.items.emplace_back((*item)->kind, (*item)->data);
    }
  }
  return heard;
}

Heard hear(std::string_view bytes, std::size_t message_max = 1000) {
  WebSocketDecoder decoder(message_max);
  return hear(decoder, bytes, bytes.size());
}

// RFC 6455 section 5.7: the masked text message "Hello".
TEST(WebSocketDecoder, ReadsTheExampleOfTheRfc) {
  const Heard heard = hear("\x81\x85\x37\xFA\x21\x3D\x7F\x9F\x4D\x51\x58");
  ASSERT_EQ(heard.items.size(), 1U);
  EXPECT_EQ(heard.items[0], std::pair(Kind::Text, std::string("Hello")));
}

TEST(WebSocketDecoder, PutsFragmentsTogetherAroundControlFrames) {
  const std::string bytes = frame(0x01, "Hel") + frame(0x89, "ping") + frame(0x00, "") +
                            frame(0x80, "lo") + frame(0x82, "") + frame(0x8A, "pong") +
                            frame(0x88, "\x03\xE8") + frame(0x82, std::string(300, 'b'));
  for (std::size_t chunk = 1; chunk <= bytes.size(); ++chunk) {
    WebSocketDecoder decoder(1000);
    const Heard heard = hear(decoder, bytes, chunk);
    EXPECT_FALSE(heard.error);
    const std::vector<std::pair<Kind, std::string>> expected{
        {Kind::Ping, "ping"}, {Kind::Text, "Hello"},     {Kind::Binary, ""},
        {Kind::Pong, "pong"}, {Kind::Close, "\x03\xE8"}, {Kind::Binary, std::string(300, 'b')}};
    ASSERT_EQ(heard.items, expected) << "chunks of " << chunk;
  }
}

struct Broken {
  std::string name;
  std::string bytes;
  WebSocketError error;
};

class WebSocketDecoderRefuses : public testing::TestWithParam<Broken> {};

TEST_P(WebSocketDecoderRefuses, NamesTheError) {
  const Heard heard = hear(GetParam().bytes);
  EXPECT_TRUE(heard.items.empty());
  EXPECT_EQ(heard.error, GetParam().error);
}

INSTANTIATE_TEST_SUITE_P(
    Rfc6455, WebSocketDecoderRefuses,
    testing::Values(
        Broken{"Unmasked", "\x81\x05Hello", WebSocketError::Protocol},
        Broken{"ReservedBit", frame(0xC1, "x"), WebSocketError::Protocol},
        Broken{"UnknownOpcode", frame(0x83, "x"), WebSocketError::Protocol},
        Broken{"UnknownControl", frame(0x8B, "x"), WebSocketError::Protocol},
        Broken{"FragmentedPing", frame(0x09, "x"), WebSocketError::Protocol},
        Broken{"LongPing", frame(0x89, std::string(126, 'x')), WebSocketError::Protocol},
        Broken{"ContinuationOfNothing", frame(0x80, "x"), WebSocketError::Protocol},
        Broken{"TextInsideText", frame(0x01, "x") + frame(0x81, "y"), WebSocketError::Protocol},
        Broken{"CloseOfOneOctet", frame(0x88, "x"), WebSocketError::Protocol},
        Broken{"CloseCode1005", frame(0x88, "\x03\xED"), WebSocketError::Protocol},
        Broken{"CloseCode999", frame(0x88, "\x03\xE7"), WebSocketError::Protocol},
        Broken{"CloseReasonNotUtf8", frame(0x88, "\x03\xE8\xFF"), WebSocketError::Protocol},
        Broken{"TextNotUtf8", frame(0x81, "\xC3\x28"), WebSocketError::NotUtf8},
        Broken{"TextCutInACharacter", frame(0x01, "\xE2\x82") + frame(0x80, ""),
               WebSocketError::NotUtf8},
        Broken{"TooLarge", frame(0x82, std::string(1001, 'x')), WebSocketError::TooLarge},
        Broken{"TooLargeTogether",
               frame(0x02, std::string(600, 'x')) + frame(0x80, std::string(401, 'x')),
               WebSocketError::TooLarge},
        Broken{"LengthOf63Bits",
               std::string("\x82\xFF\x7F\xFF\xFF\xFF\xFF\xFF\xFF\xFF", 10) + std::string(kMask),
               WebSocketError::TooLarge},
        Broken{"LengthOf64Bits",
               std::string("\x82\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", 10) + std::string(kMask),
               WebSocketError::TooLarge}),
    [](const auto& test) { return test.param.name; });

TEST(WebSocketDecoder, TakesACharacterThatTwoFragmentsShare) {
  const Heard heard = hear(frame(0x01, "\xE2\x82") + frame(0x80, "\xAC"));
  ASSERT_EQ(heard.items.size(), 1U);
  EXPECT_EQ(heard.items[0].second, "\xE2\x82\xAC");
}

TEST(WebSocketDecoder, RefusesALargeMessageBeforeItHasArrived) {
  const Heard heard = hear(frame(0x82, std::string(1001, 'x')).substr(0, 8));
  EXPECT_EQ(heard.error, WebSocketError::TooLarge);
}

TEST(WebSocketDecoder, SaysNothingMoreAfterAnError) {
  WebSocketDecoder decoder(1000);
  EXPECT_TRUE(hear(decoder, "\x81\x05Hello", 7).error);
  const Heard heard = hear(decoder, frame(0x81, "late"), 100);
  EXPECT_TRUE(heard.items.empty());
}

TEST(WebSocketDecoder, CloseCodesAreThoseOfTheRfc) {
  EXPECT_EQ(sio::close_code(WebSocketError::Protocol), 1002);
  EXPECT_EQ(sio::close_code(WebSocketError::NotUtf8), 1007);
  EXPECT_EQ(sio::close_code(WebSocketError::TooLarge), 1009);
}

}  // namespace
