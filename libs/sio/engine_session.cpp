#include "sio/engine_session.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

namespace sio {

namespace {

using namespace std::chrono_literals;

constexpr std::string_view kPollType = "text/plain; charset=UTF-8";
constexpr std::string_view kHtmlType = "text/html";
constexpr std::string_view kJsonType = "application/json";

constexpr std::string_view kClosePacket = "1";
constexpr std::string_view kNoopPacket = "6";
constexpr std::string_view kNoopAndClose =
    "6\x1e"
    "1";
// How long a GET may hang while a probed client still has to switch: long enough to make no
// storm of requests, short enough not to be felt.
constexpr Duration kReleasePoll = 100ms;
constexpr std::size_t kIdleFramesMax = 16;  // room that an idle session keeps for frames

const FrameRef& ping_frame() {
  static const FrameRef frame = make_frame("2", false);
  return frame;
}

const FrameRef& probe_frame() {
  static const FrameRef frame = make_frame("3probe", false);
  return frame;
}

long long milliseconds(Duration duration) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(duration).count();
}

}  // namespace

HttpAnswer error_answer(EngineError error) {
  static constexpr std::array<std::string_view, 7> kMessages{
      "Transport unknown", "Session ID unknown",           "Bad handshake method", "Bad request",
      "Forbidden",         "Unsupported protocol version", "Too many packets"};
  const auto known = error == EngineError::TooManyPackets ? EngineError::BadRequest : error;
  return {error == EngineError::Forbidden ? 403U : 400U, kJsonType,
          R"({"code":)" + std::to_string(static_cast<int>(known)) + R"(,"message":")" +
              std::string(kMessages[static_cast<std::size_t>(error)]) + "\"}"};
}

EngineSession::EngineSession(SessionId id, std::string sid, const EngineOptions& options,
                             EngineOutputs& out)
    : id_(id), sid_(std::move(sid)), options_(options), out_(out) {}

EngineSession::~EngineSession() { hold(0, 0); }

void EngineSession::charge(OctetBudgetRef budget) {
  const std::size_t waiting = waiting_bytes_;
  const std::size_t taken = taken_bytes_;
  hold(0, 0);
  budget_ = std::move(budget);
  hold(waiting, taken);
}

void EngineSession::hold(std::size_t waiting, std::size_t taken) {
  if (budget_ != nullptr) budget_->held = budget_->held - unread_octets() + waiting + taken;
  waiting_bytes_ = waiting;
  taken_bytes_ = taken;
}

std::string EngineSession::open_packet(bool may_upgrade) const {
  return R"(0{"sid":")" + sid_ + R"(","upgrades":[)" + (may_upgrade ? R"("websocket")" : "") +
         R"(],"pingInterval":)" + std::to_string(milliseconds(options_.ping_interval)) +
         R"(,"pingTimeout":)" + std::to_string(milliseconds(options_.ping_timeout)) +
         R"(,"maxPayload":)" + std::to_string(options_.max_payload) + "}";
}

void EngineSession::open(Instant now) {
  heartbeat_at_ = now + options_.ping_interval;
  out_.events.emplace_back(SessionOpened{id_});
}

void EngineSession::open_by_polling(Instant now, RequestId request) {
  out_.transport.emplace_back(Answered{request, {200, kPollType, open_packet(true)}});
  open(now);
}

void EngineSession::open_by_web_socket(Instant now, WebSocketId socket) {
  web_socket_ = socket;
  send(make_frame(open_packet(false), false));
  open(now);
}

void EngineSession::get(Instant now, RequestId request) {
  if (web_socket_) {
    out_.transport.emplace_back(Answered{request, error_answer(EngineError::BadRequest)});
    return;
  }
  if (poll_) {
    out_.transport.emplace_back(Answered{request, error_answer(EngineError::BadRequest)});
    return end(reason::kTransportError);
  }
  poll_ = request;
  if (challenge_ == Challenge::AwaitsNextPoll) meet_challenge();
  if (probed_) release_poll_at_ = now + kReleasePoll;
  if (state_ == State::Closing && waiting_.empty()) {
    answer_poll(std::string(kNoopAndClose));
    return end(reason::kForcedClose);
  }
  flush();
  if (challenge_ == Challenge::AwaitsPoll && poll_) answer_poll(std::string(kNoopPacket));
}

void EngineSession::post_begun(RequestId request) {
  if (web_socket_) return;
  if (post_) return end(reason::kTransportError);
  post_ = request;
}

