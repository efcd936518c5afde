#include "rtc/forward/loudest.hpp"

#include <algorithm>

namespace rtc {

void Loudest::add(SourceId source) {
  const auto place = std::ranges::lower_bound(sources_, source, {}, &Source::id);
  if (place != sources_.end() && place->id == source) return;
  sources_.insert(place, Source{.id = source, .meter = {}});
}

void Loudest::remove(SourceId source) {
  const Source* const one = find(source);
  if (one == nullptr) return;
  if (one->has_place) --taken_;
  sources_.erase(sources_.begin() + (one - sources_.data()));
}

Loudest::Source* Loudest::find(SourceId id) {
  const auto place = std::ranges::lower_bound(sources_, id, {}, &Source::id);
  return place != sources_.end() && place->id == id ? &*place : nullptr;
}

bool Loudest::has_place(SourceId source) const {
  const auto place = std::ranges::lower_bound(sources_, source, {}, &Source::id);
  return place != sources_.end() && place->id == source && place->has_place;
}

void Loudest::release_silent(Instant now) {
  for (Source& one : sources_) {
    if (!one.has_place || now - one.meter.last_loud() < kHold) continue;
    one.has_place = false;
    --taken_;
  }
}

void Loudest::compete(Instant now, Source& challenger) {
  if (taken_ == places_) release_silent(now);
  if (taken_ < places_) {
    challenger.has_place = true;
    ++taken_;
    return;
  }
  if (now - challenger.meter.speaking_since() < kChallenge) return;
  Source* quietest = nullptr;
  for (Source& one : sources_) {
    if (!one.has_place || !one.meter.is_between_words(now)) continue;
    if (quietest == nullptr || one.meter.loudness() < quietest->meter.loudness()) quietest = &one;
  }
  if (quietest == nullptr) return;
  const bool is_louder = challenger.meter.loudness() >= quietest->meter.loudness() + kLouder;
  if (!is_louder && quietest->meter.is_speaking(now)) return;
  quietest->has_place = false;
  challenger.has_place = true;
}

bool Loudest::on_packet(Instant now, SourceId source, const std::optional<AudioLevel>& level) {
  Source* const one = find(source);
  if (one == nullptr || !level) return true;
  one->meter.on_packet(now, *level);
  if (one->has_place && now - one->meter.last_loud() >= kHold) {
    one->has_place = false;
    --taken_;
  }
  if (!one->has_place && one->meter.is_loud()) compete(now, *one);
  return one->has_place;
}

}  // namespace rtc
