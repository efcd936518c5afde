#include "app/doctor.hpp"

#include <fmt/format.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <functional>

#include "app/accounts.hpp"
#include "app/announced.hpp"
#include "app/client_folder.hpp"
#include "cluster/redis.hpp"
#include "db/durability.hpp"
#include "http/listener.hpp"
#include "sfu/media_worker.hpp"

namespace server::app {

namespace {

// A check throws what is wrong, and returns what is good to know.
Finding find(std::string what, const std::function<std::string()>& check) {
  try {
    std::string detail = check();
    return {true, std::move(what), std::move(detail)};
  } catch (const std::exception& error) {
    return {false, std::move(what), error.what()};
  }
}

std::string check_database(const Config& config) {
  db::Connection connection(database_url(config));
  const int version = db::schema_version(connection);
  const int known = db::all_migrations().back().version;
  if (version > known) {
    throw std::runtime_error(
        fmt::format("its schema is of version {}, and this program knows {}: install a newer one",
                    version, known));
  }
  if (const auto mistakes = db::durability_mistakes(connection); !mistakes.empty()) {
    throw std::runtime_error(fmt::format("{}", fmt::join(mistakes, "; ")));
  }
  return version == known
             ? fmt::format("reached, schema version {}", version)
             : fmt::format("reached, schema version {} of {}: the next start brings it up to date",
                           version, known);
}

std::string check_redis(const Config& config) {
  if (!config.redis) return "REDIS_URL is not set: this server is on its own";
  net::io_context io;
  cluster::Redis redis(io, *config.redis);
  auto tried = net::co_spawn(io, redis.try_once(), net::use_future);
  io.run();
  if (std::string mistake = tried.get(); !mistake.empty()) throw std::runtime_error(mistake);
  return "reached";
}

std::string check_http(const Config& config) {
  net::io_context io;
  const http::Listener listener(io, {.host = config.host,
                                     .port = config.port,
                                     .tls_cert = config.tls_cert,
                                     .tls_key = config.tls_key});
  return fmt::format("{} port {} can be had{}", config.host, listener.port(),
                     config.tls_cert.empty() ? "" : ", certificate and key are good");
}

std::string check_media(const Config& config) {
  std::vector<std::unique_ptr<sfu::MediaWorker>> workers;
  for (int i = 0; i < config.rtc_workers; ++i) {
    const auto port = static_cast<std::uint16_t>(config.rtc_port == 0 ? 0 : config.rtc_port + i);
    try {
      workers.push_back(std::make_unique<sfu::MediaWorker>(
          sfu::MediaWorkerOptions{.listen_ip = config.rtc_listen_ip, .port = port, .cpu = {}}));
    } catch (const std::exception& error) {
      throw std::runtime_error(fmt::format(
          "UDP and TCP port {} cannot be had: {}; another program has it, or RTC_LISTEN_IP is not "
          "of this machine",
          port, error.what()));
    }
  }
  std::vector<std::uint16_t> ports;
  for (const auto& worker : workers) ports.push_back(worker->port());
  return fmt::format("by UDP and by TCP {} can be had; open them in the firewall",
                     fmt::join(ports, ", "));
}

std::string check_announced(const Config& config) {
  const auto announced = announced_addresses(config);
  const auto mistakes = announced_mistakes(config, announced);
  if (!mistakes.empty()) throw std::runtime_error(fmt::format("{}", fmt::join(mistakes, "; ")));
  if (announced.empty()) {
    return "RTC_ANNOUNCED_IP is not set: right for one machine or one network; behind NAT set it "
           "to the public address";
  }
  std::vector<std::string> shown;
  for (const IpAddress& address : announced) shown.push_back(address.to_string());
  return fmt::format("browsers are told {}", fmt::join(shown, " and "));
}

std::string check_page() {
  const auto folder = client_folder();
  if (!std::filesystem::exists(folder / "index.html")) {
    throw std::runtime_error("not built: run scripts/run, or make build");
  }
  return "built";
}

}  // namespace

std::vector<Finding> examine(const Config& config) {
  return {find("database", [&] { return check_database(config); }),
          find("Redis", [&] { return check_redis(config); }),
          find("web door", [&] { return check_http(config); }),
          find("media door", [&] { return check_media(config); }),
          find("announced address", [&] { return check_announced(config); }),
          find("page", check_page)};
}

}  // namespace server::app
