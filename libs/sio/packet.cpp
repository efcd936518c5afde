#include "sio/packet.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "sio/json_text.hpp"

namespace sio {

namespace {

namespace json = boost::json;
using Type = Packet::Type;

constexpr char kBinaryEvent = '5';
constexpr char kBinaryAck = '6';
constexpr char kEngineMessage = '4';
constexpr std::size_t kAckDigitsMax = 15;  // all such numbers are below 2^53

constexpr std::array<std::string_view, 6> kReservedEvents{
    "connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"};

// What stands before the payload, and the text from there on.
struct Head {
  Packet packet;
  std::size_t attachments = 0;
  std::string_view rest;
};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::string_view take_digits(std::string_view& text) {
  const auto end = std::ranges::find_if_not(text, is_digit);
  const std::string_view digits = text.substr(0, static_cast<std::size_t>(end - text.begin()));
  text.remove_prefix(digits.size());
  return digits;
}

std::expected<std::size_t, PacketError> take_attachments(std::string_view& text,
                                                         std::size_t attachments_max) {
  const std::string_view digits = take_digits(text);
  std::size_t count = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), count);
  const bool is_good = !digits.empty() && digits.size() <= 2 && text.starts_with('-') &&
                       count >= 1 && count <= attachments_max;
  if (!is_good) return std::unexpected(PacketError::BadAttachments);
  text.remove_prefix(1);
  return count;
}

std::expected<Head, PacketError> read_head(std::string_view text, std::size_t attachments_max) {
  if (text.empty()) return std::unexpected(PacketError::UnknownType);
  Head head;
  const char type = text.front();
  text.remove_prefix(1);
  const bool is_binary = type == kBinaryEvent || type == kBinaryAck;
  if (type < '0' || type > kBinaryAck) return std::unexpected(PacketError::UnknownType);
  head.packet.type =
      is_binary ? (type == kBinaryEvent ? Type::Event : Type::Ack) : static_cast<Type>(type - '0');
  if (head.packet.type == Type::ConnectError) return std::unexpected(PacketError::NotForClients);
  if (is_binary) {
    const auto count = take_attachments(text, attachments_max);
    if (!count) return std::unexpected(count.error());
    head.attachments = *count;
  }
  if (text.starts_with('/')) {
    const std::size_t comma = text.find(',');
    if (std::min(comma, text.size()) > kNamespaceMax) {
      return std::unexpected(PacketError::BadNamespace);
    }
    head.packet.nsp = std::string(text.substr(0, comma));
    text.remove_prefix(std::min(text.size(), head.packet.nsp.size() + 1));
  }
  const std::string_view digits = take_digits(text);
  if (digits.size() > kAckDigitsMax) return std::unexpected(PacketError::BadAckId);
  if (!digits.empty()) {
    AckId id = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), id);
    head.packet.id = id;
  }
  head.rest = text;
  return head;
}

std::optional<PacketError> read_payload(Packet& packet, std::optional<json::value> data) {
  if (packet.type == Type::Disconnect) {
    return data ? std::optional(PacketError::BadPayload) : std::nullopt;
  }
  if (packet.type == Type::Connect) {
    if (!data) return std::nullopt;
    if (!data->is_object()) return PacketError::BadPayload;
    packet.object = std::move(data->get_object());
    return std::nullopt;
  }
  if (!data || !data->is_array()) return PacketError::BadPayload;
  packet.payload.args = std::move(data->get_array());
  if (packet.type == Type::Ack) {
    return packet.id ? std::nullopt : std::optional(PacketError::BadAckId);
  }
  if (packet.payload.args.empty()) return PacketError::BadEventName;
  auto name = event_name(packet.payload.args.front());
  if (!name) return PacketError::BadEventName;
  packet.event = std::move(*name);
  packet.payload.args.erase(packet.payload.args.begin());
  return std::nullopt;
}

// The name of an event whose payload is not read; empty when it is not a short, plain string.
std::string_view peek_event_name(std::string_view payload) {
  constexpr std::string_view kOpening = "[\"";
  constexpr std::size_t kPeekMax = 64;  // octets
  if (!payload.starts_with(kOpening)) return {};
  const std::string_view text = payload.substr(kOpening.size(), kPeekMax);
  const std::size_t end = text.find_first_of("\"\\");
  const bool is_plain = end != std::string_view::npos && text[end] == '"';
  return is_plain ? text.substr(0, end) : std::string_view{};
}

std::expected<Head, PacketError> read_oversized(Head head) {
  const bool is_event = head.packet.type == Type::Event && head.attachments == 0;
  if (!is_event) return std::unexpected(PacketError::TooLarge);
  head.packet.event = std::string(peek_event_name(head.rest));
  head.packet.is_oversized = true;
  return head;
}

