// What makes several servers one; built when REDIS_URL is set.
#pragma once

#include "app/config.hpp"
#include "cluster/bus_relay.hpp"
#include "cluster/head_counts.hpp"
#include "cluster/nodes.hpp"
#include "cluster/room_homes.hpp"
#include "cluster/seal.hpp"
#include "cluster/shared_rates.hpp"
#include "cluster/stored_sessions.hpp"

namespace server::app {

// In the order of construction. All that it is built on outlives it.
struct Clustering {
  Clustering(cluster::net::io_context& io, const Config& config, cluster::Bus& bus, Random& random);

  cluster::Seal seal;
  cluster::Redis redis;
  cluster::SharedRates rates;
  cluster::Nodes nodes;
  cluster::RoomHomes homes;
  cluster::StoredSessions sessions;
  cluster::BusRelay relay;
  cluster::HeadCounts heads;
};

}  // namespace server::app
