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

  // Datagrams to one receiver that were made one after the other.
  struct Run {
    Path path;
    Bytes octets;                          // of all of them
    std::span<const std::uint16_t> sizes;  // of each, in octets

    // Calls `take(Bytes)` with each of them, in order.
    template <class Take>
    void for_each(Take take) const {
      Bytes rest = octets;
      for (const std::uint16_t size : sizes) {
        take(rest.first(size));
        rest = rest.subspan(size);
      }
    }
  };

  explicit Outbox(std::size_t slots) : octets_(slots * kDatagramMax), sizes_(slots), runs_(slots) {}

  // Room for the next datagram, of kDatagramMax octets; empty when all slots are taken. Without
  // commit() the slot stays free.
  MutableBytes reserve() {
    if (count_ < sizes_.size()) return MutableBytes(octets_).subspan(used_, kDatagramMax);
    ++dropped_;
    return {};
  }
  // The first `size` octets of what reserve() gave are to be sent on `path`.
  void commit(const Path& path, std::size_t size) {
    if (run_count_ == 0 || runs_[run_count_ - 1].path != path) {
      runs_[run_count_++] = {.path = path,
                             .octets = Bytes(octets_).subspan(used_, 0),
                             .sizes = std::span(sizes_).subspan(count_, 0)};
    }
    Run& run = runs_[run_count_ - 1];
    run.octets = {run.octets.data(), run.octets.size() + size};
    run.sizes = {run.sizes.data(), run.sizes.size() + 1};
    sizes_[count_++] = static_cast<std::uint16_t>(size);
    used_ += size;
  }

  // Where packets are signed that stand here; ready() finishes that.
  SigningQueue& signing() { return signing_; }

  bool empty() const { return count_ == 0; }
  std::size_t count() const { return count_; }  // datagrams
  std::span<const Run> ready() {
    signing_.finish();
    return std::span(runs_).first(run_count_);
  }
  void clear() {
    signing_.finish();  // it writes to what is given free here
    count_ = 0;
    run_count_ = 0;
    used_ = 0;
  }
  // Octets of what was committed last.
  std::size_t newest_size() const { return sizes_[count_ - 1]; }
  std::size_t free_slots() const { return sizes_.size() - count_; }
  std::uint64_t dropped() const { return dropped_; }
  // What was not even made, as its receiver gets too much already.
  void refuse() { ++refused_; }
  std::uint64_t refused() const { return refused_; }

 private:
  std::vector<std::uint8_t> octets_;
  std::vector<std::uint16_t> sizes_;  // of each datagram, in octets
  std::vector<Run> runs_;
  SigningQueue signing_;
  std::size_t count_ = 0;  // datagrams
  std::size_t run_count_ = 0;
  std::size_t used_ = 0;  // octets
  std::uint64_t dropped_ = 0;
  std::uint64_t refused_ = 0;
};

}  // namespace rtc
