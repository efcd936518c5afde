#include "call/ice_servers.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/base64.hpp"

namespace server::call {

namespace json = boost::json;

json::array IceServers::for_person(const std::string& id) const {
  json::array servers = options_.servers;
  if (options_.turn_urls.empty()) return servers;

  const auto end = unix_now_() + options_.turn_ttl;
  const std::string username = std::to_string(end.count()) + ":" + id;
  std::uint8_t mac[EVP_MAX_MD_SIZE];
  unsigned mac_size = 0;
  const Bytes message = bytes_of(username);
  HMAC(EVP_sha1(), options_.turn_secret.data(), static_cast<int>(options_.turn_secret.size()),
       message.data(), message.size(), mac, &mac_size);

  json::array urls(options_.turn_urls.begin(), options_.turn_urls.end());
  servers.push_back(json::object{{"urls", std::move(urls)},
                                 {"username", username},
                                 {"credential", base64_encode(Bytes(mac, mac_size))}});
  return servers;
}

}  // namespace server::call
