#include "rtc/forward/active_speaker.hpp"

#include <algorithm>

namespace rtc {

namespace {

constexpr Duration kPacketMax = std::chrono::milliseconds{120};  // the longest that Opus makes

}  // namespace

void ActiveSpeaker::add(SourceId source) {
  const auto place = std::ranges::lower_bound(sources_, source, {}, &Source::id);
  if (place != sources_.end() && place->id == source) return;
  sources_.insert(place, Source{.id = source, .meter = {}});
  speaking_.reserve(sources_.size());
}

void ActiveSpeaker::remove(SourceId source) {
  std::erase_if(sources_, [&](const Source& one) { return one.id == source; });
  const bool was_listed = std::erase(speaking_, source) > 0;
  const bool was_dominant = dominant_ == source;
  if (was_dominant) dominant_.reset();
  has_changed_ |= was_listed || was_dominant;
  if (has_changed_) due_ = std::min(due_, polled_ + kInterval);
}

ActiveSpeaker::Source* ActiveSpeaker::find(SourceId id) {
  const auto place = std::ranges::lower_bound(sources_, id, {}, &Source::id);
  return place != sources_.end() && place->id == id ? &*place : nullptr;
}

void ActiveSpeaker::on_packet(Instant now, SourceId source, const AudioLevel& level) {
  Source* const one = find(source);
  if (one == nullptr) return;
  const bool was_speaking = one->meter.is_speaking(now);
  const Duration since_loud = now - one->meter.last_loud();
  one->meter.on_packet(now, level);
  if (!one->meter.is_loud()) return;
  // Silence within speech counts for the length of a packet at most.
  one->spoken = was_speaking ? one->spoken + std::min(since_loud, kPacketMax) : Duration{0};
  due_ = std::min(due_, std::max(now, polled_ + kInterval));
}

bool ActiveSpeaker::takes_over(Instant now, const Source& challenger, const Source* holder) const {
  if (!challenger.meter.is_speaking(now) || challenger.spoken < kTakeOver) return false;
  if (holder == nullptr || !holder->meter.is_speaking(now)) return true;
  return challenger.spoken >= kInterrupt &&
         challenger.meter.loudness() >= holder->meter.loudness() + kLouder;
}

bool ActiveSpeaker::choose_dominant(Instant now) {
  const Source* const holder = dominant_ ? find(*dominant_) : nullptr;
  const Source* best = nullptr;
  for (const Source& one : sources_) {
    if (&one == holder || !takes_over(now, one, holder)) continue;
    if (best == nullptr || one.meter.loudness() > best->meter.loudness()) best = &one;
  }
  if (best == nullptr) return false;
  dominant_ = best->id;
  return true;
}

bool ActiveSpeaker::is_listed(SourceId id) const {
  return std::ranges::find(speaking_, id) != speaking_.end();
}

bool ActiveSpeaker::is_to_be_listed(Instant now, const Source& one) const {
  if (is_listed(one.id)) return now - one.meter.last_loud() < kLinger;
  return one.meter.is_speaking(now) && one.spoken >= kListed;
}

bool ActiveSpeaker::is_list_stale(Instant now) const {
  return std::ranges::any_of(
      sources_, [&](const Source& one) { return is_to_be_listed(now, one) != is_listed(one.id); });
}

void ActiveSpeaker::list_speaking(Instant now) {
  std::erase_if(speaking_, [&](SourceId id) { return !is_to_be_listed(now, *find(id)); });
  for (const Source& one : sources_) {
    if (!is_listed(one.id) && is_to_be_listed(now, one)) speaking_.push_back(one.id);
  }
  std::ranges::sort(speaking_, std::ranges::greater{},
                    [this](SourceId id) { return find(id)->meter.loudness(); });
}

std::optional<ActiveSpeaker::Speakers> ActiveSpeaker::poll(Instant now) {
  if (now < due_) return std::nullopt;
  polled_ = now;
  const bool is_news =
      choose_dominant(now) || has_changed_ || (now - told_ >= kNewsInterval && is_list_stale(now));
  if (is_news) {
    list_speaking(now);
    told_ = now;
    has_changed_ = false;
  }
  due_ = speaking_.empty() ? Instant::never() : now + kInterval;
  if (!is_news) return std::nullopt;
  return Speakers{.dominant = dominant_, .speaking = speaking_};
}

}  // namespace rtc
