#include "http/web_socket.hpp"

#include <openssl/evp.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <boost/asio/write.hpp>
#include <cerrno>
#include <optional>

#include "base/base64.hpp"
#include "sio/web_socket_decoder.hpp"

namespace server::http {

namespace {

using boost::system::error_code;
using net::ip::tcp;
using TlsStream = net::ssl::stream<tcp::socket>;
using namespace std::chrono_literals;

constexpr auto kQuiet = net::as_tuple(net::use_awaitable);
constexpr auto kCloseTime = 5s;
constexpr std::size_t kChunk = 64 * 1024;    // octets read at once
constexpr std::size_t kBuffersMax = 64;      // frames written at once
constexpr std::size_t kUnsentPongsMax = 16;  // a client that only pings gets no answer any more
constexpr std::size_t kUncountedMax = 16 * 1024;  // octets of an unfinished message
constexpr std::uint16_t kNormalClosure = 1000;    // RFC 6455 section 7.4.1
constexpr std::uint16_t kTryAgainLater = 1013;    // of its registry at IANA

using End = WebSocketEnd;

tcp::socket& socket_of(tcp::socket& socket) { return socket; }
tcp::socket& socket_of(TlsStream& stream) { return stream.next_layer(); }

// RFC 6455 section 4.2.2, item 5.4.
std::string accept_value(std::string_view key) {
  const std::string text = std::string(key) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  std::array<std::uint8_t, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha1(), nullptr);
  return base64_encode(Bytes(digest).first(size));
}

bool is_nonce(std::string_view key) {
  const auto nonce = base64_decode(key);
  return nonce && nonce->size() == 16;
}

std::string handshake_answer(const Request& request, const WebSocketOptions& options) {
  if (request.header("Sec-WebSocket-Version") != "13") {
    return "HTTP/1.1 426 Upgrade Required\r\nSec-WebSocket-Version: 13\r\n"
           "Content-Length: 0\r\nConnection: close\r\n\r\n";
  }
  const std::string_view key = request.header("Sec-WebSocket-Key");
  if (request.method != Method::Get || !is_nonce(key)) {
    return "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
  }
  std::string text =
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Accept: " +
      accept_value(key) + "\r\n";
  for (const auto& [name, value] : options.headers) {
    text.append(name).append(": ").append(value).append("\r\n");
  }
  return text + "\r\n";
}

// What one round of writing achieved.
struct Sent {
  std::size_t octets = 0;
  bool broken = false;
};

// How far into a row of frames a number of octets reaches.
struct Split {
  std::size_t whole = 0;  // frames
  std::size_t rest = 0;   // octets of the next one
};

Split split_at(std::span<const sio::FrameRef> frames, std::size_t octets) {
  Split split{0, octets};
  while (split.whole < frames.size() && split.rest >= frames[split.whole]->bytes.size()) {
    split.rest -= frames[split.whole++]->bytes.size();
  }
  return split;
}

template <class Stream>
class Connection final : public WebSocket, public std::enable_shared_from_this<Connection<Stream>> {
 public:
  Connection(Stream stream, WebSocketOptions options)
      : stream_(std::move(stream)), decoder_(options.message_max), hold_(std::move(options.hold)) {}

  net::awaitable<std::expected<WebSocketMessage, End>> read() override {
    for (;;) {
      while (auto item = next_item()) {
        if (auto message = take(std::move(*item))) {
          hold_unfinished();
          co_return std::move(*message);
        }
      }
      hold_unfinished();
      const bool is_over = end_ && unsent_.empty() && peer_closed_;
      const auto size = is_over ? 0 : co_await receive();
      if (size == 0) {
        abort();
        co_return std::unexpected(end_.value_or(End::Closed));
      }
    }
  }

  bool write(std::span<const sio::FrameRef> frames) override {
    if (end_) return true;
    if (unsent_.empty()) {
      const Split split = split_at(frames, send_some(frames, 0).octets);
      frames = frames.subspan(split.whole);
      sent_ = split.rest;
    }
    unsent_.insert(unsent_.end(), frames.begin(), frames.end());
    tell_drained_ = !unsent_.empty();
    flush();
    return !tell_drained_;
  }

  void on_drained(std::function<void()> drained) override { drained_ = std::move(drained); }

  void ping() override {
    if (!end_) queue(sio::make_ping_frame());
  }

  void close(std::uint16_t code) override { end(End::Closed, code); }

  void abort() override {
    if (!end_) end_ = End::Closed;
    tell_drained_ = false;
    closing_timer_.reset();
    error_code ignored;
    socket_of(stream_).close(ignored);
  }

