// What the bus tells here, told at the other servers too.
#pragma once

#include "cluster/bus.hpp"
#include "cluster/nodes.hpp"

namespace server::cluster {

// Control thread only. Both outlive this.
class BusRelay {
 public:
  BusRelay(Bus& bus, Nodes& nodes);

 private:
  Bus& bus_;
  Nodes& nodes_;
  bool is_from_elsewhere_ = false;  // what the bus is telling now came from another server
};

}  // namespace server::cluster
