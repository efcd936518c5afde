// Who is speaking in a room, and who of them has the floor.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/time.hpp"
#include "rtc/forward/voice_meter.hpp"

namespace rtc {

// Names sources of audio by numbers of the caller's. News is rare: who coughs is not listed, who
// draws breath stays so, and another order alone is none. The dominant speaker changes only for one
// who has been speaking for a while, and over one who still speaks only when clearly louder.
// Allocates when sources are added, never for a packet.
class ActiveSpeaker {
 public:
  using SourceId = std::uint64_t;

  static constexpr Duration kInterval = std::chrono::milliseconds{100};  // between two looks
  // Between two changes of the list, where the dominant speaker stays the same.
  static constexpr Duration kNewsInterval = std::chrono::milliseconds{300};
  // Speech of so long is listed, until so long after its last sound: sentences have pauses.
  static constexpr Duration kListed = std::chrono::milliseconds{250};
  static constexpr Duration kLinger = std::chrono::seconds{1};
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

  // What has changed since the last time.
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
  bool is_listed(SourceId id) const;
  bool is_to_be_listed(Instant now, const Source& one) const;
  bool takes_over(Instant now, const Source& challenger, const Source* holder) const;
  bool choose_dominant(Instant now);
  bool is_list_stale(Instant now) const;
  void list_speaking(Instant now);

  std::vector<Source> sources_;  // ascending
  std::optional<SourceId> dominant_;
  std::vector<SourceId> speaking_;
  Instant due_ = Instant::never();
  Instant polled_ = Instant::at(-kInterval);
  Instant told_ = Instant::at(-kNewsInterval);
  bool has_changed_ = false;  // by remove()
};

}  // namespace rtc
