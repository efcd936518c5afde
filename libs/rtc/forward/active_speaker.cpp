#include "rtc/forward/active_speaker.hpp"

#include <algorithm>

namespace rtc {

namespace {

constexpr Duration kPacketMax = std::chrono::milliseconds{120};  // the longest that Opus makes
constexpr double kReorder = 3;  // dB before two who speak change places

}  // namespace

void ActiveSpeaker::add(SourceId source) {
  const auto place = std::ranges::lower_bound(sources_, source, {}, &Source::id);
  if (place != sources_.end() && place->id == source) return;
  sources_.insert(place, Source{.id = source, .meter = {}});
  speaking_.reserve(sources_.size());
  scratch_.reserve(sources_.size());
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

// Those who stay keep their places unless clearly louder or quieter, so that faces do not dance.
bool ActiveSpeaker::list_speaking(Instant now) {
  const auto listed = [&](SourceId id) { return std::ranges::find(speaking_, id); };
  scratch_.clear();
  for (const SourceId id : speaking_) {
    if (find(id)->meter.is_speaking(now)) scratch_.push_back(id);
  }
  for (const Source& one : sources_) {
    if (one.meter.is_speaking(now) && listed(one.id) == speaking_.end()) scratch_.push_back(one.id);
  }
  // By insertion: nearly sorted, and the comparison is no order that std::sort could work with.
  for (std::size_t i = 1; i < scratch_.size(); ++i) {
    for (std::size_t at = i; at > 0; --at) {
      const double before = find(scratch_[at - 1])->meter.loudness();
      const bool is_listed = listed(scratch_[at]) != speaking_.end();
      const double margin = is_listed ? kReorder : 0;
      if (find(scratch_[at])->meter.loudness() <= before + margin) break;
      std::swap(scratch_[at], scratch_[at - 1]);
    }
  }
  if (scratch_ == speaking_) return false;
  speaking_.swap(scratch_);
  return true;
}

std::optional<ActiveSpeaker::Speakers> ActiveSpeaker::poll(Instant now) {
  if (now < due_) return std::nullopt;
  polled_ = now;
  const bool is_other = choose_dominant(now);
  const bool is_changed = list_speaking(now) || is_other || has_changed_;
  has_changed_ = false;
  due_ = speaking_.empty() ? Instant::never() : now + kInterval;
  if (!is_changed) return std::nullopt;
  return Speakers{.dominant = dominant_, .speaking = speaking_};
}

}  // namespace rtc
