// Datagrams that are ready to be sent, in the order they were made.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "base/bytes.hpp"
#include "rtc/ice/path.hpp"

namespace rtc {

// Packets are written, and encrypted, straight into its slots. Bounded: what finds no room is
// dropped and counted, as a full socket would do. Allocates when made, never later.
class Outbox {
 public:
  static constexpr std::size_t kDatagramMax = 1500;  // octets

  struct Slot {
    Path path;
    std::size_t size = 0;
    std::array<std::uint8_t, kDatagramMax> octets;

    Bytes datagram() const { return Bytes(octets).first(size); }
  };

  explicit Outbox(std::size_t slots) : slots_(slots) {}

  // Room for the next datagram, of kDatagramMax octets; empty when all slots are taken. Without
  // commit() the slot stays free.
  MutableBytes reserve() {
    if (count_ < slots_.size()) return slots_[count_].octets;
    ++dropped_;
    return {};
  }
  // The first `size` octets of what reserve() gave are to be sent on `path`.
  void commit(const Path& path, std::size_t size) {
    slots_[count_].path = path;
    slots_[count_].size = size;
    ++count_;
  }

  std::span<const Slot> ready() const { return std::span(slots_).first(count_); }
  void clear() { count_ = 0; }
  std::size_t free_slots() const { return slots_.size() - count_; }
  std::uint64_t dropped() const { return dropped_; }

 private:
  std::vector<Slot> slots_;
  std::size_t count_ = 0;
  std::uint64_t dropped_ = 0;
};

}  // namespace rtc
