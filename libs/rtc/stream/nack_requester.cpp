#include "rtc/stream/nack_requester.hpp"

#include <algorithm>
#include <utility>

namespace rtc {

void NackRequester::give_up() {
  missing_.clear();
  next_due_ = Instant::never();
  key_frame_wanted_ = true;
}

void NackRequester::forget() {
  missing_.clear();
  next_due_ = Instant::never();
  key_frame_wanted_ = false;
}

Duration NackRequester::retry() const {
  const Duration jittered = std::max(rtt_ + rtt_ / 4, limits_.retry_floor);
  return std::min(jittered * patience_, limits_.retry_ceiling);
}

void NackRequester::learn(Instant now, const Missing& came) {
  if (came.tries == 1) {
    const Duration sample = now - came.asked;
    const bool is_known = std::exchange(has_rtt_, true) && patience_ == 1;
    rtt_ = is_known ? (7 * rtt_ + sample) / 8 : sample;
    patience_ = 1;
  } else if (came.tries > 1 && came.asked >= waits_longer_ && retry() < limits_.retry_ceiling) {
    // What was asked for before the wait grew says nothing about how it is now.
    patience_ *= 2;
    waits_longer_ = now;
  }
}

void NackRequester::on_packet(Instant now, std::int64_t sequence) {
  if (!newest_) {
    newest_ = sequence;
    return;
  }
  if (sequence <= *newest_) {
    const auto found = std::ranges::lower_bound(missing_, sequence, {}, &Missing::sequence);
    if (found != missing_.end() && found->sequence == sequence) {
      learn(now, *found);
      missing_.erase(found);
    }
    if (missing_.empty()) next_due_ = Instant::never();
    return;
  }
  const auto gap = static_cast<std::uint64_t>(sequence - *newest_ - 1);
  if (missing_.size() + gap > limits_.missing_max) {
    give_up();
  } else if (gap > 0) {
    const Instant due = now + limits_.reorder;
    for (std::int64_t lost = *newest_ + 1; lost < sequence; ++lost)
      missing_.push_back({.sequence = lost, .due = due, .asked = now, .tries = 0});
    next_due_ = std::min(next_due_, due);
  }
  newest_ = sequence;
}

std::span<const std::int64_t> NackRequester::poll_nack(Instant now,
                                                       std::span<std::int64_t> sequences) {
  if (now < next_due_) return {};
  const auto spent = [&](const Missing& one) {
    return one.due <= now && one.tries >= limits_.tries_max;
  };
  if (std::erase_if(missing_, spent) > 0) key_frame_wanted_ = true;

  std::size_t count = 0;
  next_due_ = Instant::never();
  const Instant again = now + retry();
  for (Missing& one : missing_) {
    if (one.due <= now && count < sequences.size()) {
      sequences[count++] = one.sequence;
      one.due = again;
      one.asked = now;
      ++one.tries;
    }
    next_due_ = std::min(next_due_, one.due);
  }
  return sequences.first(count);
}

bool NackRequester::poll_key_frame_wanted() { return std::exchange(key_frame_wanted_, false); }

}  // namespace rtc
