// How a client learns that its event was refused.
#pragma once

#include <boost/json.hpp>
#include <cstdint>
#include <string_view>

#include "gateway/gateway.hpp"

namespace server::gateway {

// By the acknowledgement that it asked for, or else by the event `error`, which names the refused
// one. `error` is `{"code","message"}`.
void refuse_event(Gateway& gateway, const ClientEvent& event, json::object error);

// How often each limit of this folder refused something, for /metrics.
struct Refusals {
  std::uint64_t event_rate = 0;            // events and other packets over EventRate
  std::uint64_t event_octets = 0;          // events too large to be read
  std::uint64_t refusal_rate = 0;          // connections closed by RefusalRate
  std::uint64_t octet_rate = 0;            // pauses made for OctetRate
  std::uint64_t unread_octets = 0;         // pauses made for clients that do not read
  std::uint64_t sessions_per_address = 0;  // handshakes
  std::uint64_t foreign_session = 0;       // requests with the sid of another login
  std::uint64_t sessions = 0;              // handshakes while the server was full
};

}  // namespace server::gateway
