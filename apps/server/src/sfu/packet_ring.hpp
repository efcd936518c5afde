// Packets from one media worker to another: one direction of a pipe.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/bytes.hpp"
#include "rtc/transport/outbox.hpp"
#include "sfu/wake_up.hpp"

namespace server::sfu {

// One thread writes and one reads, without a lock. Bounded: what finds no room is lost, as in the
// buffer of a socket, and the reader's engine asks for it again. Allocates when made, never later.
class PacketRing {
 public:
  static constexpr std::size_t kSlots = 512;  // 10 ms of a hundred people's video

  explicit PacketRing(std::shared_ptr<WakeUp> reader)
      : reader_(std::move(reader)), slots_(kSlots) {}

  // The writer's: false when there is no room.
  bool put(Bytes packet);
  // The reader sees what was put, and is woken for it.
  void publish();

  // The reader's: so many packets are there, and may be written to until release().
  std::size_t readable() const { return published_.load(std::memory_order_acquire) - read_; }
  MutableBytes at(std::size_t index) {
    Slot& slot = slots_[(read_ + index) % kSlots];
    return MutableBytes(slot.octets).first(slot.size);
  }
  // The first `count` of them have been dealt with.
  void release(std::size_t count) {
    read_ += count;
    released_.store(read_, std::memory_order_release);
  }

 private:
  struct Slot {
    std::size_t size = 0;
    std::array<std::uint8_t, rtc::Outbox::kDatagramMax> octets;
  };
  static constexpr std::size_t kCacheLine = 64;  // of one's own, so that the threads share fewer

  std::shared_ptr<WakeUp> reader_;
  std::vector<Slot> slots_;
  // Packets since the beginning. Of the writer:
  alignas(kCacheLine) std::size_t written_ = 0;
  std::atomic<std::size_t> published_ = 0;
  // Of the reader:
  alignas(kCacheLine) std::size_t read_ = 0;
  std::atomic<std::size_t> released_ = 0;
};

}  // namespace server::sfu
