// Who is speaking in a room, and who of them has the floor.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/time.hpp"
#include "rtc/forward/voice_meter.hpp"

namespace rtc {

// Names sources of audio by numbers of the caller's. The list of who speaks follows fast; the
// dominant speaker changes only for one who has been speaking for a while, and over one who still
// speaks only when clearly louder. Allocates when sources are added, never for a packet.
class ActiveSpeaker {
 public:
  using SourceId = std::uint64_t;

  static constexpr Duration kInterval = std::chrono::milliseconds{100};  // between two changes
  // One word makes nobody dominant: speech of so long does, with pauses no longer than a breath.
  static constexpr Duration kTakeOver = std::chrono::milliseconds{400};
  // For one who talks over the dominant speaker.
  static constexpr Duration kInterrupt = std::chrono::milliseconds{700};
  static constexpr double kLouder = 6;  // dB

  struct Speakers {
    std::optional<SourceId> dominant;    // stays through silence
    std::span<const SourceId> speaking;  // the loudest first; until the next call
  };

  void add(SourceId source);
  void remove(SourceId source);
  void on_packet(Instant now, SourceId source, const AudioLevel& level);

  // What has changed since the last time, at most every kInterval.
  std::optional<Speakers> poll(Instant now);
  // No later than when poll() can return something; never() while all are silent and told so.
  Instant next_timeout() const { return due_; }

  std::optional<SourceId> dominant() const { return dominant_; }

 private:
  struct Source {
    SourceId id = 0;
    VoiceMeter meter;
    Duration spoken{0};  // within this speech, silence left out
  };

  Source* find(SourceId id);
  bool takes_over(Instant now, const Source& challenger, const Source* holder) const;
  bool choose_dominant(Instant now);
  bool list_speaking(Instant now);

  std::vector<Source> sources_;  // ascending
  std::optional<SourceId> dominant_;
  std::vector<SourceId> speaking_;
  std::vector<SourceId> scratch_;
  Instant due_ = Instant::never();
  Instant polled_ = Instant::at(-kInterval);
  bool has_changed_ = false;  // by remove()
};

}  // namespace rtc
