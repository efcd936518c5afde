// A route is a row of a table: the slices make the rows, `app` hands them to the router.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <functional>
#include <string>
#include <vector>

#include "http/message.hpp"

namespace server::http {

namespace net = boost::asio;

enum class Access : std::uint8_t {
  Public,    // no principal is looked for
  Optional,  // `request.principal` is set when there is a valid access cookie
  User,      // 401 UNAUTHORIZED without a valid access cookie
};

// Handlers run on the control thread and never block it. `request` lives until the handler is done.
using Handler = std::function<net::awaitable<Response>(const Request& request)>;

struct Route {
  Method method = Method::Get;
  std::string pattern;  // "/api/users/:id"
  Access access = Access::Public;
  Handler handler;
  std::size_t body_max = 16 * 1024;                // octets
  std::string_view produces = "application/json";  // what a client must accept
};

using Routes = std::vector<Route>;

// Finds out who sent a request; given to the router by `app`.
using Authenticate = std::function<net::awaitable<Result<Principal>>(const Request& request)>;

}  // namespace server::http
