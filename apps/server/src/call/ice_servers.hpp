// The STUN and TURN servers that a page is told to use.
#pragma once

#include <boost/json.hpp>
#include <chrono>
#include <functional>
#include <string>
#include <vector>

namespace server::call {

struct IceServerOptions {
  boost::json::array servers;          // ICE_SERVERS, or the server's own STUN
  std::vector<std::string> turn_urls;  // TURN_URLS
  std::string turn_secret;             // coturn's static-auth-secret
  std::chrono::seconds turn_ttl{86'400};
};

class IceServers {
 public:
  // `unix_now` in seconds.
  IceServers(IceServerOptions options, std::function<std::chrono::seconds()> unix_now)
      : options_(std::move(options)), unix_now_(std::move(unix_now)) {}

  const boost::json::array& for_anyone() const { return options_.servers; }
  // With TURN credentials that end after turn_ttl: the user name is "<end>:<person>", the
  // password its HMAC-SHA1 under the secret, as coturn's `use-auth-secret` checks it.
  boost::json::array for_person(const std::string& id) const;

 private:
  IceServerOptions options_;
  std::function<std::chrono::seconds()> unix_now_;
};

}  // namespace server::call
