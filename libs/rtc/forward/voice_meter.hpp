// Whether one source of audio is being spoken into, and how loudly, from the levels in its packets
// (RFC 6464).
#pragma once

#include "base/time.hpp"
#include "rtc/rtp/extension_values.hpp"

namespace rtc {

class VoiceMeter {
 public:
  // Speech goes on over gaps of so long: the ones between syllables, and lost packets.
  static constexpr Duration kRelease = std::chrono::milliseconds{300};

  void on_packet(Instant now, const AudioLevel& level);

  // Within the release of a loud packet.
  bool is_speaking(Instant now) const { return has_spoken_ && now - last_loud_ < kRelease; }
  // No loud packet for so long that a word has ended, or never one.
  bool is_between_words(Instant now) const {
    constexpr Duration kWordGap = std::chrono::milliseconds{150};
    return !has_spoken_ || now - last_loud_ >= kWordGap;
  }
  // When this speech began; meaningful while it lasts.
  Instant speaking_since() const { return speaking_since_; }
  Instant last_loud() const { return last_loud_; }
  bool is_loud() const { return is_loud_; }  // the newest packet
  // Smoothed over the loud packets of this speech: 0 (silent) to 127 (loudest), in dB.
  double loudness() const { return loudness_; }

 private:
  void follow_floor(Duration elapsed, double loudness);

  bool sets_voice_flag_ = false;
  bool has_spoken_ = false;
  bool is_loud_ = false;
  double floor_ = kFloorMax;  // loudness of the background
  double loudness_ = 0;
  Instant last_packet_;
  Instant last_loud_;
  Instant speaking_since_;

  static constexpr double kFloorMax = 75;  // -52 dBov: -42 is speech in any room
};

}  // namespace rtc
