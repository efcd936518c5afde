// The last packets of a stream, for whoever missed one.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/bytes.hpp"
#include "base/time.hpp"

namespace rtc {

// One copy serves all receivers of a stream: they keep only which packet went out under which
// number. Bounded in packets and in age; allocates when made, never later.
class PacketCache {
 public:
  static constexpr std::size_t kPackets = 512;     // half a second of 10 Mbit/s
  static constexpr std::size_t kPacketMax = 1500;  // octets; longer ones are not kept
  static constexpr Duration kAgeMax = std::chrono::seconds{2};

  PacketCache() : slots_(kPackets) {}

  // `sequence` is unwrapped, and not negative.
  void store(Instant now, std::int64_t sequence, Bytes packet);
  // The packet, until the next store(); nullopt when it is not there any more, or never was.
  std::optional<Bytes> find(Instant now, std::int64_t sequence) const;

 private:
  struct Slot {
    std::int64_t sequence = -1;
    Instant stored;
    std::size_t size = 0;
    std::array<std::uint8_t, kPacketMax> octets;
  };

  std::vector<Slot> slots_;
};

}  // namespace rtc
