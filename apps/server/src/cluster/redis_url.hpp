// Where a Redis is and how to log in there.
#pragma once

#include <expected>
#include <string>
#include <string_view>

namespace server::cluster {

struct RedisUrl {
  std::string host;
  std::string port = "6379";
  std::string user;      // empty: the default user
  std::string password;  // empty: none
  std::string database = "0";

  // "redis://[[user]:password@]host[:port][/db]". The error says what is allowed, and holds nothing
  // of the URL, which may hold a password.
  static std::expected<RedisUrl, std::string> parse(std::string_view url);
};

}  // namespace server::cluster
