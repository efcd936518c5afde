#include "call/call_routes.hpp"

#include "http/json.hpp"

namespace server::call {

namespace {

namespace json = boost::json;
namespace net = boost::asio;

net::awaitable<http::Response> rtc_config(const IceServers& ice, int p2p_peers_max,
                                          const http::Request& request) {
  const json::array servers =
      request.principal ? ice.for_person(request.principal->user_id) : ice.for_anyone();
  co_return http::json_response(200, {{"iceServers", servers}, {"p2pMaxPeers", p2p_peers_max}});
}

}  // namespace

http::Routes call_routes(const IceServers& ice, int p2p_peers_max) {
  return {{http::Method::Get, "/api/rtc/config", http::Access::Optional,
           [&ice, p2p_peers_max](const http::Request& request) {
             return rtc_config(ice, p2p_peers_max, request);
           }}};
}

}  // namespace server::call
