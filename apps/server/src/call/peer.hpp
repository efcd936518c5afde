// The people of a call as everyone in it sees them.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "base/display_name.hpp"

namespace server::call {

using PeerId = std::string;  // the Socket.IO id of the connection

// Who is behind a connection, settled when it came in.
struct Identity {
  std::optional<std::string> user_id;  // nullopt: a guest
  std::string guest_id;                // random per connection; read when there is no user_id
  std::string name;                    // username, or the name that the guest gave
  std::string sid;                     // the login; empty for guests
  std::string address;                 // of the client, as text

  bool is_guest() const { return !user_id.has_value(); }
  const std::string& public_id() const { return user_id ? *user_id : guest_id; }
  // What a removal or denial sticks to: the account, or a guest's address and name, whatever
  // look-alike of it is written.
  std::string ban_key() const {
    return user_id ? "user " + *user_id : "guest " + address + " " + name_skeleton(name);
  }
};

inline constexpr std::size_t kGuestNameMax = 40;  // characters

struct UserInfo {
  std::string id;
  std::string username;
  bool guest = false;
  bool host = false;
};

// What a peer shows of itself.
struct PeerState {
  bool audio = false;
  bool video = false;
  bool screen = false;
  bool hand_raised = false;
};

struct PeerView {
  PeerId id;
  UserInfo user;
  PeerState state;
};

// Something that a peer sends through the SFU.
struct ProducerView {
  std::string id;
  PeerId peer;
  std::optional<std::string> user_id;  // nullopt: a guest
  std::string kind;                    // "audio" or "video"
  std::string source;                  // "mic", "camera", "screen" or "screen-audio"
  bool paused = false;
};

}  // namespace server::call
