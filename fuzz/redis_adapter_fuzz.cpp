// What may come by Redis: the first octet is the channel (`b` of broadcasts, `o` of one room's, `r`
// of requests), the rest the message. Two sockets are there to be told.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "sio/json_text.hpp"
#include "sio/msgpack.hpp"
#include "sio/packet.hpp"
#include "sio/redis_adapter.hpp"

namespace {

void require(bool is_so) {
  if (!is_so) std::abort();
}

std::string json_of(const boost::json::value& value) {
  std::string text;
  sio::append_json(text, value);
  return text;
}

// What is understood and written again is understood in the same way.
void check_msgpack(std::string_view bytes) {
  const auto unpacked = sio::unpack_msgpack(bytes);
  if (!unpacked) return;
  require(sio::parse_json(json_of(unpacked->value)).has_value());
  const bool has_own_order = !unpacked->attachments.empty();
  const auto again = sio::unpack_msgpack(sio::pack_msgpack(unpacked->value, unpacked->attachments));
  if (has_own_order) return;  // of its attachments, which goes with that of the names
  require(again.has_value());
  require(again->attachments.empty());
}

class Neighbours {
 public:
  Neighbours() {
    server_.add_namespace("/");
    for (sio::WebSocketId client = 1; client <= 2; ++client) {
      server_.engine().web_socket_opened(now_, client, {"4", "websocket", {}});
      server_.engine().web_socket_message(now_, client, "40", false);
      settle();
    }
    server_.join(sockets_.front(), "room");
  }

  void tell(std::string_view channel, std::string_view message) {
    const auto done = adapter_.receive(now_, channel, message);
    settle();
    if (!done) require(answers_ == 0);
    for (sio::WebSocketId client = 1; client <= 2; ++client) {
      server_.engine().web_socket_message(now_, client, R"(430[{"ok":true}])", false);
    }
    settle();
    now_ = now_ + sio::kAdapterTimeoutMax + std::chrono::seconds{1};
    server_.handle_timeout(now_);
    settle();
  }

 private:
  void settle() {
    for (bool is_busy = true; is_busy;) {
      while (const auto event = server_.poll_event(now_)) {
        if (const auto* asked = std::get_if<sio::ConnectAsked>(&*event)) {
          sockets_.push_back(asked->socket);
          server_.accept(now_, asked->socket, asked->session);
        }
        if (const auto* ack = std::get_if<sio::AckReceived>(&*event)) adapter_.on(*ack);
        if (const auto* ack = std::get_if<sio::AckMissed>(&*event)) adapter_.on(*ack);
      }
      is_busy = false;
      while (const auto output = server_.poll_output()) {
        is_busy = true;
        if (const auto* writable = std::get_if<sio::Writable>(&*output)) check(writable->socket);
      }
    }
    while (const auto answer = adapter_.poll_publication()) {
      ++answers_;
      require(answer->channel == "socket.io-response#/#");
      require(answer->message.starts_with('{') ? sio::parse_json(answer->message).has_value()
                                               : sio::unpack_msgpack(answer->message).has_value());
    }
  }
  // The stock client must understand whatever it is sent.
  void check(sio::WebSocketId client) {
    std::vector<sio::FrameRef> frames;
    for (server_.engine().take(client, frames); !frames.empty();
         server_.engine().take(client, frames)) {
      sio::PacketDecoder decoder;
      for (const auto& frame : frames) {
        const std::string_view payload = frame->payload();
        const bool is_packet = frame->binary || (payload.starts_with('4') && payload.size() > 1);
        if (!is_packet) continue;
        require(frame->binary ? decoder.binary(std::string(payload)).has_value()
                              : decoder.text(payload.substr(1)).has_value());
      }
    }
  }

  SeededRandom random_{1};
  Instant now_ = Instant::at(std::chrono::seconds{1});
  sio::Server server_{{.recovery = true}, random_};
  sio::RedisAdapter adapter_{server_, "/", "ours",
                             [](const sio::SocketId&) { return boost::json::object{}; }};
  std::vector<sio::SocketId> sockets_;
  std::size_t answers_ = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input = text_of(Bytes(data, size));
  if (input.empty()) return 0;
  const std::string_view message = input.substr(1);
  check_msgpack(message);
  Neighbours().tell(input.front() == 'b'   ? "socket.io#/#"
                    : input.front() == 'o' ? "socket.io#/#room#"
                                           : "socket.io-request#/#",
                    message);
  return 0;
}
