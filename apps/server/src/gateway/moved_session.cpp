#include "gateway/moved_session.hpp"

#include "base/base64.hpp"

namespace server::gateway {

namespace {

namespace json = boost::json;

constexpr std::size_t kDepthMax = 8;
constexpr std::size_t kTextMax =
    2 * 1024 * 1024;  // the log with its escapes, and what is around it
constexpr sio::EventOffset kOffsetMax = sio::EventOffset{1} << 53;

std::string text_of(const json::object& from, std::string_view name) {
  return std::string(from.at(name).as_string());
}

sio::EventOffset offset_of(const json::value& value) {
  const auto offset = value.to_number<sio::EventOffset>();
  if (offset > kOffsetMax) throw std::out_of_range("offset");
  return offset;
}

// `[offset, text, attachment in base64, …]`
sio::Frames frames_of(const json::array& entry) {
  sio::Frames frames{sio::make_frame(entry.at(1).as_string(), false)};
  for (std::size_t i = 2; i < entry.size(); ++i) {
    const auto octets = base64_decode(entry[i].as_string());
    if (!octets) throw std::invalid_argument("attachment");
    frames.push_back(sio::make_frame(::text_of(*octets), true));
  }
  return frames;
}

json::array entries_of(const sio::EventLog& log) {
  json::array made;
  for (const sio::EventLog::Entry& entry : log.entries()) {
    const std::string_view payload = entry.frame->payload();
    if (entry.frame->binary) {
      made.back().as_array().push_back(json::string(base64_encode(bytes_of(payload))));
    } else {
      made.push_back(json::array{entry.offset, payload});
    }
  }
  return made;
}

sio::EventLog log_of(const json::object& from, Instant now) {
  const sio::EventOffset dropped = offset_of(from.at("dropped"));
  sio::EventLog log(dropped);
  for (const json::value& one : from.at("log").as_array()) {
    const json::array& entry = one.as_array();
    const sio::EventOffset offset = offset_of(entry.at(0));
    if (offset <= log.last()) throw std::out_of_range("offset");
    log.append(now, offset, frames_of(entry), kMovedLog);
  }
  if (log.dropped() != dropped) throw std::length_error("log");
  return log;
}

}  // namespace

std::string moved_to_text(const MovedSession& moved) {
  return json::serialize(json::object{{"socket", moved.session.socket},
                                      {"pid", moved.session.pid},
                                      {"nsp", moved.session.nsp},
                                      {"dropped", moved.session.log.dropped()},
                                      {"log", entries_of(moved.session.log)},
                                      {"who", moved.who},
                                      {"home", moved.home},
                                      {"room", moved.room}});
}

std::optional<MovedSession> moved_from_text(std::string_view text, Instant now) {
  if (text.size() > kTextMax) return std::nullopt;
  boost::system::error_code wrong;
  json::parse_options options;
  options.max_depth = kDepthMax;
  json::value parsed = json::parse(text, wrong, {}, options);
  if (wrong || !parsed.is_object()) return std::nullopt;
  const json::object& from = parsed.get_object();
  try {
    return MovedSession{
        {text_of(from, "socket"), text_of(from, "pid"), text_of(from, "nsp"), log_of(from, now)},
        from.at("who"),
        text_of(from, "home"),
        text_of(from, "room")};
  } catch (const std::exception&) {
    return std::nullopt;
  }
}

}  // namespace server::gateway
