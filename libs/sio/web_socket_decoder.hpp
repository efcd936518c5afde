// What a WebSocket client sends, put together again (RFC 6455), without extensions.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>

#include "base/bytes.hpp"

namespace sio {

enum class WebSocketError : std::uint8_t {
  Protocol,  // close code 1002
  NotUtf8,   // 1007
  TooLarge,  // 1009
};

// The status code that a Close frame carries for it (RFC 6455 section 7.4.1).
std::uint16_t close_code(WebSocketError error);

struct WebSocketItem {
  enum class Kind : std::uint8_t { Text, Binary, Ping, Pong, Close };
  Kind kind = Kind::Text;
  std::string data;  // a whole message unmasked; of a Close: status code and reason, or nothing
};

// Holds no more than one message and one chunk, and nothing at all between messages.
class WebSocketDecoder {
 public:
  // `message_max`: octets of one message, all its fragments together.
  explicit WebSocketDecoder(std::size_t message_max) : message_max_(message_max) {}

  void feed(Bytes chunk);

  // The next whole item; nullopt when more octets are needed. After an error nothing more comes.
  std::expected<std::optional<WebSocketItem>, WebSocketError> next();

  // Octets of the message that is not there to its end.
  std::size_t held() const { return message_.size() + unread_.size() - at_; }

 private:
  struct Header {
    bool is_final = false;
    std::uint8_t opcode = 0;
    std::uint64_t size = 0;
    std::uint32_t mask = 0;
    std::size_t header_size = 0;
  };

  // nullopt when the header is not there to its end.
  std::expected<std::optional<Header>, WebSocketError> read_header() const;
  std::optional<WebSocketError> check(const Header& header) const;
  // Appends the payload of the frame at the front, unmasked, and steps over the frame.
  void take_payload(const Header& header, std::string& into);
  std::expected<WebSocketItem, WebSocketError> control_item(const Header& header);
  void step(std::size_t size);

  std::size_t message_max_;
  std::string unread_;
  std::size_t at_ = 0;
  std::string message_;      // fragments so far
  std::uint8_t opcode_ = 0;  // of the message that is being put together, 0: none
  bool failed_ = false;
};

}  // namespace sio
