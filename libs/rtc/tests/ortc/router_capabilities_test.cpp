#include "rtc/ortc/router_capabilities.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "rtc/ortc/supported.hpp"
#include "support.hpp"

namespace rtc::ortc {
namespace {

using testing::ElementsAre;

std::vector<int> payload_types(const RtpCapabilities& capabilities) {
  std::vector<int> types;
  for (const Codec& codec : capabilities.codecs) types.push_back(*codec.payload_type);
  return types;
}

TEST(RouterCapabilities, NumberCodecsFrom100AndFollowVideoByRtx) {
  EXPECT_THAT(payload_types(router()), ElementsAre(100, 101, 102, 103, 104));
  const auto capabilities = router();
  EXPECT_EQ(capabilities.codecs[2].mime_type, "video/rtx");
  EXPECT_EQ(capabilities.codecs[2].parameters, (Parameters{{"apt", std::int64_t{101}}}));
}

TEST(RouterCapabilities, KeepStaticAndWantedPayloadTypes) {
  Codec wanted = vp8();
  wanted.payload_type = 100;
  const auto capabilities =
      router_capabilities({codec_of("audio/PCMU", 8'000, {}, 1), wanted, opus()});
  ASSERT_TRUE(capabilities);
  EXPECT_THAT(payload_types(*capabilities), ElementsAre(0, 100, 101, 102));
}

TEST(RouterCapabilities, LayParametersOverTheirOwn) {
  const auto capabilities = router_capabilities({h264("64001f")});
  const Parameters& parameters = capabilities->codecs[0].parameters;
  EXPECT_EQ(*find(parameters, "profile-level-id"), Scalar{std::string("64001f")});
  EXPECT_EQ(*find(parameters, "level-asymmetry-allowed"), Scalar{std::int64_t{1}});
}

TEST(RouterCapabilities, RefuseWhatTheyCannotOffer) {
  EXPECT_EQ(router_capabilities({codec_of("video/H265", 90'000)}).error().code,
            ErrorCode::Unsupported);
  Codec same = opus();
  same.payload_type = 101;
  EXPECT_EQ(router_capabilities({vp8(), same}).error().code, ErrorCode::DuplicatePayloadType);
}

TEST(RouterCapabilities, UseTheLast32PayloadTypesAndNoMore) {
  const std::vector<Codec> sixteen(16, vp8());
  const auto capabilities = router_capabilities(sixteen);
  ASSERT_TRUE(capabilities);
  EXPECT_EQ(payload_types(*capabilities)[27], 127);
  EXPECT_EQ(payload_types(*capabilities)[28], 96);
  EXPECT_EQ(payload_types(*capabilities)[31], 99);
  EXPECT_EQ(router_capabilities(std::vector<Codec>(17, vp8())).error().code,
            ErrorCode::NoPayloadTypeLeft);
}

TEST(RouterCapabilities, UseOneIdForOneExtension) {
  std::map<std::uint8_t, std::string> uris;
  for (const ExtensionCapability& extension : router().extensions) {
    EXPECT_LE(extension.preferred_id, 14) << "one-byte headers have no more (RFC 8285 section 4.2)";
    const auto [entry, is_new] = uris.emplace(extension.preferred_id, extension.uri);
    EXPECT_EQ(entry->second, extension.uri);
  }
  EXPECT_EQ(uris.size(), 12U);
}

TEST(RouterCapabilities, HaveNoRtxForAudio) {
  for (const Codec& codec : supported_codecs()) {
    const auto capabilities = router_capabilities({codec});
    ASSERT_TRUE(capabilities) << codec.mime_type;
    EXPECT_EQ(capabilities->codecs.size(), codec.kind == MediaKind::Video ? 2U : 1U);
  }
}

}  // namespace
}  // namespace rtc::ortc
