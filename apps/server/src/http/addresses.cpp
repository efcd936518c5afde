#include "http/addresses.hpp"

#include <algorithm>
#include <utility>

namespace server::http {

Addresses::Connection::Connection(std::shared_ptr<Row> row) : row_(std::move(row)) {
  ++row_->connections;
}

Addresses::Connection::~Connection() {
  if (row_ != nullptr) --row_->connections;
}

std::shared_ptr<Addresses::Row> Addresses::row_of(const IpAddress& client) {
  if (rows_.size() >= prune_at_) {
    std::erase_if(rows_, [](const auto& row) { return row.second.expired(); });
    prune_at_ = std::max(prune_at_, 2 * rows_.size());
  }
  std::weak_ptr<Row>& known = rows_[client.network()];
  if (auto row = known.lock()) return row;
  auto row = std::make_shared<Row>();
  row->octets.max = limits_.octets_max;
  known = row;
  return row;
}

std::optional<Addresses::Connection> Addresses::admit(const IpAddress& client) {
  if (!on_) return Connection{};
  auto row = row_of(client);
  if (row->connections >= limits_.connections_max) {
    ++refusals_.connections;
    return std::nullopt;
  }
  return Connection(std::move(row));
}

OctetBudgetRef Addresses::budget_of(const IpAddress& client) {
  if (!on_) return nullptr;
  const auto row = row_of(client);
  return {row, &row->octets};
}

std::optional<HeldOctets> Addresses::hold(const IpAddress& client, std::size_t octets) {
  auto budget = budget_of(client);
  if (budget != nullptr && budget->held + octets > budget->max) {
    ++refusals_.octets;
    return std::nullopt;
  }
  return HeldOctets(std::move(budget), octets);
}

}  // namespace server::http
