#include "rtc/rtp/rtp_builder.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace {

using rtc::RtpExtensionElement;
using rtc::RtpHeader;
using rtc::RtpView;

constexpr RtpHeader kHeader{.payload_type = 127,
                            .marker = true,
                            .sequence = 65535,
                            .timestamp = 0xFFFFFFFF,
                            .ssrc = 0x80000001};

TEST(RtpBuilder, WritesWhatTheViewReads) {
  std::vector<std::uint8_t> buffer(1500);
  for (const bool with_extension : {false, true}) {
    ByteWriter out(buffer);
    const RtpExtensionElement element{3, bytes_of("xy")};
    rtc::write_rtp_header(out, kHeader, std::span(&element, with_extension ? 1 : 0));
    out.bytes(bytes_of("payload"));
    const auto view = RtpView::parse(out.written());
    ASSERT_TRUE(view);
    EXPECT_EQ(view->header, kHeader);
    EXPECT_EQ(view->extension.size(), with_extension ? 4U : 0U);
    EXPECT_EQ(text_of(view->payload), "payload");
    EXPECT_EQ(view->padding, 0U);
  }
}

TEST(RtpBuilder, PaddingIsCutOffAgain) {
  for (unsigned size = 0; size < 256; ++size) {
    std::vector<std::uint8_t> buffer(1500);
    ByteWriter out(buffer);
    rtc::write_rtp_header(out, kHeader);
    out.bytes(bytes_of("payload"));
    rtc::write_rtp_padding(buffer, out, static_cast<std::uint8_t>(size));
    const auto view = RtpView::parse(out.written());
    ASSERT_TRUE(view) << size;
    EXPECT_EQ(text_of(view->payload), "payload");
    EXPECT_EQ(view->padding, size);
  }
}

TEST(RtpBuilder, LeavesThePacketUnpaddedWhenThereIsNoRoom) {
  std::vector<std::uint8_t> buffer(rtc::kRtpHeaderSize + 3);
  ByteWriter out(buffer);
  rtc::write_rtp_header(out, kHeader);
  rtc::write_rtp_padding(buffer, out, 4);
  EXPECT_FALSE(out.ok());
  EXPECT_EQ(buffer[0], 0x80);
}

}  // namespace
