#include "rtc/ortc/decode.hpp"

#include <gtest/gtest.h>

#include "rtc/ortc/encode.hpp"
#include "support.hpp"

namespace rtc::ortc {
namespace {

namespace json = boost::json;

std::optional<ErrorCode> error_of(std::string_view producer) {
  const auto decoded = decode_producer_parameters(json_of(producer));
  if (decoded) return std::nullopt;
  EXPECT_FALSE(decoded.error().message.empty());
  return decoded.error().code;
}

TEST(DecodeParameters, FillsInWhatIsOptional) {
  const auto decoded = decode_producer_parameters(
      json_of(R"({"codecs":[{"mimeType":"audio/PCMU","payloadType":0,"clockRate":8000}]})"));
  ASSERT_TRUE(decoded);
  EXPECT_EQ(decoded->codecs[0].channels, 1);
  EXPECT_EQ(decoded->encodings.size(), 1U);
  EXPECT_EQ(json::serialize(encode(*decoded)),
            R"({"codecs":[{"mimeType":"audio/PCMU","payloadType":0,"clockRate":8000,"channels":1,)"
            R"("parameters":{},"rtcpFeedback":[]}],"headerExtensions":[],"encodings":[{}],)"
            R"("rtcp":{"reducedSize":true}})");
}

TEST(DecodeParameters, GivesBackEverythingThatItKnows) {
  constexpr std::string_view kText =
      R"({"mid":"0","codecs":[{"mimeType":"video/VP8","payloadType":96,"clockRate":90000,)"
      R"("parameters":{"a":1,"b":"c","d":2.5E-1},"rtcpFeedback":[{"type":"nack","parameter":"pli"}]}],)"
      R"("headerExtensions":[{"uri":"u","id":255,"encrypt":true,"parameters":{"x":1}}],)"
      R"("encodings":[{"active":true,"ssrc":4294967295,"rid":"r0","rtx":{"ssrc":0},"dtx":true,)"
      R"("scalabilityMode":"L1T3","maxBitrate":1000000}],)"
      R"("rtcp":{"reducedSize":true,"cname":"me"},"msid":"s t"})";
  const auto decoded = decode_parameters(json_of(kText));
  ASSERT_TRUE(decoded) << decoded.error().message;
  EXPECT_EQ(json_of(json::serialize(encode(*decoded))), json_of(kText));
}

TEST(DecodeParameters, TakesForAbsentWhatJavaScriptTakesForFalse) {
  EXPECT_EQ(
      error_of(R"({"mid":0,"codecs":[],"headerExtensions":false,"encodings":"","rtcp":null})"),
      std::nullopt);
  EXPECT_EQ(error_of(R"({"codecs":[],"encodings":[{"ssrc":"","rid":0,"rtx":0,"dtx":"?"}]})"),
            std::nullopt);
}

struct BadCase {
  std::string_view name;
  std::string_view text;
  ErrorCode code;
};

class DecodeParametersRefuses : public testing::TestWithParam<BadCase> {};

TEST_P(DecodeParametersRefuses, ByName) { EXPECT_EQ(error_of(GetParam().text), GetParam().code); }

INSTANTIATE_TEST_SUITE_P(
    WrongShapes, DecodeParametersRefuses,
    testing::Values(
        BadCase{"NoObject", "7", ErrorCode::Malformed},
        BadCase{"Null", "null", ErrorCode::Malformed},
        BadCase{"NoCodecs", "{}", ErrorCode::Malformed},
        BadCase{"CodecsNoArray", R"({"codecs":{}})", ErrorCode::Malformed},
        BadCase{"CodecNull", R"({"codecs":[null]})", ErrorCode::Malformed},
        BadCase{"NoMimeType", R"({"codecs":[{"payloadType":0,"clockRate":1}]})",
                ErrorCode::Malformed},
        BadCase{"NoSubtype", R"({"codecs":[{"mimeType":"audio/","payloadType":0,"clockRate":1}]})",
                ErrorCode::Malformed},
        BadCase{"NoKind", R"({"codecs":[{"mimeType":"text/x","payloadType":0,"clockRate":1}]})",
                ErrorCode::Malformed},
        BadCase{"NoPayloadType", R"({"codecs":[{"mimeType":"audio/x","clockRate":1}]})",
                ErrorCode::Malformed},
        BadCase{"NegativeClock",
                R"({"codecs":[{"mimeType":"audio/x","payloadType":0,"clockRate":-1}]})",
                ErrorCode::OutOfRange},
        BadCase{"PayloadType128",
                R"({"codecs":[{"mimeType":"audio/x","payloadType":128,"clockRate":1}]})",
                ErrorCode::OutOfRange},
        BadCase{"AptText",
                R"({"codecs":[{"mimeType":"video/rtx","payloadType":1,"clockRate":1,)"
                R"("parameters":{"apt":"2"}}]})",
                ErrorCode::Malformed},
        BadCase{"ParameterTrue",
                R"({"codecs":[{"mimeType":"video/x","payloadType":1,"clockRate":1,)"
                R"("parameters":{"a":true}}]})",
                ErrorCode::Malformed},
        BadCase{"ParameterList",
                R"({"codecs":[{"mimeType":"video/x","payloadType":1,"clockRate":1,)"
                R"("parameters":["a"]}]})",
                ErrorCode::Malformed},
        BadCase{"FeedbackWithoutType",
                R"({"codecs":[{"mimeType":"video/x","payloadType":1,"clockRate":1,)"
                R"("rtcpFeedback":[{}]}]})",
                ErrorCode::Malformed},
        BadCase{"ExtensionId0", R"({"codecs":[],"headerExtensions":[{"uri":"u","id":0}]})",
                ErrorCode::OutOfRange},
        BadCase{"ExtensionId256", R"({"codecs":[],"headerExtensions":[{"uri":"u","id":256}]})",
                ErrorCode::OutOfRange},
        BadCase{"RtxWithoutSsrc", R"({"codecs":[],"encodings":[{"rtx":{}}]})",
                ErrorCode::Malformed},
        BadCase{"Ssrc33Bits", R"({"codecs":[],"encodings":[{"ssrc":4294967296}]})",
                ErrorCode::OutOfRange},
        BadCase{"SsrcHalf", R"({"codecs":[],"encodings":[{"ssrc":1.5}]})", ErrorCode::OutOfRange},
        BadCase{"RidNumber", R"({"codecs":[],"encodings":[{"rid":1}]})", ErrorCode::Malformed},
        BadCase{"CnameNumber", R"({"codecs":[],"rtcp":{"cname":1}})", ErrorCode::Malformed},
        BadCase{"CnameWithSdp", "{\"codecs\":[],\"rtcp\":{\"cname\":\"a\\r\\na=x\"}}",
                ErrorCode::Malformed},
        BadCase{"SsrcTwice", R"({"codecs":[],"encodings":[{"ssrc":1},{"ssrc":1}]})",
                ErrorCode::DuplicateSsrc},
        BadCase{"RtxIsMedia", R"({"codecs":[],"encodings":[{"ssrc":1,"rtx":{"ssrc":1}}]})",
                ErrorCode::DuplicateSsrc},
        BadCase{"RidTwice", R"({"codecs":[],"encodings":[{"rid":"a"},{"rid":"a"}]})",
                ErrorCode::DuplicateRid}),
    [](const auto& test) { return std::string(test.param.name); });

template <class Value>
json::object producer_with(std::string_view field, Value value) {
  return {{"codecs", json::array{}}, {field, std::move(value)}};
}

TEST(DecodeParameters, BoundsCountsAndSizes) {
  const auto code = [](const json::object& producer) {
    const auto decoded = decode_producer_parameters(producer);
    return decoded ? std::nullopt : std::optional(decoded.error().code);
  };
  const json::object encoding;
  EXPECT_EQ(code(producer_with("encodings", json::array(kEncodingsMax, encoding))), std::nullopt);
  EXPECT_EQ(code(producer_with("encodings", json::array(kEncodingsMax + 1, encoding))),
            ErrorCode::TooMany);
  EXPECT_EQ(code(producer_with("mid", std::string(kTextMax, 'm'))), std::nullopt);
  EXPECT_EQ(code(producer_with("mid", std::string(kTextMax + 1, 'm'))), ErrorCode::TooLong);

  const json::object extension{{"uri", "u"}, {"id", 1}};
  EXPECT_EQ(code(producer_with("headerExtensions", json::array(kExtensionsMax, extension))),
            std::nullopt);
  EXPECT_EQ(code(producer_with("headerExtensions", json::array(kExtensionsMax + 1, extension))),
            ErrorCode::TooMany);

  json::object fields;
  for (std::size_t i = 0; i <= kParametersMax; ++i) fields["f" + std::to_string(i)] = 1;
  EXPECT_EQ(code(producer_with("encodings", json::array{fields})), ErrorCode::TooMany);
}

TEST(DecodeCapabilities, NeedsThePayloadTypesOfARouterAlone) {
  const auto value = json_of(R"({"codecs":[{"mimeType":"video/VP8","clockRate":90000}]})");
  EXPECT_TRUE(decode_capabilities(value));
  EXPECT_EQ(decode_router_capabilities(value).error().code, ErrorCode::Malformed);
}

TEST(DecodeCapabilities, ReadsEveryDirection) {
  const auto value =
      json_of(R"({"headerExtensions":[{"kind":"audio","uri":"a","preferredId":1},)"
              R"({"kind":"video","uri":"b","preferredId":2,"direction":"sendonly"},)"
              R"({"kind":"video","uri":"c","preferredId":3,"direction":"recvonly"},)"
              R"({"kind":"video","uri":"d","preferredId":4,"direction":"stopped"}]})");
  const auto decoded = decode_capabilities(value);
  ASSERT_TRUE(decoded);
  EXPECT_EQ(decoded->extensions[0].direction, Direction::SendRecv);
  EXPECT_EQ(decoded->extensions[1].direction, Direction::SendOnly);
  EXPECT_EQ(decoded->extensions[2].direction, Direction::RecvOnly);
  EXPECT_EQ(decoded->extensions[3].direction, Direction::Inactive);
  EXPECT_EQ(decode_capabilities(json_of(R"({"headerExtensions":[{"uri":"a","preferredId":1}]})"))
                .error()
                .code,
            ErrorCode::Malformed);
}

TEST(DecodeMapping, NeedsBothLists) {
  EXPECT_TRUE(decode_mapping(json_of(R"({"codecs":[],"encodings":[{"mappedSsrc":1}]})")));
  EXPECT_FALSE(decode_mapping(json_of(R"({"codecs":[]})")));
  EXPECT_FALSE(decode_mapping(json_of(R"({"codecs":[{"payloadType":1}],"encodings":[]})")));
}

}  // namespace
}  // namespace rtc::ortc
