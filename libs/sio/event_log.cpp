#include "sio/event_log.hpp"

#include <algorithm>
#include <charconv>

namespace sio {

std::string offset_text(EventOffset offset) { return std::to_string(offset); }

std::optional<EventOffset> parse_offset(std::string_view text) {
  EventOffset offset = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), offset);
  const bool is_whole = error == std::errc{} && end == text.data() + text.size() && offset > 0;
  return is_whole ? std::optional(offset) : std::nullopt;
}

void EventLog::drop_oldest() {
  dropped_ = entries_.front().offset;
  while (!entries_.empty() && entries_.front().offset == dropped_) {
    bytes_ -= entries_.front().frame->bytes.size();
    share_ -= entries_.front().share;
    entries_.pop_front();
  }
}

void EventLog::append(Instant now, EventOffset offset, const Frames& frames, const Limits& limits,
                      std::size_t sharers) {
  for (const FrameRef& frame : frames) {
    const std::size_t share = kEntryOctets + (kFrameOctets + frame->bytes.size()) / sharers;
    bytes_ += frame->bytes.size();
    share_ += share;
    entries_.push_back({offset, now, frame, share});
  }
  shrink(now, limits);
}

void EventLog::shrink(Instant now, const Limits& limits) {
  const auto is_beyond = [&] {
    return entries_.size() > limits.entries_max || bytes_ > limits.bytes_max ||
           share_ > limits.share_max || now - entries_.front().at > limits.age_max;
  };
  while (!entries_.empty() && is_beyond()) drop_oldest();
}

EventLog EventLog::latest(Instant now, const Limits& limits) const {
  EventLog made = *this;
  made.shrink(now, limits);
  return made;
}

bool EventLog::holds_all_after(EventOffset offset) const {
  if (offset == dropped_) return true;
  return std::ranges::binary_search(entries_, offset, {}, &Entry::offset);
}

std::vector<FrameRef> EventLog::after(EventOffset offset) const {
  std::vector<FrameRef> frames;
  const auto first = std::ranges::upper_bound(entries_, offset, {}, &Entry::offset);
  for (auto entry = first; entry != entries_.end(); ++entry) frames.push_back(entry->frame);
  return frames;
}

}  // namespace sio
