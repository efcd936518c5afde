// Whose audio is worth its bandwidth: the few loudest of a room.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/time.hpp"
#include "rtc/forward/voice_meter.hpp"

namespace rtc {

// Who begins to speak while a place is free is heard from that very packet on. Where all places are
// taken, one who has spoken for long enough takes the place of one who paused, and of one who only
// drew breath when louder by enough: nobody is cut within a word. Silence gives a place up, and is
// not forwarded.
// Allocates when sources are added, never for a packet.
class Loudest {
 public:
  using SourceId = std::uint64_t;

  static constexpr std::size_t kPlaces = 3;
  // What follows speech is forwarded for so long, that the ends of words are not lost.
  static constexpr Duration kHold = std::chrono::milliseconds{500};
  static constexpr Duration kChallenge = std::chrono::milliseconds{200};  // of speech
  static constexpr double kLouder = 6;                                    // dB

  explicit Loudest(std::size_t places = kPlaces) : places_(places) {}

  void add(SourceId source);
  void remove(SourceId source);

  // True when this packet of the source is to be forwarded. Without a level (nullopt) it always is:
  // who does not tell cannot be judged.
  bool on_packet(Instant now, SourceId source, const std::optional<AudioLevel>& level);

  bool has_place(SourceId source) const;

 private:
  struct Source {
    SourceId id = 0;
    VoiceMeter meter;
    bool has_place = false;
  };

  Source* find(SourceId id);
  void release_silent(Instant now);
  void compete(Instant now, Source& challenger);

  std::size_t places_;
  std::size_t taken_ = 0;
  std::vector<Source> sources_;  // ascending
};

}  // namespace rtc
