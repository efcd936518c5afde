// A WebSocket connection of the HTTP door (RFC 6455), over plain TCP or TLS alike.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/octet_budget.hpp"
#include "http/message.hpp"
#include "sio/frame.hpp"

namespace server::http {

namespace net = boost::asio;

// Why read() has nothing more to give.
enum class WebSocketEnd : std::uint8_t {
  Closed,   // the peer closed, with or without a Close frame
  Broken,   // the stream failed, or the peer broke the protocol or a limit
  NotUtf8,  // a text message was not UTF-8
};

struct WebSocketMessage {
  std::string data;
  bool binary = false;
  bool pong = false;  // no message, but the answer to ping()
};

// Owned by its reader and by the operation that is under way. One reader; one writer. Control
// thread only.
class WebSocket {
 public:
  virtual ~WebSocket() = default;

  // The next whole message or pong. Answers pings; ends a connection that breaks the protocol
  // (1002), sends text that is not UTF-8 (1007) or a message over the limit (1009). Never resumes
  // twice without letting other connections have their turn.
  virtual net::awaitable<std::expected<WebSocketMessage, WebSocketEnd>> read() = 0;

  // Sends all frames in one write. True: the system took everything. False: it goes on in the
  // background, and the function of on_drained() is called once when it is done; write nothing
  // until then. Nothing is sent, and true returned, once the connection has ended.
  virtual bool write(std::span<const sio::FrameRef> frames) = 0;
  virtual void on_drained(std::function<void()> drained) = 0;

  // Sends a Ping frame after what is being written.
  virtual void ping() = 0;

  // Sends a Close frame after what is being written, then waits at most 5 s for the peer to
  // close; read() ends.
  virtual void close(std::uint16_t code) = 0;

  // Ends at once; read() ends. For the owner's destructor.
  virtual void abort() = 0;
};

struct WebSocketOptions {
  std::size_t message_max = 1'000'000;  // octets of one message
  std::vector<Header> headers;          // further fields of the 101
  // May be empty. Asked to hold the octets of a large message until it is whole; nullopt: its
  // client has too many, and the connection is closed (1013).
  std::function<std::optional<HeldOctets>(std::size_t octets)> hold;
};

// Answers a request for the WebSocket protocol: 101 and the connection, or 400 (426 with the
// version for another one than 13) and nullptr.
net::awaitable<std::shared_ptr<WebSocket>> accept_web_socket(net::ip::tcp::socket socket,
                                                             const Request& request,
                                                             WebSocketOptions options);
net::awaitable<std::shared_ptr<WebSocket>> accept_web_socket(
    net::ssl::stream<net::ip::tcp::socket> stream, const Request& request,
    WebSocketOptions options);

}  // namespace server::http
