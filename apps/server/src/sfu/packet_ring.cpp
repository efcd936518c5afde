#include "sfu/packet_ring.hpp"

#include <algorithm>

namespace server::sfu {

bool PacketRing::put(Bytes packet) {
  const bool is_full = written_ - released_.load(std::memory_order_acquire) == kSlots;
  if (is_full || packet.size() > rtc::Outbox::kDatagramMax) return false;
  Slot& slot = slots_[written_++ % kSlots];
  slot.size = packet.size();
  std::ranges::copy(packet, slot.octets.begin());
  return true;
}

void PacketRing::publish() {
  if (published_.load(std::memory_order_relaxed) == written_) return;
  published_.store(written_, std::memory_order_release);
  reader_->call();
}

}  // namespace server::sfu
