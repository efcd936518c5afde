// What a socket was sent lately, so that a lost connection can be taken up where it broke.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"
#include "sio/packet.hpp"

namespace sio {

// The place of an event in the order of all events of a server; 0: before the first.
using EventOffset = std::uint64_t;

// The text form that events carry and clients give back.
std::string offset_text(EventOffset offset);
std::optional<EventOffset> parse_offset(std::string_view text);

// Bounded in count, octets and age. What falls out is forgotten from the oldest on. A frame that
// several sockets were sent is there once, so each of them is charged its share of it.
class EventLog {
 public:
  struct Limits {
    std::size_t entries_max = 10'000;
    std::size_t bytes_max = 4 * 1024 * 1024;  // octets of frames, shared ones counted in full
    std::size_t share_max = 4 * 1024 * 1024;  // octets charged: entries and shares of frames
    Duration age_max = std::chrono::seconds{165};
  };

  struct Entry {
    EventOffset offset;
    Instant at;
    FrameRef frame;  // an event with attachments is several entries of one offset
    std::size_t share = 0;
  };

  // What an entry costs beside its frame, and a frame beside its octets.
  static constexpr std::size_t kEntryOctets = 48;
  static constexpr std::size_t kFrameOctets = 64;

  EventLog() = default;
  // Goes on after an event that is not here any more.
  explicit EventLog(EventOffset dropped) : dropped_(dropped) {}

  // Offsets grow from call to call. `sharers`: how many sockets are sent these frames, at least 1.
  void append(Instant now, EventOffset offset, const Frames& frames, const Limits& limits,
              std::size_t sharers = 1);

  // Forgets what is beyond the limits by now.
  void shrink(Instant now, const Limits& limits);

  // Whether all that came after `offset` is still here, and `offset` is one that was sent.
  bool holds_all_after(EventOffset offset) const;
  std::vector<FrameRef> after(EventOffset offset) const;

  // The same without the oldest, within `limits`.
  EventLog latest(Instant now, const Limits& limits) const;
  const std::deque<Entry>& entries() const { return entries_; }
  EventOffset dropped() const { return dropped_; }
  EventOffset last() const { return entries_.empty() ? dropped_ : entries_.back().offset; }

 private:
  void drop_oldest();

  std::deque<Entry> entries_;
  std::size_t bytes_ = 0;
  std::size_t share_ = 0;
  EventOffset dropped_ = 0;  // the last one that fell out
};

}  // namespace sio
