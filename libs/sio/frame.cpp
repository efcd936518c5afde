#include "sio/frame.hpp"

#include <array>

namespace sio {

namespace {

constexpr std::uint8_t kFin = 0x80;
constexpr std::uint8_t kText = 1;
constexpr std::uint8_t kBinary = 2;
constexpr std::uint8_t kClose = 8;
constexpr std::uint8_t kPing = 9;
constexpr std::uint8_t kPong = 10;
constexpr std::size_t kShortMax = 125;
constexpr std::uint8_t kLength16 = 126;
constexpr std::uint8_t kLength64 = 127;

FrameRef frame_of(std::uint8_t opcode, std::string_view payload) {
  Frame frame;
  frame.binary = opcode == kBinary;
  const std::size_t size = payload.size();
  const std::size_t length_octets = size <= kShortMax ? 0 : size <= 0xFFFF ? 2 : 8;
  const std::uint8_t length = length_octets == 0   ? static_cast<std::uint8_t>(size)
                              : length_octets == 2 ? kLength16
                                                   : kLength64;
  frame.header_size = static_cast<std::uint8_t>(2 + length_octets);
  frame.bytes.reserve(frame.header_size + size);
  frame.bytes += static_cast<char>(kFin | opcode);
  frame.bytes += static_cast<char>(length);
  for (std::size_t i = length_octets; i-- > 0;) {
    frame.bytes += static_cast<char>(size >> (8 * i) & 0xFF);
  }
  frame.bytes += payload;
  return std::make_shared<const Frame>(std::move(frame));
}

}  // namespace

FrameRef make_frame(std::string_view payload, bool binary) {
  return frame_of(binary ? kBinary : kText, payload);
}

FrameRef make_close_frame(std::uint16_t code) {
  const std::array<char, 2> status{static_cast<char>(code >> 8), static_cast<char>(code & 0xFF)};
  return frame_of(kClose, {status.data(), status.size()});
}

FrameRef make_ping_frame() { return frame_of(kPing, {}); }

FrameRef make_pong_frame(std::string_view payload) { return frame_of(kPong, payload); }

}  // namespace sio
