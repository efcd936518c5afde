#include "sio/adapter_message.hpp"

#include <algorithm>
#include <utility>

#include "sio/json_text.hpp"
#include "sio/msgpack.hpp"

namespace sio::adapter {

namespace {

namespace json = boost::json;

constexpr std::size_t kNameMax = 256;  // of a server or a request, in octets
constexpr double kEventType = 2;
constexpr Duration kTimeout = std::chrono::seconds{5};  // where none is given

enum class Type : std::uint8_t {
  Sockets,
  AllRooms,
  Join,
  Leave,
  Disconnect,
  Fetch,
  ServerSideEmit,
  Broadcast,
  ClientCount,
  ClientAck,
};

// Null and what is not there are the same, as in JavaScript where it matters here.
const json::value* find(const json::object& from, std::string_view name) {
  const json::value* value = from.if_contains(name);
  return value == nullptr || value->is_null() ? nullptr : value;
}

bool is_true(const json::object& from, std::string_view name) {
  const json::value* value = find(from, name);
  return value != nullptr && value->is_bool() && value->get_bool();
}

// Reads the parts of a message. Once one of them has the wrong shape the reader stays failed, so
// that its user tests ok() once.
class Reader {
 public:
  bool ok() const { return ok_; }

  const json::object& object(const json::value* value) {
    static const json::object kNone;
    if (check(value != nullptr && value->is_object())) return value->get_object();
    return kNone;
  }
  const json::object& object(const json::object& from, std::string_view name) {
    return object(find(from, name));
  }
  std::string name(const json::object& from, std::string_view key) {
    const json::value* value = find(from, key);
    const bool is_there =
        value != nullptr && check(value->is_string() && value->get_string().size() <= kNameMax);
    return is_there ? std::string(value->get_string()) : std::string{};
  }
  // nullopt: none there.
  std::optional<double> number(const json::object& from, std::string_view name) {
    const json::value* value = find(from, name);
    if (value == nullptr || !check(value->is_number())) return std::nullopt;
    return value->to_number<double>();
  }
  // JavaScript's rooms may be numbers; ours are their text.
  std::string room(const json::value& value) {
    if (value.is_string()) return std::string(value.get_string());
    std::string text;
    if (check(value.is_number())) append_json(text, value);
    return text;
  }
  std::vector<std::string> rooms(const json::object& from, std::string_view name) {
    std::vector<std::string> rooms;
    const json::value* value = find(from, name);
    if (value == nullptr || !check(value->is_array())) return rooms;
    for (const json::value& one : value->get_array()) rooms.push_back(room(one));
    return rooms;
  }
  Whom whom(const json::object& options) {
    return {rooms(options, "rooms"), rooms(options, "except")};
  }
  // An old request names one socket, a newer one selects.
  Whom whom_of_request(const json::object& request) {
    if (find(request, "opts") != nullptr) return whom(object(request, "opts"));
    std::string socket = name(request, "sid");
    check(!socket.empty());
    return {{std::move(socket)}, {}};
  }
  std::vector<std::string> rooms_of_request(const json::object& request) {
    std::vector<std::string> made = rooms(request, "rooms");
    if (const json::value* one = find(request, "room")) made.push_back(room(*one));
    check(!made.empty() && made.size() <= kAdapterJoinsMax);
    return made;
  }
  Duration timeout(const json::object& options) {
    const json::value* flags = find(options, "flags");
    const auto given = flags == nullptr ? std::nullopt : number(object(flags), "timeout");
    if (!given) return kTimeout;
    using Milliseconds = std::chrono::duration<double, std::milli>;
    if (!check(*given >= 0)) return kTimeout;
    return std::chrono::duration_cast<Duration>(
        std::min<Milliseconds>(Milliseconds{*given}, kAdapterTimeoutMax));
  }
  // `packet` is taken to pieces.
  Broadcast broadcast(json::value* packet, const json::object& options,
                      std::vector<std::string> attachments);

 private:
  bool check(bool is_so) {
    ok_ = ok_ && is_so;
    return is_so;
  }

