#include "call/decode.hpp"

#include <gtest/gtest.h>

namespace server::call {
namespace {

std::string outcome(std::string_view event, std::string_view args) {
  const auto decoded = decode(event, json::parse(args).as_array());
  if (decoded) return "ok";
  std::string fields;
  for (const auto& detail : decoded.error().details) fields += detail.field + " ";
  return fields;
}

struct DecodeCase {
  const char* event;
  const char* args;
  const char* outcome;  // "ok", or the fields that are wrong, each with a blank
};

class Decode : public testing::TestWithParam<DecodeCase> {};

TEST_P(Decode, GivesTheEventOrNamesTheFields) {
  EXPECT_EQ(outcome(GetParam().event, GetParam().args), GetParam().outcome)
      << GetParam().event << GetParam().args;
}

INSTANTIATE_TEST_SUITE_P(
    Contract, Decode,
    testing::Values(
        DecodeCase{"join:room", R"([{"roomCode":"abc"}])", "ok"},
        DecodeCase{"join:room", R"([{}])", "roomCode "},
        DecodeCase{"join:room", R"([{"roomCode":1}])", "roomCode "},
        DecodeCase{"join:room", R"([{"roomCode":"a","admin":true}])", "admin "},
        DecodeCase{"join:room", R"([{"roomCode":"a"},{}])", "payload "},
        DecodeCase{"join:room", R"(["abc"])", "payload "}, DecodeCase{"leave:room", "[]", "ok"},
        DecodeCase{"leave:room", "[null]", "ok"}, DecodeCase{"leave:room", R"([{"x":1}])", "x "},
        DecodeCase{"no:such", "[]", "event "},
        DecodeCase{"peer:update", R"([{"audio":true,"handRaised":false}])", "ok"},
        DecodeCase{"peer:update", R"([{"audio":1}])", "audio "},
        DecodeCase{"peer:reaction", R"([{"emoji":""}])", "emoji "},
        DecodeCase{"call:path", R"([{"targetPeerId":"p","mode":"mesh"}])", "mode "},
        DecodeCase{"webrtc:offer", R"([{"targetPeerId":"p","offer":{"type":"offer","sdp":"v=0"}}])",
                   "ok"},
        DecodeCase{
            "webrtc:offer",
            R"([{"targetPeerId":"p","offer":{"type":"offer","sdp":"","sources":{"0":"mic","1":"screen-audio"}}}])",
            "ok"},
        DecodeCase{
            "webrtc:offer",
            R"([{"targetPeerId":"p","offer":{"type":"offer","sdp":"","sources":{"0":"cat"}}}])",
            "offer "},
        DecodeCase{"webrtc:offer", R"([{"targetPeerId":"p","offer":{"type":"answer","sdp":""}}])",
                   "offer "},
        DecodeCase{"webrtc:offer", R"([{"targetPeerId":"p","offer":{"type":"offer"}}])", "offer "},
        DecodeCase{"webrtc:answer",
                   R"([{"targetPeerId":"p","answer":{"type":"answer","sdp":"","x":1}}])",
                   "answer "},
        DecodeCase{"webrtc:ice", R"([{"targetPeerId":"p","candidate":null}])", "ok"},
        DecodeCase{"webrtc:ice", R"([{"targetPeerId":"p","candidate":{"candidate":"x"}}])", "ok"},
        DecodeCase{"webrtc:ice", R"([{"targetPeerId":"p"}])", "candidate "},
        DecodeCase{"webrtc:ice", R"([{"targetPeerId":"p","candidate":"x"}])", "candidate "},
        DecodeCase{"chat:send", R"([{"content":"hi","clientId":"1"}])", "ok"},
        DecodeCase{"chat:history", R"([{}])", "ok"},
        DecodeCase{"chat:history", R"([{"limit":101}])", "limit "},
        DecodeCase{"chat:typing", R"([{"typing":"yes"}])", "typing "},
        DecodeCase{"host:mute", R"([{"peerId":"p"}])", "ok"},
        DecodeCase{"host:mute", R"([{"peerId":"p","kind":"soul"}])", "kind "},
        DecodeCase{"host:end", R"([{}])", "ok"}));

TEST(Decode, BoundsWhatIsRelayed) {
  const auto offer = [](std::size_t size) {
    json::array args{
        {{"targetPeerId", "p"}, {"offer", {{"type", "offer"}, {"sdp", std::string(size, 'x')}}}}};
    return decode("webrtc:offer", args).has_value();
  };
  EXPECT_TRUE(offer(65'536));
  EXPECT_FALSE(offer(65'537));
  json::array candidate{
      {{"targetPeerId", "p"}, {"candidate", {{"candidate", std::string(2'048, 'x')}}}}};
  EXPECT_FALSE(decode("webrtc:ice", candidate));
}

}  // namespace
}  // namespace server::call
