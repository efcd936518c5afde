// What a call knows of somebody who is connected to another server.
#pragma once

#include <boost/json/object.hpp>

#include "call/call_service.hpp"
#include "gateway/residence.hpp"

namespace server::call {

// All outlive what is made.
gateway::Residence make_residence(Calls& calls, CallService& call, room::RoomService& rooms,
                                  Audience& audience, std::function<Instant()> now);

// What servers of others may know of somebody who is connected here.
boost::json::object public_data(Calls& calls, const PeerId& peer);

}  // namespace server::call
