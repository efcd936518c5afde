// A message on its way out, ready for every transport: made once, shared by all its receivers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace sio {

// One WebSocket frame of a server (RFC 6455 section 5.2: FIN, not masked); the payload is what
// the other transport sends.
struct Frame {
  std::string bytes;  // header and payload
  std::uint8_t header_size = 0;
  bool binary = false;

  std::string_view payload() const { return std::string_view(bytes).substr(header_size); }
};

using FrameRef = std::shared_ptr<const Frame>;

FrameRef make_frame(std::string_view payload, bool binary);

// A Close frame (RFC 6455 section 5.5.1) with that status code and no reason.
FrameRef make_close_frame(std::uint16_t code);
FrameRef make_ping_frame();  // without payload
// The answer to a Ping; `payload` is the Ping's, at most 125 octets.
FrameRef make_pong_frame(std::string_view payload);

}  // namespace sio
