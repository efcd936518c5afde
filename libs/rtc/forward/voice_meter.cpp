#include "rtc/forward/voice_meter.hpp"

#include <algorithm>

namespace rtc {

namespace {

// In dB above silence (-127 dBov). Found by listening to what browsers send: rooms lie at -75 to
// -50 dBov, speech at -40 to -15.
constexpr double kSpeechMin = 72;   // -55 dBov: anything quieter is background
constexpr double kAboveFloor = 10;  // speech stands out of its background by this
constexpr double kFloorRise = 4;    // a second; speech has pauses that bring it down again
constexpr double kSmoothing = 0.2;  // of a packet
constexpr Duration kElapsedMax = std::chrono::seconds{1};

}  // namespace

// Down at once, up slowly.
void VoiceMeter::follow_floor(Duration elapsed, double loudness) {
  const double seconds = static_cast<double>(std::min(elapsed, kElapsedMax).count()) / 1e6;
  floor_ = std::clamp(std::min(loudness, floor_ + kFloorRise * seconds), 0.0, kFloorMax);
}

void VoiceMeter::on_packet(Instant now, const AudioLevel& level) {
  const double loudness = 127.0 - std::min<double>(level.level_dbov, 127);
  sets_voice_flag_ |= level.has_voice;
  follow_floor(now - last_packet_, loudness);
  last_packet_ = now;
  // The flag is believed against speech only where the sender was seen to set it.
  const bool is_denied = sets_voice_flag_ && !level.has_voice;
  is_loud_ = !is_denied && loudness >= std::max(kSpeechMin, floor_ + kAboveFloor);
  if (!is_loud_) return;
  if (!is_speaking(now)) {
    speaking_since_ = now;
    loudness_ = loudness;
  }
  loudness_ += kSmoothing * (loudness - loudness_);
  last_loud_ = now;
  has_spoken_ = true;
}

}  // namespace rtc
