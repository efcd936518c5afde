// The voices of one room: who is speaking, and whose audio is forwarded.
#pragma once

#include "rtc/forward/active_speaker.hpp"
#include "rtc/forward/loudest.hpp"

namespace rtc {

struct AudioRoom {
  ActiveSpeaker speakers;
  Loudest loudest;

  void add(std::uint64_t source) {
    speakers.add(source);
    loudest.add(source);
  }
  void remove(std::uint64_t source) {
    speakers.remove(source);
    loudest.remove(source);
  }
  // True when the packet is to be forwarded.
  bool on_packet(Instant now, std::uint64_t source, const std::optional<AudioLevel>& level) {
    if (level) speakers.on_packet(now, source, *level);
    return loudest.on_packet(now, source, level);
  }
};

}  // namespace rtc