 private:
  std::optional<sio::WebSocketItem> next_item() {
    auto item = decoder_.next();
    if (item) return std::move(*item);
    end(item.error() == sio::WebSocketError::NotUtf8 ? End::NotUtf8 : End::Broken,
        sio::close_code(item.error()));
    return std::nullopt;
  }

  // Counts what has come of a message that is not whole.
  void hold_unfinished() {
    if (!hold_ || end_) return;
    held_ = {};
    const std::size_t octets = decoder_.held();
    if (octets <= kUncountedMax) return;
    auto held = hold_(octets);
    if (!held) return end(End::Broken, kTryAgainLater);
    held_ = std::move(*held);
  }

  std::optional<WebSocketMessage> take(sio::WebSocketItem item) {
    using Kind = sio::WebSocketItem::Kind;
    switch (item.kind) {
      case Kind::Text:
      case Kind::Binary:
        if (end_) return std::nullopt;  // what comes after our Close is not heard
        return WebSocketMessage{std::move(item.data), item.kind == Kind::Binary, false};
      case Kind::Ping:
        if (!end_ && unsent_.size() < kUnsentPongsMax) queue(sio::make_pong_frame(item.data));
        return std::nullopt;
      case Kind::Pong:
        if (end_) return std::nullopt;
        return WebSocketMessage{{}, false, true};
      case Kind::Close:
        peer_closed_ = true;
        end(End::Closed, kNormalClosure);
        return std::nullopt;
    }
    return std::nullopt;
  }

  // Says goodbye with `code`; reading goes on, so that what the peer still sends does not reset
  // the connection before the Close frame has arrived.
  void end(End why, std::uint16_t code) {
    if (end_) return;
    end_ = why;
    queue(sio::make_close_frame(code));
    closing_timer_.emplace(stream_.get_executor(), kCloseTime);
    closing_timer_->async_wait([self = this->shared_from_this()](error_code error) {
      if (!error) self->abort();
    });
  }

  void queue(sio::FrameRef frame) {
    unsent_.push_back(std::move(frame));
    flush();
  }

  // Octets that were read and given to the decoder; 0 at the end of the stream.
  net::awaitable<std::size_t> receive();
  // Writes what the system takes at once, from `skip` octets into the first frame on.
  Sent send_some(std::span<const sio::FrameRef> frames, std::size_t skip);
  // Goes on with `unsent_` unless that is under way.
  void flush();

  void written(std::size_t octets) {
    const Split split = split_at(unsent_, sent_ + octets);
    sent_ = split.rest;
    unsent_.erase(unsent_.begin(), unsent_.begin() + static_cast<std::ptrdiff_t>(split.whole));
    if (!unsent_.empty()) return;
    if (unsent_.capacity() > kBuffersMax) unsent_.shrink_to_fit();
    if (std::exchange(tell_drained_, false) && drained_) drained_();
  }

  void broken() {
    if (!end_) end_ = End::Broken;
    unsent_.clear();
    abort();
  }

