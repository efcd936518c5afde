// What one client address has of this server: its TCP connections, and the octets held for it.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>

#include "base/endpoint.hpp"
#include "base/octet_budget.hpp"

namespace server::http {

struct AddressLimits {
  std::size_t connections_max = 512;  // TCP connections, those that became WebSockets among them
  // Octets of requests that are read or answered, of answers that are written, and of what
  // WebSockets and polling clients leave unread.
  std::size_t octets_max = 24 * 1024 * 1024;
};

// Control thread only. An address of IPv6 shares its limits with its /64.
class Addresses {
  struct Row {
    OctetBudget octets;
    std::size_t connections = 0;
  };

 public:
  // How often each limit refused something, for /metrics.
  struct Refusals {
    std::uint64_t connections = 0;
    std::uint64_t octets = 0;
  };

  // `on` false bounds nothing (RATE_LIMIT=off).
  explicit Addresses(bool on, AddressLimits limits = {}) : on_(on), limits_(limits) {}

  // One connection, for as long as it lives.
  class Connection {
   public:
    Connection() = default;  // of nobody who is counted
    explicit Connection(std::shared_ptr<Row> row);
    Connection(Connection&&) noexcept = default;
    Connection& operator=(Connection&&) = delete;
    ~Connection();

   private:
    std::shared_ptr<Row> row_;
  };
  // nullopt: the address has as many as it may.
  std::optional<Connection> admit(const IpAddress& client);

  // null: nothing is bounded.
  OctetBudgetRef budget_of(const IpAddress& client);
  // Octets of one request; nullopt: the address has as many as it may.
  std::optional<HeldOctets> hold(const IpAddress& client, std::size_t octets);

  const Refusals& refusals() const { return refusals_; }

 private:
  std::shared_ptr<Row> row_of(const IpAddress& client);

  bool on_;
  AddressLimits limits_;
  Refusals refusals_;
  std::map<IpAddress, std::weak_ptr<Row>> rows_;
  std::size_t prune_at_ = 1'024;  // rows, most of them perhaps of nobody any more
};

}  // namespace server::http
