#include "app/clustering.hpp"

#include "app/secrets.hpp"

namespace server::app {

namespace {

constexpr std::size_t kNameLength = 6;  // of a server that got none

}  // namespace

Clustering::Clustering(cluster::net::io_context& io, const Config& config, cluster::Bus& bus,
                       Random& random)
    : seal(jwt_secrets(config, random).access),
      redis(io, *config.redis),
      rates(redis),
      nodes(io, redis, seal, config.node_id.empty() ? random.url_safe(kNameLength) : config.node_id,
            random),
      homes(redis, nodes),
      sessions(redis, seal),
      relay(bus, nodes),
      heads(nodes) {}

}  // namespace server::app
