// Datagrams that are ready to be sent, in the order they were made.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/bytes.hpp"
#include "rtc/ice/path.hpp"
#include "rtc/srtp/signing_queue.hpp"

namespace rtc {

// Packets are written, and encrypted, straight to where they are sent from, each right behind the
// one before: so a run of them to one receiver is one piece of memory. Bounded: what finds no room
// is dropped and counted, as a full socket would do. Allocates when made, never later.
class Outbox {
 public:
  static constexpr std::size_t kDatagramMax = 1500;  // octets

  struct Slot {
    Path path;
    Bytes octets;

    Bytes datagram() const { return octets; }
  };

  explicit Outbox(std::size_t slots) : octets_(slots * kDatagramMax), slots_(slots) {}

  // Room for the next datagram, of kDatagramMax octets; empty when all slots are taken. Without
  // commit() the slot stays free.
  MutableBytes reserve() {
    if (count_ < slots_.size()) return MutableBytes(octets_).subspan(used_, kDatagramMax);
    ++dropped_;
    return {};
  }
  // The first `size` octets of what reserve() gave are to be sent on `path`.
  void commit(const Path& path, std::size_t size) {
    slots_[count_++] = {.path = path, .octets = Bytes(octets_).subspan(used_, size)};
    used_ += size;
  }

  // Where packets are signed that stand here; ready() finishes that.
  SigningQueue& signing() { return signing_; }

  bool empty() const { return count_ == 0; }
  std::span<const Slot> ready() {
    signing_.finish();
    return std::span(slots_).first(count_);
  }
  void clear() {
    signing_.finish();  // it writes to what is given free here
    count_ = 0;
    used_ = 0;
  }
  // Octets of what was committed last.
  std::size_t newest_size() const { return slots_[count_ - 1].octets.size(); }
  std::size_t free_slots() const { return slots_.size() - count_; }
  std::uint64_t dropped() const { return dropped_; }

 private:
  std::vector<std::uint8_t> octets_;
  std::vector<Slot> slots_;
  SigningQueue signing_;
  std::size_t count_ = 0;
  std::size_t used_ = 0;  // octets
  std::uint64_t dropped_ = 0;
};

}  // namespace rtc
