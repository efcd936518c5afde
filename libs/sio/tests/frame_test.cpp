#include "sio/frame.hpp"

#include <gtest/gtest.h>

namespace {

std::string header_of(const sio::FrameRef& frame) {
  return frame->bytes.substr(0, frame->header_size);
}

// RFC 6455 section 5.7 and the edges of its three lengths.
TEST(Frame, HasTheShortestHeaderForItsLength) {
  EXPECT_EQ(sio::make_frame("Hello", false)->bytes, "\x81\x05Hello");
  EXPECT_EQ(header_of(sio::make_frame("", true)), std::string("\x82\x00", 2));
  EXPECT_EQ(header_of(sio::make_frame(std::string(125, 'x'), false)), "\x81\x7D");
  EXPECT_EQ(header_of(sio::make_frame(std::string(126, 'x'), false)),
            std::string("\x81\x7E\x00\x7E", 4));
  EXPECT_EQ(header_of(sio::make_frame(std::string(65535, 'x'), false)), "\x81\x7E\xFF\xFF");
  EXPECT_EQ(header_of(sio::make_frame(std::string(65536, 'x'), true)),
            std::string("\x82\x7F\0\0\0\0\0\x01\0\0", 10));
}

TEST(Frame, GivesItsPayloadWithoutTheHeader) {
  const std::string text(70'000, 'y');
  EXPECT_EQ(sio::make_frame(text, true)->payload(), text);
  EXPECT_TRUE(sio::make_frame(text, true)->binary);
  EXPECT_FALSE(sio::make_frame(text, false)->binary);
}

TEST(Frame, ControlFramesAreThoseOfTheRfc) {
  EXPECT_EQ(sio::make_close_frame(1009)->bytes, "\x88\x02\x03\xF1");
  EXPECT_EQ(sio::make_ping_frame()->bytes, std::string("\x89\0", 2));
  EXPECT_EQ(sio::make_pong_frame("Hello")->bytes, "\x8A\x05Hello");
}

}  // namespace
