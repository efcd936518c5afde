#include "app/config.hpp"

#include <algorithm>
#include <thread>

#include "app/setting_reader.hpp"

namespace server::app {

namespace {

constexpr std::size_t kSecretBytesMin = 32;
constexpr int kWorkersMax = 64;
constexpr std::size_t kNodeIdMax = 64;

bool is_origin(std::string_view url) {
  const bool has_scheme = url.starts_with("http://") || url.starts_with("https://");
  const std::size_t host = url.find("://");
  return has_scheme && host + 3 < url.size() &&
         url.find_first_of(" \"<>") == std::string_view::npos;
}

bool is_node_id(std::string_view name) {
  return name.size() <= kNodeIdMax && std::ranges::all_of(name, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '-' || c == '_';
         });
}

void read_doors(SettingReader& in, Config& config) {
  config.host = in.text("HOST", config.host);
  if (!IpAddress::parse(config.host))
    in.refuse("HOST", config.host, "an IP address of this machine");
  config.port = static_cast<std::uint16_t>(in.integer("PORT", config.port, 0, 65'535));
  const std::string public_url = in.text("PUBLIC_URL", "");
  if (!public_url.empty()) config.public_url = public_url;
  if (config.public_url && !is_origin(*config.public_url)) {
    in.refuse("PUBLIC_URL", *config.public_url, "an origin such as https://meet.example");
  }
  config.allowed_origins = in.list("ALLOWED_ORIGINS");
  for (const std::string& origin : config.allowed_origins) {
    if (!is_origin(origin))
      in.refuse("ALLOWED_ORIGINS", origin, "origins such as https://meet.example");
  }
  config.tls_cert = in.text("TLS_CERT", "");
  config.tls_key = in.text("TLS_KEY", "");
  if (config.tls_cert.empty() != config.tls_key.empty()) {
    const bool cert_missing = config.tls_cert.empty();
    in.refuse(cert_missing ? "TLS_CERT" : "TLS_KEY", "", "both TLS_CERT and TLS_KEY, or neither");
  }
  for (const std::string& text : in.list("TRUST_PROXY")) {
    if (const auto network = IpNetwork::parse(text))
      config.trust_proxy.push_back(*network);
    else
      in.refuse("TRUST_PROXY", text, "comma-separated IP addresses and networks (10.0.0.0/8)");
  }
}

void read_store(SettingReader& in, Config& config) {
  config.database_url = in.secret("DATABASE_URL");
  if (config.database_url.empty()) config.database_url = Config{}.database_url;
  if (config.database_url.starts_with("sqlite:")) in.lines().back().value = config.database_url;
  const bool is_known = config.database_url.starts_with("sqlite:") ||
                        config.database_url.starts_with("postgresql://") ||
                        config.database_url.starts_with("postgres://");
  if (!is_known) {
    in.refuse("DATABASE_URL", "(hidden)", "sqlite:FILE or postgresql://user:password@host:port/db");
  }
  config.database_pool =
      static_cast<int>(in.integer("DATABASE_POOL", config.database_pool, 1, 256));
  if (const std::string url = in.secret("REDIS_URL"); !url.empty()) {
    if (auto parsed = cluster::RedisUrl::parse(url))
      config.redis = *std::move(parsed);
    else
      in.refuse("REDIS_URL", "(hidden)", parsed.error());
  }
  config.node_id = in.text("NODE_ID", "");
  if (!is_node_id(config.node_id)) {
    in.refuse("NODE_ID", config.node_id, "at most 64 letters, digits, '-' and '_'");
  }
}

void read_accounts(SettingReader& in, Config& config) {
  config.jwt_access_secret = in.secret("JWT_ACCESS_SECRET");
  config.jwt_refresh_secret = in.secret("JWT_REFRESH_SECRET");
  config.jwt_access_secret_previous = in.secret("JWT_ACCESS_SECRET_PREVIOUS");
  config.jwt_refresh_secret_previous = in.secret("JWT_REFRESH_SECRET_PREVIOUS");
  for (const auto& [name, secret] :
       {std::pair{"JWT_ACCESS_SECRET", &config.jwt_access_secret},
        std::pair{"JWT_REFRESH_SECRET", &config.jwt_refresh_secret},
        std::pair{"JWT_ACCESS_SECRET_PREVIOUS", &config.jwt_access_secret_previous},
        std::pair{"JWT_REFRESH_SECRET_PREVIOUS", &config.jwt_refresh_secret_previous}}) {
    const bool is_short = !secret->empty() && secret->size() < kSecretBytesMin;
    if (is_short) in.refuse(name, "(hidden)", "at least 32 bytes");
  }
  const bool is_half = config.jwt_access_secret.empty() != config.jwt_refresh_secret.empty();
  if (is_half) in.refuse("JWT_ACCESS_SECRET", "(hidden)", "both JWT secrets, or neither");
  for (const std::string* access :
       {&config.jwt_access_secret, &config.jwt_access_secret_previous}) {
    const bool is_equal = !access->empty() && (*access == config.jwt_refresh_secret ||
                                               *access == config.jwt_refresh_secret_previous);
    if (is_equal)
      in.refuse("JWT_REFRESH_SECRET", "(hidden)", "other secrets than those of JWT_ACCESS_SECRET");
  }
  config.bcrypt_rounds = static_cast<int>(in.integer("BCRYPT_ROUNDS", config.bcrypt_rounds, 4, 15));
  config.lockout_attempts =
      static_cast<int>(in.integer("LOCKOUT_ATTEMPTS", config.lockout_attempts, 1, 1'000));
  config.lockout =
      std::chrono::minutes(in.integer("LOCKOUT_MINUTES", config.lockout.count(), 1, 10'080));
  config.chat_retention = std::chrono::days(
      in.integer("CHAT_RETENTION_DAYS", config.chat_retention.count(), 0, 36'500));
  config.rate_limit = in.choice("RATE_LIMIT", "on", {"on", "off"}) == "on";
}

void read_media(SettingReader& in, Config& config) {
  config.room_max_peers =
      static_cast<int>(in.integer("ROOM_MAX_PEERS", config.room_max_peers, 2, 1'000));
  config.rtc_port = static_cast<std::uint16_t>(in.integer("RTC_PORT", config.rtc_port, 0, 65'535));
  config.rtc_tcp_announced_port =
      static_cast<std::uint16_t>(in.integer("RTC_TCP_ANNOUNCED_PORT", 0, 0, 65'535));
  const auto cores = static_cast<int>(std::thread::hardware_concurrency());
  config.rtc_workers = static_cast<int>(
      in.integer("RTC_WORKERS", std::clamp(cores, 1, kWorkersMax), 1, kWorkersMax));
  if (config.rtc_port != 0 && config.rtc_port + config.rtc_workers - 1 > 65'535) {
    in.refuse("RTC_PORT", std::to_string(config.rtc_port),
              "a port with room above it for one more for each further worker of RTC_WORKERS");
  }
  const std::string listen_ip = in.text("RTC_LISTEN_IP", "");
  config.rtc_listen_ip = IpAddress::parse(listen_ip);
  if (!listen_ip.empty() && !config.rtc_listen_ip) {
    in.refuse("RTC_LISTEN_IP", listen_ip, "an IP address of this machine");
  }
  config.rtc_announced_ip = in.list("RTC_ANNOUNCED_IP");
  config.rtc_worker_peers =
      static_cast<int>(in.integer("RTC_WORKER_PEERS", config.rtc_worker_peers, 1, 1'000));
  config.rtc_p2p_max_peers =
      static_cast<int>(in.integer("RTC_P2P_MAX_PEERS", config.rtc_p2p_max_peers, 0, 10));
  if (const std::string servers = in.text("ICE_SERVERS", ""); !servers.empty()) {
    boost::system::error_code error;
    auto value = boost::json::parse(servers, error);
    if (!error && value.is_array())
      config.ice_servers = std::move(value.get_array());
    else
      in.refuse("ICE_SERVERS", servers, "a JSON array of {urls, username?, credential?}");
  }
  config.turn_urls = in.list("TURN_URLS");
  config.turn_secret = in.secret("TURN_SECRET");
  if (config.turn_urls.empty() != config.turn_secret.empty()) {
    in.refuse("TURN_URLS", "", "both TURN_URLS and TURN_SECRET, or neither");
  }
  config.turn_ttl =
      std::chrono::seconds(in.integer("TURN_TTL", config.turn_ttl.count(), 60, 604'800));
}

}  // namespace

bool is_public(const Config& config) {
  if (!config.public_url) return false;
  const std::string_view url = *config.public_url;
  const std::string_view rest = url.substr(url.find("://") + 3);
  return !is_loopback_authority(rest.substr(0, rest.find('/')));
}

LoadedConfig load_config(const SettingReader::Environment& environment, std::string_view file_text,
                         bool on_terminal) {
  LoadedConfig loaded;
  SettingReader in(environment, file_text);
  read_doors(in, loaded.config);
  read_store(in, loaded.config);
  read_accounts(in, loaded.config);
  read_media(in, loaded.config);
  loaded.config.metrics_token = in.secret("METRICS_TOKEN");
  loaded.config.admin_token = in.secret("ADMIN_TOKEN");
  loaded.config.log_level =
      in.choice("LOG_LEVEL", loaded.config.log_level, {"debug", "info", "warn", "error"});
  loaded.config.log_format =
      in.choice("LOG_FORMAT", on_terminal ? "text" : "json", {"text", "json"});
  in.refuse_unknown();
  loaded.lines = std::move(in.lines());
  loaded.mistakes = std::move(in.mistakes());
  return loaded;
}

}  // namespace server::app