void EngineSession::post(Instant now, RequestId request, std::string_view content_type,
                         std::string_view body) {
  post_.reset();
  if (web_socket_) {
    out_.transport.emplace_back(Answered{request, error_answer(EngineError::BadRequest)});
    return;
  }
  if (body.size() > options_.max_payload) {
    out_.transport.emplace_back(Answered{request, {413, kHtmlType, ""}});
    return;
  }
  if (content_type.starts_with("application/octet-stream")) {
    answer_post(request, false);
    return end(reason::kTransportError);
  }
  if (packet_count(body) > options_.packets_per_post_max) {
    ++out_.refusals.packets_per_post;
    out_.transport.emplace_back(Answered{request, error_answer(EngineError::TooManyPackets)});
    return end(reason::kParseError);
  }
  auto packets = decode_payload(body);
  if (!packets) {
    answer_post(request, false);
    return end(reason::kParseError);
  }
  bool is_good = true;
  for (EnginePacket& packet : *packets) {
    if (state_ != State::Open) break;
    const bool is_goodbye = packet.type == EnginePacket::Type::Close;
    on_packet(now, std::move(packet), Origin::Polling);
    is_good = !has_ended() || is_goodbye;
  }
  answer_post(request, is_good);
}

void EngineSession::answer_post(RequestId request, bool is_good) {
  out_.transport.emplace_back(Answered{
      request, is_good ? HttpAnswer{200, kHtmlType, "ok"} : error_answer(EngineError::BadRequest)});
}

void EngineSession::request_aborted(RequestId request) {
  if (poll_ != request) return;
  poll_.reset();
  end(reason::kTransportError);
}

void EngineSession::post_aborted(RequestId request) {
  if (post_ != request) return;
  post_.reset();
  if (!web_socket_) end(reason::kTransportError);
}

bool EngineSession::attach(Instant now, WebSocketId socket) {
  const bool may_upgrade = state_ == State::Open && !web_socket_ && !probe_;
  if (!may_upgrade) return false;
  probe_ = socket;
  upgrade_until_ = now + options_.upgrade_timeout;
  return true;
}

void EngineSession::web_socket_message(Instant now, WebSocketId socket, std::string data,
                                       bool binary) {
  if (socket == probe_) return on_probe_message(data, binary);
  if (socket != web_socket_ || state_ != State::Open) return;
  if (binary) {
    return on_packet(now, {EnginePacket::Type::Message, true, std::move(data)}, Origin::WebSocket);
  }
  auto packet = decode_packet(data);
  if (!packet) return end(reason::kParseError);
  on_packet(now, std::move(*packet), Origin::WebSocket);
}

void EngineSession::on_probe_message(std::string_view data, bool binary) {
  if (!binary && data == "2probe") {
    probed_ = true;
    probe_answer_ = probe_frame();
    announce(*probe_, probe_announced_);
    if (poll_) answer_poll(std::string(kNoopPacket));
    return;
  }
  if (!binary && data == "5") return complete_upgrade();
  drop_probe();
}

void EngineSession::complete_upgrade() {
  if (poll_) answer_poll(std::string(kNoopPacket));
  web_socket_ = probe_;
  announced_ = probe_announced_;  // the answer to the probe may not be taken yet
  probe_.reset();
  probed_ = false;
  upgrade_until_ = Instant::never();
  release_poll_at_ = Instant::never();
  if (challenge_ != Challenge::None) challenge();
}

void EngineSession::drop_probe() {
  if (!probe_) return;
  out_.transport.emplace_back(Dismissed{*probe_});
  probe_.reset();
  probe_answer_.reset();
  probed_ = false;
  probe_announced_ = false;
  upgrade_until_ = Instant::never();
  release_poll_at_ = Instant::never();
}

void EngineSession::challenge() {
  if (state_ != State::Open) return;
  if (web_socket_) {
    challenge_ = Challenge::AwaitsPong;
    out_.transport.emplace_back(PingWanted{*web_socket_});
    return;
  }
  challenge_ = Challenge::AwaitsPoll;
  if (poll_) answer_poll(std::string(kNoopPacket));
}

void EngineSession::meet_challenge() {
  challenge_ = Challenge::None;
  out_.events.emplace_back(ChallengeMet{id_});
}

void EngineSession::web_socket_ponged(WebSocketId socket) {
  if (socket == web_socket_ && challenge_ == Challenge::AwaitsPong) meet_challenge();
}

void EngineSession::web_socket_closed(WebSocketId socket, std::string_view why) {
  if (socket == probe_) return drop_probe();
  if (socket == web_socket_) {
    web_socket_.reset();
    end(why);
  }
}

