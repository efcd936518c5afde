// What one client, or all of one address, may cost: the part of SioGateway about limits.
#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

#include "gateway/sio_gateway.hpp"
#include "http/session.hpp"

namespace server::gateway {

namespace {

using http::steady_now;
using namespace std::chrono_literals;

constexpr auto kQuiet = net::as_tuple(net::use_awaitable);

// A session with more events waiting is not read any further until half of them are done.
constexpr std::size_t kPendingMax = 64;

// A client that has left so many octets unread gets no further answer built: as much as the largest
// answer has.
constexpr std::size_t kUnreadMax = 256 * 1024;
constexpr Duration kLookAgain = 1s;  // whether a client has read, or another of its address

// What the sockets of an address keep for a return altogether, …
constexpr std::size_t kLogsMax = 8 * 1024 * 1024;
// … and each of them.
constexpr std::size_t kLogMax = 1024 * 1024;
constexpr std::size_t kLogMin = 16 * 1024;

}  // namespace

sio::EventLog::Limits SioGateway::log_limits(std::size_t sockets) {
  return {.share_max = std::clamp(kLogsMax / sockets, kLogMin, kLogMax)};
}

bool SioGateway::take_packet(Instant now, sio::SessionId session) {
  Line* line = line_of(session);
  if (!rate_limit_ || line == nullptr || line->events.take_packet(now)) return true;
  ++refusals_.event_rate;
  count_refusal(now, session);
  return false;
}

// A client that goes on all the same is no client of ours.
void SioGateway::count_refusal(Instant now, sio::SessionId session) {
  Line* line = line_of(session);
  if (!rate_limit_ || line == nullptr || line->refusals.take(now)) return;
  if (server_.close_session(now, session)) ++refusals_.refusal_rate;
}

void SioGateway::charge_input(sio::SessionId session, std::size_t octets) {
  Line* line = line_of(session);
  if (!rate_limit_ || line == nullptr) return;
  const Instant now = steady_now();
  line->octets.charge(now, octets);
  if (line->octets.paid_at(now) > now) ++refusals_.octet_rate;
}

// The more sockets an address has, the less is kept for the return of each.
void SioGateway::share_logs(const SocketId& id, const IpAddress& network) {
  peers_.at(id).network = network;
  const std::size_t sockets = ++peers_of_[network];
  if (rate_limit_) server_.limit_log(id, log_limits(sockets));
}

void SioGateway::done_with_event(sio::SessionId session) {
  Line* line = line_of(session);
  if (line == nullptr || line->pending == 0) return;
  if (--line->pending <= kPendingMax / 2) wake(*line);
}

// Once an address holds half of its budget, its sessions with anything unread get nothing further.
bool SioGateway::is_behind(sio::SessionId session, Instant) const {
  const auto line = lines_.find(session);
  if (line == lines_.end()) return false;
  const std::size_t unread = server_.engine().unread_octets(session);
  const OctetBudgetRef& budget = line->second.budget;
  const bool is_tight = budget != nullptr && budget->held > budget->max / 2;
  return unread > (is_tight ? 0 : kUnreadMax);
}

bool SioGateway::is_congested(sio::SessionId session, Instant now) const {
  const auto line = lines_.find(session);
  if (line == lines_.end()) return false;
  return line->second.pending >= kPendingMax || line->second.octets.paid_at(now) > now ||
         is_behind(session, now);
}

net::awaitable<void> SioGateway::wait_while(Holds holds, sio::SessionId session) {
  for (Instant now = steady_now(); (this->*holds)(session, now); now = steady_now()) {
    Line& line = *line_of(session);
    if (is_behind(session, now) && behind_.insert(session).second) ++refusals_.unread_octets;
    const Duration debt_time = line.octets.paid_at(now) - now;
    const auto relief = std::make_shared<net::steady_timer>(io_);
    relief->expires_after(debt_time > Duration::zero() ? std::min(debt_time, kLookAgain)
                                                       : kLookAgain);
    std::erase_if(line.waiting, [](const auto& one) { return one.expired(); });
    line.waiting.push_back(relief);
    co_await relief->async_wait(kQuiet);
  }
}

void SioGateway::wake(Line& line) {
  for (const auto& one : std::exchange(line.waiting, {})) {
    if (const auto relief = one.lock()) relief->cancel();
  }
}

void SioGateway::wake_those_who_read() {
  const Instant now = steady_now();
  std::erase_if(behind_, [&](sio::SessionId session) {
    if (is_behind(session, now)) return false;
    if (Line* line = line_of(session)) wake(*line);
    return true;
  });
}

}  // namespace server::gateway
