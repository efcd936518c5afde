#include "gateway/remote_place.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <chrono>

#include "gateway/moved_session.hpp"

namespace server::gateway {

namespace {

namespace json = boost::json;
using std::chrono::milliseconds;

json::array events_of(const Backlog& backlog) {
  json::array events;
  for (const Backlog::EventRef& event : backlog.events()) {
    events.push_back(json::array{event->name, event->payload});
  }
  return events;
}

}  // namespace

json::value to_json(const RemotePlace& place, Instant now) {
  json::object made{{"edge", place.edge}};
  if (!place.missed) return made;
  const Backlog& missed = *place.missed;
  const bool is_over = missed.is_over(now) || missed.events().size() > kMovedLog.entries_max ||
                       missed.octets() > kMovedLog.bytes_max;
  made["leftMs"] = is_over ? 0 : std::chrono::ceil<milliseconds>(missed.until() - now).count();
  made["missed"] = is_over ? json::array() : events_of(missed);
  return made;
}

RemotePlace to_remote_place(const json::value& value, Instant now) {
  const json::object& from = value.as_object();
  RemotePlace place{cluster::NodeId(from.at("edge").as_string()), {}};
  if (!from.contains("missed")) return place;
  const milliseconds left(from.at("leftMs").to_number<std::int64_t>());
  const Duration lasts =
      std::clamp(left, milliseconds{0}, std::chrono::floor<milliseconds>(Backlog::kLasts));
  Backlog& missed = place.missed.emplace(now + (lasts - Backlog::kLasts));
  for (const json::value& one : from.at("missed").as_array()) {
    const json::array& event = one.as_array();
    missed.add(Backlog::event(event.at(0).as_string(), event.at(1)));
  }
  return place;
}

}  // namespace server::gateway