// A whole text, its payload included; `rest` is used up.
std::expected<Head, PacketError> read_text(std::string_view text, const PacketLimits& limits) {
  auto head = read_head(text, limits.attachments_max);
  if (!head) return head;
  Packet& packet = head->packet;
  const bool may_have_id = packet.type == Type::Event || packet.type == Type::Ack;
  if (packet.id && !may_have_id) return std::unexpected(PacketError::BadAckId);
  if (text.size() > limits.text_max) return read_oversized(std::move(*head));

  std::optional<json::value> data;
  if (!head->rest.empty()) {
    data = parse_json(head->rest);
    if (!data) return std::unexpected(PacketError::BadPayload);
  }
  const bool is_binary = head->attachments > 0;
  if (is_binary && data && !has_good_placeholders(*data, head->attachments)) {
    return std::unexpected(PacketError::BadPlaceholder);
  }
  if (const auto error = read_payload(packet, std::move(data))) return std::unexpected(*error);
  return head;
}

// `<engine type><type>[<attachments>-][/nsp,][id]`
std::string head_text(char type, std::size_t attachments, std::string_view nsp,
                      std::optional<AckId> id) {
  std::string text{kEngineMessage, type};
  if (attachments > 0) text.append(std::to_string(attachments)).append("-");
  if (nsp != "/") text.append(nsp).append(",");
  if (id) text += std::to_string(*id);
  return text;
}

Frames with_attachments(std::string_view text, const Payload& payload) {
  Frames frames{make_frame(text, false)};
  for (const std::string& attachment : payload.attachments) {
    frames.push_back(make_frame(attachment, true));
  }
  return frames;
}

}  // namespace

bool has_good_placeholders(const json::value& value, std::size_t count) {
  if (const auto* array = value.if_array()) {
    return std::ranges::all_of(
        *array, [&](const json::value& item) { return has_good_placeholders(item, count); });
  }
  const auto* object = value.if_object();
  if (object == nullptr) return true;
  const json::value* mark = object->if_contains("_placeholder");
  const bool is_placeholder = mark != nullptr && mark->is_bool() && mark->get_bool();
  if (is_placeholder) {
    const json::value* num = object->if_contains("num");
    const auto* index = num == nullptr ? nullptr : num->if_int64();
    return index != nullptr && *index >= 0 && static_cast<std::uint64_t>(*index) < count;
  }
  return std::ranges::all_of(*object, [&](const json::key_value_pair& member) {
    return has_good_placeholders(member.value(), count);
  });
}

std::optional<std::string> event_name(const json::value& value) {
  if (const auto* text = value.if_string()) {
    const bool is_reserved =
        std::ranges::find(kReservedEvents, std::string_view(*text)) != kReservedEvents.end();
    if (is_reserved) return std::nullopt;
    return std::string(*text);
  }
  if (!value.is_number()) return std::nullopt;
  std::string text;
  append_json(text, value);
  return text;
}

// A binary packet is checked at once, and read again when it is whole.
std::expected<std::optional<Packet>, PacketError> PacketDecoder::text(std::string_view text,
                                                                      const PacketLimits& limits) {
  if (unfinished_) return std::unexpected(PacketError::TextWhilePending);
  auto head = read_text(text, limits);
  if (!head) return std::unexpected(head.error());
  if (head->attachments == 0) return std::move(head->packet);
  if (text.size() > limits.unfinished_max) return std::unexpected(PacketError::TooLarge);
  unfinished_ = Unfinished{std::string(text), head->attachments, {}, text.size()};
  return std::nullopt;
}

std::expected<std::optional<Packet>, PacketError> PacketDecoder::binary(
    std::string data, const PacketLimits& limits) {
  if (!unfinished_) return std::unexpected(PacketError::UnexpectedBinary);
  unfinished_->octets += data.size();
  if (unfinished_->octets > limits.unfinished_max) return std::unexpected(PacketError::TooLarge);
  unfinished_->attachments.push_back(std::move(data));
  if (unfinished_->attachments.size() < unfinished_->attachments_expected) return std::nullopt;
  Unfinished whole = std::move(*unfinished_);
  unfinished_.reset();
  auto head = read_text(whole.text, {});
  if (!head) return std::unexpected(head.error());
  head->packet.payload.attachments = std::move(whole.attachments);
  return std::move(head->packet);
}

Frames encode_event(std::string_view nsp, std::string_view event, const Payload& payload,
                    std::optional<AckId> id, std::string_view offset) {
  const bool is_binary = !payload.attachments.empty();
  std::string text = head_text(is_binary ? kBinaryEvent : '2', payload.attachments.size(), nsp, id);
  text += '[';
  append_json_string(text, event);
  for (const json::value& arg : payload.args) {
    text += ',';
    append_json(text, arg);
  }
  if (!offset.empty()) {
    text += ',';
    append_json_string(text, offset);
  }
  text += ']';
  return with_attachments(text, payload);
}

Frames encode_ack(std::string_view nsp, AckId id, const Payload& payload) {
  const bool is_binary = !payload.attachments.empty();
  std::string text = head_text(is_binary ? kBinaryAck : '3', payload.attachments.size(), nsp, id);
  text += '[';
  for (std::size_t i = 0; i < payload.args.size(); ++i) {
    if (i > 0) text += ',';
    append_json(text, payload.args[i]);
  }
  text += ']';
  return with_attachments(text, payload);
}

FrameRef encode_control(Type type, std::string_view nsp, const json::object* object) {
  std::string text =
      head_text(static_cast<char>('0' + static_cast<int>(type)), 0, nsp, std::nullopt);
  if (object != nullptr) append_json(text, json::value(*object));
  return make_frame(text, false);
}

}  // namespace sio
