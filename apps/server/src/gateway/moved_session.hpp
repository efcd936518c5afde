// A session that goes on at another server, as text for the way there.
#pragma once

#include <boost/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "cluster/nodes.hpp"
#include "sio/server.hpp"

namespace server::gateway {

struct MovedSession {
  sio::SavedSession session;
  boost::json::value who;  // of Residence::describe()
  cluster::NodeId home;    // where its room lives, unless that has moved meanwhile
  std::string room;        // it lives there for this one
};

// What of the missed goes along; who missed more starts anew.
inline constexpr sio::EventLog::Limits kMovedLog{.entries_max = 1'000, .bytes_max = 256 * 1024};

std::string moved_to_text(const MovedSession& moved);
// nullopt: it is not one, or beyond the bounds.
std::optional<MovedSession> moved_from_text(std::string_view text, Instant now);

}  // namespace server::gateway
