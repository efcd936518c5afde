#include "rtc/stream/receive_statistics.hpp"

#include <algorithm>
#include <cstdlib>

#include "rtc/rtcp/sender_report.hpp"

namespace rtc {

namespace {

constexpr std::int64_t kLostMax = 0x7FFFFF;  // 24 bits signed
constexpr std::int64_t kSecond = 1'000'000;  // microseconds

std::int64_t to_ticks(Duration time, std::uint32_t clock_rate) {
  // In two steps, so that years of uptime do not overflow.
  const std::int64_t seconds = time.count() / kSecond;
  const std::int64_t rest = time.count() % kSecond;
  return seconds * clock_rate + rest * clock_rate / kSecond;
}

}  // namespace

void ReceiveStatistics::on_packet(Instant now, std::int64_t sequence, std::uint32_t timestamp,
                                  std::size_t octets) {
  const std::int64_t arrival = to_ticks(now.since_zero(), clock_rate_);
  // Transit times matter by their differences alone, so 32 bits of each are enough.
  const auto transit = static_cast<std::int32_t>(static_cast<std::uint32_t>(arrival) - timestamp);
  if (!first_) {
    first_ = highest_ = sequence;
  } else {
    const auto step = static_cast<std::int32_t>(static_cast<std::uint32_t>(transit) -
                                                static_cast<std::uint32_t>(last_transit_));
    const auto distance = static_cast<std::uint64_t>(std::abs(std::int64_t{step}));
    jitter_16_ += distance - ((jitter_16_ + 8) >> 4);
  }
  last_transit_ = transit;
  highest_ = std::max(highest_, sequence);
  first_ = std::min(*first_, sequence);
  ++packets_;
  octets_ += octets;
}

void ReceiveStatistics::on_sender_report(Instant now, std::uint64_t ntp) {
  last_sr_ = compact_ntp(ntp);
  last_sr_at_ = now;
}

std::optional<ReportBlock> ReceiveStatistics::report(Instant now) {
  if (!first_) return std::nullopt;
  const std::int64_t expected = highest_ - *first_ + 1;
  const auto received = static_cast<std::int64_t>(packets_);
  const std::int64_t expected_now = expected - expected_before_;
  const std::int64_t lost_now = expected_now - (received - packets_before_);
  expected_before_ = expected;
  packets_before_ = received;

  ReportBlock block;
  block.ssrc = ssrc_;
  if (expected_now > 0 && lost_now > 0) {
    block.fraction_lost =
        static_cast<std::uint8_t>(std::min<std::int64_t>(255, lost_now * 256 / expected_now));
  }
  block.cumulative_lost =
      static_cast<std::int32_t>(std::clamp(expected - received, -kLostMax - 1, kLostMax));
  block.highest_sequence = static_cast<std::uint32_t>(highest_);
  block.jitter = static_cast<std::uint32_t>(jitter_16_ >> 4);
  if (last_sr_ != 0) {
    block.last_sr = last_sr_;
    block.delay_since_last_sr = static_cast<std::uint32_t>(to_ticks(now - last_sr_at_, 65536));
  }
  return block;
}

}  // namespace rtc
