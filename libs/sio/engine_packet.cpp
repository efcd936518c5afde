#include "sio/engine_packet.hpp"

#include <algorithm>

#include "base/base64.hpp"
#include "sio/utf8.hpp"

namespace sio {

namespace {

constexpr char kSeparator = '\x1e';
constexpr char kBinaryMark = 'b';

std::optional<EnginePacket> decode_polled(std::string_view text) {
  if (!text.starts_with(kBinaryMark)) return decode_packet(text);
  const auto data = base64_decode(text.substr(1));
  if (!data) return std::nullopt;
  return EnginePacket{EnginePacket::Type::Message, true, std::string(text_of(*data))};
}

}  // namespace

std::optional<EnginePacket> decode_packet(std::string_view text) {
  if (text.empty() || text.front() < '0' || text.front() > '6') return std::nullopt;
  return EnginePacket{static_cast<EnginePacket::Type>(text.front() - '0'), false,
                      std::string(text.substr(1))};
}

std::optional<std::vector<EnginePacket>> decode_payload(std::string_view body) {
  if (!is_utf8(body)) return std::nullopt;
  std::vector<EnginePacket> packets;
  for (bool is_last = false; !is_last;) {
    const std::size_t end = body.find(kSeparator);
    is_last = end == std::string_view::npos;
    auto packet = decode_polled(body.substr(0, end));
    if (!packet) return std::nullopt;
    packets.push_back(std::move(*packet));
    if (!is_last) body.remove_prefix(end + 1);
  }
  return packets;
}

std::size_t packet_count(std::string_view body) {
  return static_cast<std::size_t>(std::ranges::count(body, kSeparator)) + 1;
}

std::string encode_payload(std::span<const FrameRef> frames) {
  std::string body;
  for (const FrameRef& frame : frames) {
    if (&frame != frames.data()) body += kSeparator;
    if (frame->binary) {
      body += kBinaryMark;
      body += base64_encode(bytes_of(frame->payload()));
    } else {
      body += frame->payload();
    }
  }
  return body;
}

}  // namespace sio
