#include "rtc/stream/packet_cache.hpp"

#include <algorithm>

namespace rtc {

void PacketCache::store(Instant now, std::int64_t sequence, Bytes packet) {
  if (sequence < 0 || packet.size() > kPacketMax) return;
  Slot& slot = slots_[static_cast<std::size_t>(sequence) % kPackets];
  if (slot.sequence > sequence) return;  // a late one must not displace its successor
  slot.sequence = sequence;
  slot.stored = now;
  slot.size = packet.size();
  std::ranges::copy(packet, slot.octets.begin());
}

std::optional<Bytes> PacketCache::find(Instant now, std::int64_t sequence) const {
  if (sequence < 0) return std::nullopt;
  const Slot& slot = slots_[static_cast<std::size_t>(sequence) % kPackets];
  const bool is_there = slot.sequence == sequence && now - slot.stored <= kAgeMax;
  if (!is_there) return std::nullopt;
  return Bytes(slot.octets).first(slot.size);
}

}  // namespace rtc
