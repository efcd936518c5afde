// What the operator asks for: environment variables and a file of `KEY=value` lines, checked once,
// at the start (docs/operations.md).
#pragma once

#include <boost/json.hpp>
#include <chrono>
#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ip_network.hpp"
#include "cluster/redis_url.hpp"

namespace server::app {

struct Config {
  std::string host = "::";
  std::uint16_t port = 3000;
  std::optional<std::string> public_url;  // nullopt: http(s)://localhost:PORT
  std::vector<std::string> allowed_origins;
  std::string tls_cert;
  std::string tls_key;
  std::vector<IpNetwork> trust_proxy;
  std::string database_url = "sqlite:data/webrtc-chat.db";
  int database_pool = 8;
  std::optional<cluster::RedisUrl> redis;  // nullopt: this server alone
  std::string node_id;                     // empty: a random one
  std::string jwt_access_secret;           // empty: from data/secrets
  std::string jwt_refresh_secret;          // empty: from data/secrets
  std::string jwt_access_secret_previous;  // empty, or still verifies and signs nothing
  std::string jwt_refresh_secret_previous;
  int bcrypt_rounds = 10;
  int lockout_attempts = 5;
  std::chrono::minutes lockout{15};
  bool rate_limit = true;
  std::chrono::days chat_retention{0};  // 0: messages are kept for ever
  int room_max_peers = 100;
  std::uint16_t rtc_port = 40000;            // of the first worker; 0: free ones
  std::uint16_t rtc_tcp_announced_port = 0;  // 0: the worker's own
  int rtc_workers = 1;
  int rtc_worker_peers = 50;
  std::optional<IpAddress> rtc_listen_ip;
  std::vector<std::string> rtc_announced_ip;  // addresses and host names
  int rtc_p2p_max_peers = 2;
  std::optional<boost::json::array> ice_servers;  // nullopt: the server's own STUN
  std::vector<std::string> turn_urls;
  std::string turn_secret;
  std::chrono::seconds turn_ttl{86'400};
  std::string metrics_token;  // empty: /metrics is for requests made on this machine
  std::string admin_token;    // empty: `metrics_token`
  std::string log_level = "info";
  std::string log_format;  // "text" or "json"
};

// One wrong value: its variable, what was given (hidden for secrets), and what is allowed.
struct ConfigMistake {
  std::string name;
  std::string value;
  std::string allowed;
};

// One variable as it is in force, for people; secrets hidden.
struct ConfigLine {
  std::string name;
  std::string value;
  bool is_default = false;
};

struct LoadedConfig {
  Config config;
  std::vector<ConfigLine> lines;
  std::vector<ConfigMistake> mistakes;  // when there is one, `config` must not be used
};

// Whether PUBLIC_URL is a name that others reach this machine by.
bool is_public(const Config& config);

// `environment` gives a variable's value; it wins over `file_text`, the text of the --config file.
// `on_terminal` chooses the default LOG_FORMAT.
LoadedConfig load_config(const std::function<std::optional<std::string>(const char*)>& environment,
                         std::string_view file_text, bool on_terminal);

}  // namespace server::app
