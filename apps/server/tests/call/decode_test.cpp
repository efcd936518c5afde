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
        DecodeCase{"peer:update", R"([{"audio":null}])", "audio "},
        DecodeCase{"peer:update", "[null]", "payload "}, DecodeCase{"peer:update", "[{}]", "ok"},
        DecodeCase{"chat:history", "[null]", "payload "}, DecodeCase{"host:end", "[null]", "ok"},
        DecodeCase{"join:room", R"([{"roomCode":"a\u0000"}])", "roomCode "},
        DecodeCase{"chat:send", R"([{"content":"a\u0000","clientId":"\u0000"}])",
                   "content clientId "},
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
        DecodeCase{"host:end", R"([{}])", "ok"},
        DecodeCase{"host:mode", R"([{"mode":"sfu"}])", "ok"},
        DecodeCase{"host:mode", R"([{"mode":"mesh"}])", "mode "},
        DecodeCase{"room:request-sfu", R"([{"peerId":"p"}])", "ok"},
        DecodeCase{"room:request-sfu", "[]", "peerId "}));

INSTANTIATE_TEST_SUITE_P(
    Sfu, Decode,
    testing::Values(
        DecodeCase{"sfu:join", R"([{"roomId":"r","rtpCapabilities":{}}])", "ok"},
        DecodeCase{"sfu:join", R"([{"roomId":1,"rtpCapabilities":[]}])", "roomId rtpCapabilities "},
        DecodeCase{"sfu:connect-transport", R"([{"transportId":"t","dtlsParameters":{}}])", "ok"},
        DecodeCase{"sfu:connect-transport", R"([{"transportId":"t"}])", "dtlsParameters "},
        DecodeCase{"sfu:restart-ice", R"([{"transportId":"t"}])", "ok"},
        DecodeCase{
            "sfu:produce",
            R"([{"transportId":"t","kind":"audio","rtpParameters":{},"appData":{"source":"mic"}}])",
            "ok"},
        DecodeCase{
            "sfu:produce",
            R"([{"transportId":"t","kind":"video","rtpParameters":{},"paused":true,"appData":{"source":"screen"}}])",
            "ok"},
        DecodeCase{
            "sfu:produce",
            R"([{"transportId":"t","kind":"text","rtpParameters":{},"appData":{"source":"mic"}}])",
            "kind "},
        DecodeCase{
            "sfu:produce",
            R"([{"transportId":"t","kind":"video","rtpParameters":{},"appData":{"source":"mic"}}])",
            "appData "},
        DecodeCase{
            "sfu:produce",
            R"([{"transportId":"t","kind":"video","rtpParameters":{},"appData":{"source":"camera","x":1}}])",
            "appData "},
        DecodeCase{"sfu:produce", R"([{"transportId":"t","kind":"audio","rtpParameters":{}}])",
                   "appData appData "},
        DecodeCase{"sfu:consume", R"([{"producerId":"p","rtpCapabilities":{}}])", "ok"},
        DecodeCase{"sfu:consume", R"([{"producerId":"p"}])", "rtpCapabilities "},
        DecodeCase{"sfu:resume-consumer", R"([{"consumerId":"c"}])", "ok"},
        DecodeCase{"sfu:pause-consumer", R"([{"consumerId":7}])", "consumerId "},
        DecodeCase{"sfu:close-consumer", R"([{"producerId":"p"}])", "consumerId producerId "},
        DecodeCase{"sfu:request-keyframe", R"([{"consumerId":"c"}])", "ok"},
        DecodeCase{"sfu:pause-producer", R"([{"producerId":"p"}])", "ok"},
        DecodeCase{"sfu:resume-producer", R"([{}])", "producerId "},
        DecodeCase{"sfu:close-producer", R"([{"producerId":"p"}])", "ok"},
        DecodeCase{
            "sfu:set-preferred-layers",
            R"([{"consumerId":"c","spatialLayer":1,"temporalLayer":2,"width":640,"height":360,"priority":1}])",
            "ok"},
        DecodeCase{"sfu:set-preferred-layers", R"([{"consumerId":"c"}])", "spatialLayer "},
        DecodeCase{"sfu:set-preferred-layers",
                   R"([{"consumerId":"c","spatialLayer":-1,"temporalLayer":0.5,"width":"wide"}])",
                   "spatialLayer temporalLayer width "},
        DecodeCase{"sfu:stats", "[]", "ok"},
        DecodeCase{"sfu:stats", R"([{"peerId":"p"}])", "peerId "}));

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
