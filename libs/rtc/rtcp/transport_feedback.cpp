#include "rtc/rtcp/transport_feedback.hpp"

#include <algorithm>
#include <limits>

namespace rtc {

namespace {

constexpr unsigned kVectorBit = 0x8000;      // a chunk that lists symbols
constexpr unsigned kTwoBitSymbols = 0x4000;  // of a vector: 7 symbols of 2 bits, else 14 of 1
constexpr std::size_t kRunMax = 0x1FFF;      // packets of one run-length chunk
constexpr std::size_t kOneBitVector = 14;
constexpr std::size_t kTwoBitVector = 7;

std::int64_t floor_divide(Duration time, Duration tick) {
  const std::int64_t quotient = time / tick;
  return time % tick < Duration{0} ? quotient - 1 : quotient;
}

// Statuses that the chunks tell of, and the octets of their deltas.
struct Extent {
  std::size_t chunk_octets = 0;
  std::size_t delta_octets = 0;
};

// How long the chunks are that cover `count` statuses; nullopt when they end before.
std::optional<Extent> measure(Bytes body, std::size_t count) {
  ByteReader in(body);
  Extent extent;
  while (count > 0) {
    const unsigned chunk = in.u16();
    if (!in.ok()) return std::nullopt;
    extent.chunk_octets += 2;
    if ((chunk & kVectorBit) == 0) {
      const std::size_t run = std::min<std::size_t>(chunk & kRunMax, count);
      extent.delta_octets += run * (chunk >> 13 & 3U);
      // A run of nothing covers nothing: it would only cost time.
      if (run == 0 || (chunk >> 13 & 3U) == 3) return std::nullopt;
      count -= run;
      continue;
    }
    const bool is_two_bit = (chunk & kTwoBitSymbols) != 0;
    const std::size_t length = std::min(is_two_bit ? kTwoBitVector : kOneBitVector, count);
    for (std::size_t i = 0; i < length; ++i) {
      const unsigned symbol = is_two_bit ? chunk >> (12 - 2 * i) & 3U : chunk >> (13 - i) & 1U;
      if (symbol == 3) return std::nullopt;  // reserved
      extent.delta_octets += symbol;
    }
    count -= length;
  }
  return extent;
}

}  // namespace

std::optional<TransportFeedback> TransportFeedback::parse(const RtcpPacket& packet) {
  if (!packet.is(RtcpType::TransportFeedback, kTransportWideFeedbackFormat)) return std::nullopt;
  ByteReader in(packet.body);
  TransportFeedback feedback;
  feedback.sender_ssrc = in.u32();
  feedback.media_ssrc = in.u32();
  feedback.base_sequence = in.u16();
  feedback.status_count = in.u16();
  feedback.reference_time = static_cast<std::int32_t>(in.u24() << 8) >> 8;
  feedback.feedback_count = in.u8();
  if (!in.ok() || feedback.status_count == 0) return std::nullopt;

  const Bytes rest = in.take(in.remaining());
  const auto extent = measure(rest, feedback.status_count);
  if (!extent || extent->chunk_octets + extent->delta_octets > rest.size()) return std::nullopt;
  feedback.chunks_ = rest.first(extent->chunk_octets);
  feedback.deltas_ = rest.subspan(extent->chunk_octets, extent->delta_octets);
  return feedback;
}

unsigned TransportFeedback::Cursor::next_symbol() {
  if (left_ == 0) {
    chunk_ = chunks_.u16();
    const bool is_vector = (chunk_ & kVectorBit) != 0;
    const bool is_two_bit = (chunk_ & kTwoBitSymbols) != 0;
    left_ = is_vector ? static_cast<unsigned>(is_two_bit ? kTwoBitVector : kOneBitVector)
                      : chunk_ & static_cast<unsigned>(kRunMax);
  }
  --left_;
  if ((chunk_ & kVectorBit) == 0) return chunk_ >> 13 & 3U;
  return (chunk_ & kTwoBitSymbols) != 0 ? chunk_ >> (2 * left_) & 3U : chunk_ >> left_ & 1U;
}

std::optional<Duration> TransportFeedback::Cursor::next() {
  const unsigned symbol = next_symbol();
  if (symbol == 0) return std::nullopt;
  const int ticks = symbol == 1 ? deltas_.u8() : static_cast<std::int16_t>(deltas_.u16());
  arrival_ += ticks * kDeltaTick;
  return arrival_;
}

TransportFeedbackBuilder::TransportFeedbackBuilder(std::uint16_t base_sequence,
                                                   Duration first_arrival)
    : base_sequence_(base_sequence),
      reference_time_(floor_divide(first_arrival, TransportFeedback::kReferenceTick)),
      last_tick_(reference_time_ *
                 (TransportFeedback::kReferenceTick / TransportFeedback::kDeltaTick)) {}

bool TransportFeedbackBuilder::add(std::uint16_t sequence, Duration arrival) {
  const std::size_t at = static_cast<std::uint16_t>(sequence - base_sequence_);
  const std::int64_t tick = floor_divide(arrival, TransportFeedback::kDeltaTick);
  const std::int64_t delta = tick - last_tick_;
  const bool fits = delta >= std::numeric_limits<std::int16_t>::min() &&
                    delta <= std::numeric_limits<std::int16_t>::max();
  if (at < count_ || at >= kStatusMax || !fits) return false;
  const bool is_small = delta >= 0 && delta <= 255;
  symbols_[at] = is_small ? kSmallDelta : kLargeDelta;
  deltas_[at] = static_cast<std::int16_t>(delta);
  delta_octets_ += is_small ? 1 : 2;
  count_ = at + 1;
  last_tick_ = tick;
  return true;
}

// Statuses that the next chunk covers: a run where it is longer than what a vector holds.
std::size_t TransportFeedbackBuilder::chunk_length(std::size_t at) const {
  const std::size_t left = count_ - at;
  std::size_t run = 1;
  while (run < std::min(left, kRunMax) && symbols_[at + run] == symbols_[at]) ++run;
  const auto vector = std::span(symbols_).subspan(at, std::min(left, kOneBitVector));
  const bool has_large = std::ranges::find(vector, kLargeDelta) != vector.end();
  return std::max(run, std::min(left, has_large ? kTwoBitVector : kOneBitVector));
}

void TransportFeedbackBuilder::write_chunk(ByteWriter& out, std::size_t at,
                                           std::size_t length) const {
  const auto covered = std::span(symbols_).subspan(at, length);
  const bool is_run = std::ranges::all_of(covered, [&](Symbol s) { return s == covered[0]; });
  unsigned chunk = 0;
  if (is_run) {
    chunk = static_cast<unsigned>(covered[0]) << 13 | static_cast<unsigned>(length);
  } else if (length <= kTwoBitVector) {
    chunk = kVectorBit | kTwoBitSymbols;
    for (std::size_t i = 0; i < length; ++i) {
      chunk |= static_cast<unsigned>(covered[i]) << (12 - 2 * i);
    }
  } else {
    chunk = kVectorBit;
    for (std::size_t i = 0; i < length; ++i) {
      chunk |= static_cast<unsigned>(covered[i]) << (13 - i);
    }
  }
  out.u16(static_cast<std::uint16_t>(chunk));
}

void TransportFeedbackBuilder::write(ByteWriter& out, std::uint32_t sender_ssrc,
                                     std::uint32_t media_ssrc, std::uint8_t feedback_count) const {
  if (count_ == 0) return;
  std::size_t chunks = 0;
  for (std::size_t at = 0; at < count_; at += chunk_length(at)) ++chunks;
  const std::size_t size = 16 + chunks * 2 + delta_octets_;
  const std::size_t padding = (4 - size % 4) % 4;

  write_rtcp_header(out, RtcpType::TransportFeedback, kTransportWideFeedbackFormat, size + padding);
  out.u32(sender_ssrc);
  out.u32(media_ssrc);
  out.u16(base_sequence_);
  out.u16(static_cast<std::uint16_t>(count_));
  out.u24(static_cast<std::uint32_t>(reference_time_) & 0xFFFFFFU);
  out.u8(feedback_count);
  for (std::size_t at = 0; at < count_; at += chunk_length(at)) {
    write_chunk(out, at, chunk_length(at));
  }
  for (std::size_t i = 0; i < count_; ++i) {
    if (symbols_[i] == kSmallDelta) out.u8(static_cast<std::uint8_t>(deltas_[i]));
    if (symbols_[i] == kLargeDelta) out.u16(static_cast<std::uint16_t>(deltas_[i]));
  }
  // Zeros without the padding bit: readers stop at the last delta.
  for (std::size_t i = 0; i < padding; ++i) out.u8(0);
}

}  // namespace rtc
