// What a call knows of somebody who is connected to another server.
#pragma once

#include "call/call_service.hpp"
#include "gateway/residence.hpp"

namespace server::call {

// All outlive what is made.
gateway::Residence make_residence(Calls& calls, CallService& call, room::RoomService& rooms,
                                  Audience& audience);

}  // namespace server::call
