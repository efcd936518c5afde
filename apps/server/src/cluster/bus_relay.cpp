#include "cluster/bus_relay.hpp"

#include <boost/json.hpp>

namespace server::cluster {

namespace {

constexpr std::string_view kName = "news";

struct Encoder {
  json::object operator()(const LoginEnded& news) const {
    json::object made{{"kind", "loginEnded"}, {"userId", news.user_id}};
    if (news.sid) made["sid"] = *news.sid;
    if (news.except_sid) made["exceptSid"] = *news.except_sid;
    return made;
  }
  json::object operator()(const UserRenamed& news) const {
    return {{"kind", "userRenamed"}, {"userId", news.user_id}, {"username", news.username}};
  }
  json::object operator()(const RoomChanged& news) const {
    return {{"kind", "roomChanged"}, {"roomId", news.room_id}};
  }
  json::object operator()(const RoomDeleted& news) const {
    return {{"kind", "roomDeleted"}, {"roomId", news.room_id}};
  }
};

// nullopt: news of a version that this one does not know.
std::optional<Event> decode(const json::object& from) {
  const auto text = [&](std::string_view name) { return std::string(from.at(name).as_string()); };
  const auto optional = [&](std::string_view name) {
    return from.contains(name) ? std::optional(text(name)) : std::nullopt;
  };
  const std::string kind = text("kind");
  if (kind == "loginEnded")
    return LoginEnded{text("userId"), optional("sid"), optional("exceptSid")};
  if (kind == "userRenamed") return UserRenamed{text("userId"), text("username")};
  if (kind == "roomChanged") return RoomChanged{text("roomId")};
  if (kind == "roomDeleted") return RoomDeleted{text("roomId")};
  return std::nullopt;
}

}  // namespace

BusRelay::BusRelay(Bus& bus, Nodes& nodes) : bus_(bus), nodes_(nodes) {
  bus_.subscribe([this](const Event& event) {
    if (!is_from_elsewhere_) nodes_.send_all(kName, std::visit(Encoder{}, event));
  });
  nodes_.on(std::string(kName), [this](const NodeId&, json::object& body) {
    const auto event = decode(body);
    if (!event) return;
    is_from_elsewhere_ = true;
    bus_.publish(*event);
    is_from_elsewhere_ = false;
  });
}

}  // namespace server::cluster