void EngineSession::on_packet(Instant now, EnginePacket packet, Origin origin) {
  using Type = EnginePacket::Type;
  if (awaits_pong_) heartbeat_at_ = now + options_.ping_timeout;  // a sign of life
  switch (packet.type) {
    case Type::Message:
      out_.events.emplace_back(MessageReceived{id_, std::move(packet.data), packet.binary});
      return;
    case Type::Pong:
      awaits_pong_ = false;
      heartbeat_at_ = now + options_.ping_interval;
      return;
    case Type::Close:
      if (origin == Origin::Polling && poll_) answer_poll(std::string(kNoopPacket));
      return end(reason::kTransportClose);
    case Type::Ping:  // the server's alone, but for the probe
      return end(reason::kTransportError);
    case Type::Open:
    case Type::Upgrade:
    case Type::Noop:
      return end(reason::kParseError);
  }
}

void EngineSession::answer_poll(std::string body) {
  out_.transport.emplace_back(Answered{*poll_, {200, kPollType, std::move(body)}});
  poll_.reset();
  release_poll_at_ = Instant::never();
  if (challenge_ == Challenge::AwaitsPoll) challenge_ = Challenge::AwaitsNextPoll;
}

void EngineSession::send(FrameRef frame) {
  if (state_ != State::Open) return;
  const std::size_t size = frame->bytes.size();
  const std::size_t unread = unread_octets() + size;
  if (unread > options_.write_buffer_max) {
    ++out_.refusals.write_buffer;
    return end(reason::kForcedClose);
  }
  const bool is_over_budget = budget_ != nullptr && budget_->is_exceeded();
  if (is_over_budget && unread > options_.unread_over_budget_max) {
    ++out_.refusals.octet_budget;
    return end(reason::kForcedClose);
  }
  hold(waiting_bytes_ + size, taken_bytes_);
  waiting_.push_back(std::move(frame));
}

bool EngineSession::is_writable() const {
  if (state_ != State::Open || !waiting_.empty()) return false;
  return web_socket_ ? taken_bytes_ == 0 : poll_.has_value();
}

void EngineSession::announce(WebSocketId socket, bool& announced) {
  if (std::exchange(announced, true)) return;
  out_.transport.emplace_back(Writable{socket});
}

void EngineSession::flush() {
  if (has_ended()) return;
  if (web_socket_) {
    if (!waiting_.empty()) return announce(*web_socket_, announced_);
    const bool is_done = state_ == State::Closing && !announced_;
    if (is_done) end(reason::kForcedClose);
    return;
  }
  if (!poll_) return;
  if (!waiting_.empty()) {
    answer_poll(encode_payload(waiting_));
    waiting_.clear();
    hold(0, taken_bytes_);
  } else if (state_ == State::Closing) {
    answer_poll(std::string(kClosePacket));
    end(reason::kForcedClose);
  }
}

void EngineSession::take(WebSocketId socket, std::vector<FrameRef>& frames) {
  frames.clear();
  if (probe_answer_ != nullptr && (socket == probe_ || socket == web_socket_)) {
    frames.push_back(std::exchange(probe_answer_, nullptr));
  }
  if (socket == probe_) {
    probe_announced_ = !frames.empty();
    return;
  }
  if (socket != web_socket_) return;
  std::ranges::move(waiting_, std::back_inserter(frames));
  waiting_.clear();
  if (waiting_.capacity() > kIdleFramesMax) waiting_.shrink_to_fit();
  hold(0, waiting_bytes_);
  announced_ = !frames.empty();
  if (!announced_ && state_ == State::Closing) end(reason::kForcedClose);
}

void EngineSession::close(Instant now) {
  if (state_ != State::Open) return;
  state_ = State::Closing;
  drop_probe();
  close_until_ = now + options_.close_timeout;
}

void EngineSession::end(std::string_view why) {
  if (has_ended()) return;
  drop_probe();
  if (poll_) answer_poll(std::string(kClosePacket));
  if (web_socket_) out_.transport.emplace_back(Dismissed{*web_socket_});
  state_ = State::Ended;
  waiting_.clear();
  hold(0, 0);
  out_.events.emplace_back(SessionEnded{id_, why});
}

void EngineSession::handle_timeout(Instant now) {
  if (now >= close_until_) return end(reason::kForcedClose);
  if (now >= upgrade_until_) drop_probe();
  if (now >= release_poll_at_ && poll_) answer_poll(std::string(kNoopPacket));
  if (state_ != State::Open || now < heartbeat_at_) return;
  if (awaits_pong_) return end(reason::kPingTimeout);
  awaits_pong_ = true;
  heartbeat_at_ = now + options_.ping_timeout;
  send(ping_frame());
  flush();
}

Instant EngineSession::deadline() const {
  const Instant heartbeat = state_ == State::Open ? heartbeat_at_ : Instant::never();
  return std::min({heartbeat, upgrade_until_, release_poll_at_, close_until_});
}

}  // namespace sio
