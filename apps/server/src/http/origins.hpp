// Which pages may use this server from a browser: the one answer for cookies, CORS and WebSocket.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace server::http {

class Origins {
 public:
  // `public_url` and `further` are origins, "https://meet.example:8443"; a path is cut off. When
  // `public_url` has a loopback name, localhost, 127.0.0.1 and [::1] with its port are one origin.
  Origins(std::string_view public_url, const std::vector<std::string>& further);

  // Whether the value of an Origin header names an allowed page. "null" never does.
  bool allows(std::string_view origin) const;

 private:
  std::vector<std::string> allowed_;
};

}  // namespace server::http
