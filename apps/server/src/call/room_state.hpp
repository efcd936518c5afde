// A room on its way to another server: all that its call knows, as one JSON document.
#pragma once

#include <cstdint>
#include <expected>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"
#include "call/calls.hpp"

namespace server::call {

// Times are spans, since the clocks of two servers have nothing to do with each other.
struct RoomState {
  struct Person {
    PeerId id;
    Identity who;
    Place place = Place::Inside;  // never Nowhere
    PeerState state;
    bool is_host = false;
    Duration waited{0};            // since it knocked; of who is Waiting
    std::optional<Duration> away;  // since its connection was lost
  };

  std::string room_id;
  CallMode mode;
  std::vector<Person>
      people;  // members in the order of joining, who waits in the order of knocking
  std::map<std::string, Duration> denied;  // by Identity::ban_key(): how much longer
  std::set<std::string> removed;           // by Identity::ban_key()
};

inline constexpr std::size_t kRoomStateMax = 2 * 1024 * 1024;  // octets of the document
inline constexpr std::size_t kRoomPeopleMax = 2'000;           // members, held and waiting

enum class RoomStateError : std::uint8_t {
  TooLong,     // more than kRoomStateMax
  NotJson,     // or nested deeper than such a document is
  WrongShape,  // a field that is missing, of another type, or out of its range
  TooMany,     // people, or removals and denials
  SamePerson,  // one id twice
};
std::string_view name_of(RoomStateError error);

std::string to_text(const RoomState& state);
std::expected<RoomState, RoomStateError> room_state_from_text(std::string_view text);

}  // namespace server::call
