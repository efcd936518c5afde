#include "rtc/dtls/handshake_slots.hpp"

#include <algorithm>

#include "rtc/dtls/dtls_transport.hpp"

namespace rtc {

bool HandshakeSlots::take(Instant now, const IpAddress& address, DtlsTransport& dtls) {
  const IpAddress network = address.network();
  if (holders_.size() == kMax && !make_room(now, network)) {
    ++refused_;
    return false;
  }
  ++per_network_[network];
  holders_.push_back({.network = network, .since = now, .dtls = &dtls});
  return true;
}

void HandshakeSlots::release(const DtlsTransport& dtls) {
  const auto found = std::ranges::find(holders_, &dtls, &Holder::dtls);
  if (found != holders_.end()) remove(found);
}

void HandshakeSlots::remove(std::vector<Holder>::iterator holder) {
  const auto count = per_network_.find(holder->network);
  if (--count->second == 0) per_network_.erase(count);
  holders_.erase(holder);
}

// Ends the oldest handshake of the network that holds the most, where that is more than the one
// that asks will hold, and the handshake is old enough.
bool HandshakeSlots::make_room(Instant now, const IpAddress& network) {
  const auto own = per_network_.find(network);
  std::size_t most = own == per_network_.end() ? 1 : own->second + 1;
  auto victim = holders_.end();
  for (auto one = holders_.begin(); one != holders_.end(); ++one) {
    if (now - one->since < kPatience) break;
    const std::size_t held = per_network_.at(one->network);
    if (held <= most) continue;
    most = held;
    victim = one;
  }
  if (victim == holders_.end()) return false;
  victim->dtls->give_up();
  ++ended_;
  remove(victim);
  return true;
}

}  // namespace rtc
