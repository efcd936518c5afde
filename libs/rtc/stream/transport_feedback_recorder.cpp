#include "rtc/stream/transport_feedback_recorder.hpp"

#include <algorithm>

#include "rtc/rtcp/transport_feedback.hpp"

namespace rtc {

TransportFeedbackRecorder::TransportFeedbackRecorder(const Options& options)
    : options_(options), arrivals_(kPackets, Instant::never()) {
  options_.interval = std::clamp(options.interval, kIntervalMin, kIntervalMax);
}

// False for what is too old, or came before: the first arrival counts.
bool TransportFeedbackRecorder::note(Instant now, std::int64_t number) {
  if (!newest_) {
    newest_ = next_ = number;
  } else if (number > *newest_) {
    const std::int64_t first = std::max(*newest_ + 1, number - kPackets + 1);
    for (std::int64_t missing = first; missing < number; ++missing) {
      arrival_of(missing) = Instant::never();
    }
    newest_ = number;
    next_ = std::max(next_, number - kPackets + 1);
  } else if (number <= *newest_ - kPackets || arrival_of(number) != Instant::never()) {
    return false;
  }
  arrival_of(number) = now;
  return true;
}

void TransportFeedbackRecorder::on_packet(Instant now, std::uint16_t transport_sequence,
                                          std::uint32_t media_ssrc) {
  const std::int64_t number = unwrapper_.unwrap(transport_sequence);
  if (!note(now, number)) return;
  // What was reported lost already is reported again, from there on.
  next_ = std::min(next_, number);
  media_ssrc_ = media_ssrc;
  due_ = std::min(due_, now + options_.interval);
}

Bytes TransportFeedbackRecorder::poll_feedback(Instant now, MutableBytes buffer) {
  if (now < due_ || !newest_) return {};
  // There is one: the newest number always has come.
  std::int64_t first = next_;
  while (arrival_of(first) == Instant::never()) ++first;
  constexpr auto kStatusMax = static_cast<std::int64_t>(TransportFeedbackBuilder::kStatusMax);
  const std::int64_t base = std::max(next_, first - kStatusMax + 1);

  TransportFeedbackBuilder builder(static_cast<std::uint16_t>(base),
                                   arrival_of(first).since_zero());
  for (std::int64_t number = first; number <= *newest_; ++number) {
    const Instant arrival = arrival_of(number);
    if (arrival == Instant::never()) continue;
    if (!builder.add(static_cast<std::uint16_t>(number), arrival.since_zero())) break;
    next_ = number + 1;
  }
  if (next_ > *newest_) due_ = Instant::never();
  ByteWriter out(buffer);
  builder.write(out, options_.sender_ssrc, media_ssrc_, feedback_count_++);
  return out.ok() ? out.written() : Bytes{};
}

}  // namespace rtc