  Stream stream_;
  sio::WebSocketDecoder decoder_;
  std::function<std::optional<HeldOctets>(std::size_t)> hold_;
  HeldOctets held_;
  std::function<void()> drained_;
  std::vector<sio::FrameRef> unsent_;
  std::size_t sent_ = 0;  // octets of unsent_.front() that are gone already
  bool writing_ = false;  // an operation is under way
  bool tell_drained_ = false;
  bool peer_closed_ = false;
  std::optional<End> end_;
  std::optional<net::steady_timer> closing_timer_;
};

// Shared by all connections: an idle one holds no buffer, since it waits for readiness alone.
std::array<std::uint8_t, kChunk>& scratch() {
  static thread_local std::array<std::uint8_t, kChunk> buffer;
  return buffer;
}

template <>
net::awaitable<std::size_t> Connection<tcp::socket>::receive() {
  for (;;) {
    const auto [error] = co_await stream_.async_wait(tcp::socket::wait_read, kQuiet);
    if (error) co_return 0;
    auto& buffer = scratch();
    const auto size = ::recv(stream_.native_handle(), buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (size > 0) {
      decoder_.feed(Bytes(buffer).first(static_cast<std::size_t>(size)));
      co_return static_cast<std::size_t>(size);
    }
    const bool is_early = size < 0 && (errno == EAGAIN || errno == EINTR);
    if (is_early) continue;
    if (size < 0 && !end_) end_ = End::Broken;
    co_return 0;
  }
}

template <>
net::awaitable<std::size_t> Connection<TlsStream>::receive() {
  std::array<std::uint8_t, 4096> buffer;
  const auto [error, size] = co_await stream_.async_read_some(net::buffer(buffer), kQuiet);
  const bool is_end = error == net::error::eof || error == net::ssl::error::stream_truncated;
  if (error && !is_end && !end_) end_ = End::Broken;
  decoder_.feed(Bytes(buffer).first(size));
  co_return size;
}

// What the system took; -1 with errno. Copying small parts together costs less than a list of them.
ssize_t write_parts(int socket, std::span<iovec> parts, std::size_t total) {
  constexpr int kFlags = MSG_DONTWAIT | MSG_NOSIGNAL;
  std::array<char, 4096> joined;
  if (parts.size() == 1) return ::send(socket, parts[0].iov_base, parts[0].iov_len, kFlags);
  if (total > joined.size()) {
    msghdr message{};
    message.msg_iov = parts.data();
    message.msg_iovlen = parts.size();
    return ::sendmsg(socket, &message, kFlags);
  }
  char* end = joined.data();
  for (const iovec& part : parts) {
    end = std::copy_n(static_cast<const char*>(part.iov_base), part.iov_len, end);
  }
  return ::send(socket, joined.data(), total, kFlags);
}

template <>
Sent Connection<tcp::socket>::send_some(std::span<const sio::FrameRef> frames, std::size_t skip) {
  Sent sent;
  while (!frames.empty()) {
    std::array<iovec, kBuffersMax> parts;
    const std::size_t count = std::min(frames.size(), parts.size());
    std::size_t total = 0;
    for (std::size_t i = 0; i < count; ++i) {
      const std::string_view bytes = std::string_view(frames[i]->bytes).substr(i == 0 ? skip : 0);
      parts[i] = {const_cast<char*>(bytes.data()), bytes.size()};
      total += bytes.size();
    }
    const auto size = write_parts(stream_.native_handle(), std::span(parts).first(count), total);
    sent.broken = size < 0 && errno != EAGAIN && errno != EINTR;
    if (size < 0) return sent;
    sent.octets += static_cast<std::size_t>(size);
    if (static_cast<std::size_t>(size) < total) return sent;
    frames = frames.subspan(count);
    skip = 0;
  }
  return sent;
}

// TLS has no way to write without waiting: flush() does it all.
template <>
Sent Connection<TlsStream>::send_some(std::span<const sio::FrameRef>, std::size_t) {
  return {};
}

template <>
void Connection<tcp::socket>::flush() {
  if (writing_ || unsent_.empty()) return;
  writing_ = true;
  stream_.async_wait(tcp::socket::wait_write, [self = shared_from_this()](error_code error) {
    self->writing_ = false;
    if (error) return self->broken();
    const Sent sent = self->send_some(self->unsent_, self->sent_);
    if (sent.broken) return self->broken();
    self->written(sent.octets);
    self->flush();
  });
}

template <>
void Connection<TlsStream>::flush() {
  if (writing_ || unsent_.empty()) return;
  writing_ = true;
  std::vector<net::const_buffer> parts;
  for (const auto& frame : unsent_) {
    if (parts.size() == kBuffersMax) break;
    parts.push_back(net::buffer(frame->bytes));
  }
  net::async_write(stream_, std::move(parts),
                   [self = shared_from_this()](error_code error, std::size_t octets) {
                     self->writing_ = false;
                     if (error) return self->broken();
                     self->written(octets);
                     self->flush();
                   });
}

template <class Stream>
net::awaitable<std::shared_ptr<WebSocket>> accept(Stream stream, const Request& request,
                                                  WebSocketOptions options) {
  const std::string answer = handshake_answer(request, options);
  const auto [error, size] = co_await net::async_write(stream, net::buffer(answer), kQuiet);
  const bool is_open = !error && answer.starts_with("HTTP/1.1 101");
  if (!is_open) co_return nullptr;
  co_return std::make_shared<Connection<Stream>>(std::move(stream), std::move(options));
}

}  // namespace

net::awaitable<std::shared_ptr<WebSocket>> accept_web_socket(tcp::socket socket,
                                                             const Request& request,
                                                             WebSocketOptions options) {
  return accept(std::move(socket), request, std::move(options));
}

net::awaitable<std::shared_ptr<WebSocket>> accept_web_socket(TlsStream stream,
                                                             const Request& request,
                                                             WebSocketOptions options) {
  return accept(std::move(stream), request, std::move(options));
}

}  // namespace server::http
