#include "app/announced.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/udp.hpp>

namespace server::app {

namespace {

namespace net = boost::asio;

}  // namespace

std::vector<IpAddress> announced_addresses(const Config& config) {
  std::vector<IpAddress> addresses;
  const auto add = [&](const std::optional<IpAddress>& address) {
    if (address && std::ranges::find(addresses, *address) == addresses.end())
      addresses.push_back(*address);
  };
  net::io_context io;
  net::ip::udp::resolver resolver(io);
  for (const std::string& name : config.rtc_announced_ip) {
    if (const auto address = IpAddress::parse(name)) {
      add(address);
      continue;
    }
    boost::system::error_code error;
    const auto found = resolver.resolve(name, "", error);
    if (error || found.empty()) {
      throw std::runtime_error(
          fmt::format("RTC_ANNOUNCED_IP {} is no address, and cannot be resolved as a name", name));
    }
    for (const auto& entry : found) {
      add(IpAddress::parse(entry.endpoint().address().to_string()));
    }
  }
  return addresses;
}

std::vector<std::string> announced_mistakes(const Config& config,
                                            const std::vector<IpAddress>& announced) {
  std::vector<std::string> mistakes;
  const auto& listen = config.rtc_listen_ip;
  const bool listens_on_one = listen && !listen->is_unspecified();
  for (const IpAddress& address : announced) {
    const bool is_elsewhere = listens_on_one && listen->is_loopback() != address.is_loopback();
    if (address.is_unspecified()) {
      mistakes.push_back(fmt::format(
          "RTC_ANNOUNCED_IP {} stands for every address: name the one that browsers reach",
          address.to_string()));
    } else if (is_elsewhere) {
      mistakes.push_back(
          fmt::format("RTC_ANNOUNCED_IP {} does not lead to RTC_LISTEN_IP {}: only one of them "
                      "is of this machine alone",
                      address.to_string(), listen->to_string()));
    } else if (address.is_loopback() && is_public(config)) {
      mistakes.push_back(
          fmt::format("RTC_ANNOUNCED_IP {} is reached from this machine alone, and PUBLIC_URL {} "
                      "is for others",
                      address.to_string(), *config.public_url));
    }
  }
  if (announced.empty() && listens_on_one && listen->is_loopback() && is_public(config)) {
    mistakes.push_back(
        fmt::format("RTC_LISTEN_IP {} is reached from this machine alone, and PUBLIC_URL {} is "
                    "for others",
                    listen->to_string(), *config.public_url));
  }
  if (config.rtc_tcp_announced_port != 0 && config.rtc_workers > 1) {
    mistakes.push_back(
        fmt::format("RTC_TCP_ANNOUNCED_PORT {} can lead to one worker alone, and RTC_WORKERS is "
                    "{}: set it to 1",
                    config.rtc_tcp_announced_port, config.rtc_workers));
  }
  return mistakes;
}

sfu::SfuOptions sfu_options(const Config& config, std::vector<IpAddress> announced) {
  return {.workers = static_cast<std::size_t>(config.rtc_workers),
          .listen_ip = config.rtc_listen_ip,
          .port = config.rtc_port,
          .announced = std::move(announced),
          .tcp_announced_port = config.rtc_tcp_announced_port,
          .worker_peers = static_cast<std::size_t>(config.rtc_worker_peers)};
}

}  // namespace server::app
