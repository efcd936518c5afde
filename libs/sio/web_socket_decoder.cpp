#include "sio/web_socket_decoder.hpp"

#include <array>
#include <utility>

#include "sio/utf8.hpp"

namespace sio {

namespace {

// RFC 6455 section 5.2.
constexpr std::uint8_t kContinuation = 0;
constexpr std::uint8_t kText = 1;
constexpr std::uint8_t kBinary = 2;
constexpr std::uint8_t kClose = 8;
constexpr std::uint8_t kPing = 9;
constexpr std::uint8_t kPong = 10;
constexpr std::size_t kControlMax = 125;

bool is_control(std::uint8_t opcode) { return (opcode & 8U) != 0; }

bool is_known(std::uint8_t opcode) {
  return opcode <= kBinary || (opcode >= kClose && opcode <= kPong);
}

// Which codes may stand in a Close frame (RFC 6455 section 7.4).
bool may_be_sent(std::uint16_t code) {
  const bool is_defined =
      code >= 1000 && code <= 1014 && code != 1004 && code != 1005 && code != 1006;
  return is_defined || (code >= 3000 && code <= 4999);
}

bool is_close_payload(std::string_view payload) {
  if (payload.empty()) return true;
  if (payload.size() < 2) return false;
  ByteReader in(bytes_of(payload));
  return may_be_sent(in.u16()) && is_utf8(payload.substr(2));
}

}  // namespace

std::uint16_t close_code(WebSocketError error) {
  switch (error) {
    case WebSocketError::Protocol:
      return 1002;
    case WebSocketError::NotUtf8:
      return 1007;
    case WebSocketError::TooLarge:
      return 1009;
  }
  return 1002;
}

void WebSocketDecoder::feed(Bytes chunk) {
  if (failed_) return;
  unread_.append(text_of(chunk));
}

void WebSocketDecoder::step(std::size_t size) {
  at_ += size;
  if (at_ == unread_.size()) {
    std::string().swap(unread_);  // an idle connection keeps no memory
    at_ = 0;
  }
}

std::expected<std::optional<WebSocketDecoder::Header>, WebSocketError>
WebSocketDecoder::read_header() const {
  const std::string_view rest = std::string_view(unread_).substr(at_);
  ByteReader in(bytes_of(rest));
  Header header;
  const std::uint8_t first = in.u8();
  const std::uint8_t second = in.u8();
  if (!in.ok()) return std::nullopt;
  const bool has_reserved_bits = (first & 0x70U) != 0;
  const bool is_masked = (second & 0x80U) != 0;
  header.is_final = (first & 0x80U) != 0;
  header.opcode = first & 0x0FU;
  header.size = second & 0x7FU;
  if (has_reserved_bits || !is_masked || !is_known(header.opcode)) {
    return std::unexpected(WebSocketError::Protocol);
  }
  if (header.size == 126) header.size = in.u16();
  if (header.size == 127) header.size = in.u64();
  header.mask = in.u32();
  if (!in.ok()) return std::nullopt;
  header.header_size = rest.size() - in.remaining();
  return header;
}

std::optional<WebSocketError> WebSocketDecoder::check(const Header& header) const {
  if (is_control(header.opcode)) {
    if (!header.is_final || header.size > kControlMax) return WebSocketError::Protocol;
    return std::nullopt;
  }
  const bool continues = header.opcode == kContinuation;
  const bool is_pending = opcode_ != 0;
  if (continues != is_pending) return WebSocketError::Protocol;
  if (header.size > message_max_ - message_.size()) return WebSocketError::TooLarge;
  return std::nullopt;
}

void WebSocketDecoder::take_payload(const Header& header, std::string& into) {
  const auto size = static_cast<std::size_t>(header.size);
  const std::array<std::uint8_t, 4> mask{
      static_cast<std::uint8_t>(header.mask >> 24), static_cast<std::uint8_t>(header.mask >> 16),
      static_cast<std::uint8_t>(header.mask >> 8), static_cast<std::uint8_t>(header.mask)};
  const std::size_t start = into.size();
  into.append(unread_, at_ + header.header_size, size);
  for (std::size_t i = 0; i < size; ++i) {
    into[start + i] = static_cast<char>(static_cast<std::uint8_t>(into[start + i]) ^ mask[i & 3U]);
  }
  step(header.header_size + size);
}

std::expected<WebSocketItem, WebSocketError> WebSocketDecoder::control_item(const Header& header) {
  WebSocketItem item;
  take_payload(header, item.data);
  if (header.opcode == kPing) item.kind = WebSocketItem::Kind::Ping;
  if (header.opcode == kPong) item.kind = WebSocketItem::Kind::Pong;
  if (header.opcode == kClose) {
    item.kind = WebSocketItem::Kind::Close;
    if (!is_close_payload(item.data)) return std::unexpected(WebSocketError::Protocol);
  }
  return item;
}

std::expected<std::optional<WebSocketItem>, WebSocketError> WebSocketDecoder::next() {
  const auto fail = [this](WebSocketError error) {
    failed_ = true;
    step(unread_.size() - at_);
    return std::unexpected(error);
  };
  while (at_ < unread_.size()) {
    const auto header = read_header();
    if (!header) return fail(header.error());
    if (!*header) break;
    if (const auto error = check(**header)) return fail(*error);
    if (unread_.size() - at_ - (*header)->header_size < (*header)->size) break;

    if (is_control((*header)->opcode)) {
      auto item = control_item(**header);
      if (!item) return fail(item.error());
      return std::move(*item);
    }
    if ((*header)->opcode != kContinuation) opcode_ = (*header)->opcode;
    take_payload(**header, message_);
    if (!(*header)->is_final) continue;

    const bool is_text = opcode_ == kText;
    opcode_ = 0;
    WebSocketItem item{is_text ? WebSocketItem::Kind::Text : WebSocketItem::Kind::Binary,
                       std::exchange(message_, {})};
    if (is_text && !is_utf8(item.data)) return fail(WebSocketError::NotUtf8);
    return item;
  }
  if (at_ > 0) {  // keep the unfinished frame alone
    unread_.erase(0, at_);
    at_ = 0;
  }
  return std::nullopt;
}

}  // namespace sio