  bool ok_ = true;
};

Broadcast Reader::broadcast(json::value* packet, const json::object& options,
                            std::vector<std::string> attachments) {
  const json::object& parts = object(packet);
  Broadcast made{.nsp = name(parts, "nsp"), .whom = whom(options)};
  if (made.nsp.empty()) made.nsp = "/";
  if (const json::value* flags = find(options, "flags")) {
    made.is_volatile = is_true(object(flags), "volatile");
    made.is_local = is_true(object(flags), "local");
  }
  const json::value* data = find(parts, "data");
  const bool is_event = number(parts, "type") == kEventType && data != nullptr &&
                        data->is_array() && !data->get_array().empty();
  if (!check(is_event)) return made;
  made.payload = {std::move(packet->at("data").get_array()), std::move(attachments)};
  const std::size_t attached = made.payload.attachments.size();
  if (attached > 0) check(has_good_placeholders(made.payload.args, attached));
  auto event = event_name(made.payload.args.front());
  if (check(event.has_value())) made.event = std::move(*event);
  made.payload.args.erase(made.payload.args.begin());
  return made;
}

Request read_request(Reader& in, json::object& from, std::vector<std::string> attachments) {
  Request made{in.name(from, "uid"), in.name(from, "requestId"), Ignored{}};
  const double type = in.number(from, "type").value_or(-1);
  if (!(type >= 0 && type <= std::to_underlying(Type::ClientAck))) return made;
  switch (static_cast<Type>(type)) {
    case Type::Sockets:
      made.what = ListSockets{in.rooms(from, "rooms")};
      break;
    case Type::AllRooms:
      made.what = ListRooms{};
      break;
    case Type::Join:
      made.what = Join{in.whom_of_request(from), in.rooms_of_request(from)};
      break;
    case Type::Leave:
      made.what = Leave{in.whom_of_request(from), in.rooms_of_request(from)};
      break;
    case Type::Disconnect:
      made.what = Disconnect{in.whom_of_request(from), is_true(from, "close")};
      break;
    case Type::Fetch:
      made.what = Fetch{in.whom(in.object(from, "opts"))};
      break;
    case Type::ServerSideEmit:
      made.what = ServerSideEmit{};
      break;
    case Type::Broadcast: {
      const json::object& options = in.object(from, "opts");
      made.what = BroadcastWithAck{
          in.broadcast(from.if_contains("packet"), options, std::move(attachments)),
          in.timeout(options)};
      break;
    }
    case Type::ClientCount:
    case Type::ClientAck:
      break;  // answers, which have a channel of their own
  }
  return made;
}

// JSON where it may be and its first octet says so, else MessagePack.
std::expected<Unpacked, AdapterError> parse(std::string_view message, bool may_be_json) {
  if (message.size() > kAdapterMessageMax) return std::unexpected(AdapterError::TooLarge);
  std::optional<Unpacked> parsed;
  if (may_be_json && message.starts_with('{')) {
    if (auto value = parse_json(message)) parsed = Unpacked{std::move(*value), {}};
  } else {
    parsed = unpack_msgpack(message);
  }
  if (!parsed) return std::unexpected(AdapterError::Malformed);
  return std::move(*parsed);
}

std::string json_text(const json::object& object) {
  std::string text;
  append_json(text, json::value(object));
  return text;
}

json::array array_of(const std::vector<std::string>& texts) {
  return json::array(texts.begin(), texts.end());
}

}  // namespace

std::expected<Broadcast, AdapterError> decode_broadcast(std::string_view message) {
  auto parsed = parse(message, false);
  if (!parsed) return std::unexpected(parsed.error());
  json::array* parts = parsed->value.if_array();
  const bool has_parts = parts != nullptr && parts->size() >= 3 && (*parts)[0].is_string();
  if (!has_parts) return std::unexpected(AdapterError::Malformed);
  Reader in;
  Broadcast made =
      in.broadcast(&(*parts)[1], in.object(&(*parts)[2]), std::move(parsed->attachments));
  if (!in.ok()) return std::unexpected(AdapterError::Malformed);
  made.uid = (*parts)[0].get_string();
  return made;
}

std::expected<Request, AdapterError> decode_request(std::string_view message) {
  auto parsed = parse(message, true);
  if (!parsed) return std::unexpected(parsed.error());
  if (!parsed->value.is_object()) return std::unexpected(AdapterError::Malformed);
  Reader in;
  Request made = read_request(in, parsed->value.get_object(), std::move(parsed->attachments));
  if (!in.ok()) return std::unexpected(AdapterError::Malformed);
  return made;
}

std::string encode_sockets(const std::string& id, const std::vector<std::string>& sockets) {
  return json_text({{"requestId", id}, {"sockets", array_of(sockets)}});
}

std::string encode_rooms(const std::string& id, const std::vector<std::string>& rooms) {
  return json_text({{"requestId", id}, {"rooms", array_of(rooms)}});
}

std::string encode_done(const std::string& id) { return json_text({{"requestId", id}}); }

std::string encode_details(const std::string& id, const std::vector<SocketDetails>& sockets) {
  json::array made;
  for (const SocketDetails& socket : sockets) {
    const json::object handshake{
        {"headers", json::object{}}, {"query", json::object{}}, {"auth", json::object{}}};
    made.push_back(json::object{{"id", socket.id},
                                {"handshake", handshake},
                                {"rooms", array_of(socket.rooms)},
                                {"data", socket.data}});
  }
  return json_text({{"requestId", id}, {"sockets", std::move(made)}});
}

std::string encode_server_side_ack(const std::string& id) {
  const auto type = std::to_underlying(Type::ServerSideEmit);
  return json_text({{"type", type}, {"requestId", id}, {"data", nullptr}});
}

std::string encode_client_count(const std::string& id, std::size_t count) {
  const auto type = std::to_underlying(Type::ClientCount);
  return json_text({{"type", type}, {"requestId", id}, {"clientCount", count}});
}

std::string encode_client_ack(const std::string& id, const Payload& payload) {
  json::object made{{"type", std::to_underlying(Type::ClientAck)}, {"requestId", id}};
  if (!payload.args.empty()) made["packet"] = payload.args.front();
  return pack_msgpack(made, payload.attachments);
}

}  // namespace sio::adapter
