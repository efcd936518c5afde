// What a handler gets and gives. No Boost in here, so that the slices compile quickly.
#pragma once

#include <cstdint>
#include <expected>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/endpoint.hpp"
#include "http/api_error.hpp"

namespace server::http {

enum class Method : std::uint8_t { Get, Head, Post, Put, Patch, Delete, Options };

// Who sent a request, as the access cookie proves it.
struct Principal {
  std::string user_id;
  std::string username;
  std::string email;
  std::string sid;  // id of the login (family of refresh tokens)
};

using Header = std::pair<std::string, std::string>;

// One request, whole: limits on header, body and time have been applied, the path is split and
// percent-decoded, the client address is the real one (behind TRUST_PROXY).
struct Request {
  Method method = Method::Get;
  std::string path;                                        // decoded, no query, starts with '/'
  std::vector<std::pair<std::string, std::string>> query;  // decoded, in order
  std::vector<Header> headers;                             // as received, in order
  std::string body;
  std::string id;  // for logs and INTERNAL_ERROR
  IpAddress client;
  IpAddress peer;                             // who opened the connection: a proxy, or the client
  bool secure = false;                        // arrived by HTTPS, here or at a trusted proxy
  std::map<std::string, std::string> params;  // `:name` parts of the route
  std::optional<Principal> principal;         // set for routes that ask for it

  // First header of that name, without regard to case; empty when absent.
  std::string_view header(std::string_view name) const;
  // All headers of that name, joined to one list (RFC 9110 section 5.3); empty when absent.
  std::string header_list(std::string_view name) const;
  // Value of a cookie; nullopt when absent.
  std::optional<std::string_view> cookie(std::string_view name) const;
  // First query value of that name; nullopt when absent.
  std::optional<std::string_view> query_value(std::string_view name) const;
};

// One answer. `Content-Length`, `Date`, the request id and the security headers are added on the
// way out.
struct Response {
  unsigned status = 200;
  std::vector<Header> headers;
  std::string_view shared_headers;  // ready lines of the router's, the same for every answer
  std::string body;
  std::shared_ptr<const std::string> shared_body;  // instead of `body`, for files served to many

  Response& set(std::string name, std::string value);
};

}  // namespace server::http
