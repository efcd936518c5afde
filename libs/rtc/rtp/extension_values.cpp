#include "rtc/rtp/extension_values.hpp"

#include <algorithm>

namespace rtc {

std::optional<AudioLevel> AudioLevel::parse(Bytes data) {
  if (data.empty()) return std::nullopt;
  return AudioLevel{.level_dbov = static_cast<std::uint8_t>(data[0] & 0x7FU),
                    .has_voice = (data[0] & 0x80U) != 0};
}

std::optional<AbsCaptureTime> AbsCaptureTime::parse(Bytes data) {
  if (data.size() != 8 && data.size() != 16) return std::nullopt;
  ByteReader in(data);
  AbsCaptureTime time{.ntp = in.u64(), .clock_offset = {}};
  if (data.size() == 16) time.clock_offset = static_cast<std::int64_t>(in.u64());
  return time;
}

std::optional<PlayoutDelay> PlayoutDelay::parse(Bytes data) {
  if (data.size() != 3) return std::nullopt;
  const std::uint32_t both = ByteReader(data).u24();
  constexpr Duration kStep = std::chrono::milliseconds{10};
  const PlayoutDelay delay{.min = kStep * (both >> 12), .max = kStep * (both & 0xFFFU)};
  if (delay.min > delay.max) return std::nullopt;
  return delay;
}

std::optional<std::uint16_t> parse_transport_sequence(Bytes data) {
  if (data.size() != 2) return std::nullopt;
  return ByteReader(data).u16();
}

std::array<std::uint8_t, 2> transport_sequence_octets(std::uint16_t sequence) {
  return {static_cast<std::uint8_t>(sequence >> 8), static_cast<std::uint8_t>(sequence)};
}

std::optional<std::uint32_t> parse_abs_send_time(Bytes data) {
  if (data.size() != 3) return std::nullopt;
  return ByteReader(data).u24();
}

std::array<std::uint8_t, 3> abs_send_time_octets(Instant now) {
  const auto microseconds = static_cast<std::uint64_t>(now.since_zero().count());
  constexpr std::uint64_t kCycle = 64'000'000;  // microseconds until the 6 bits of seconds wrap
  const std::uint64_t fixed = ((microseconds % kCycle) << 18) / 1'000'000;
  return {static_cast<std::uint8_t>(fixed >> 16), static_cast<std::uint8_t>(fixed >> 8),
          static_cast<std::uint8_t>(fixed)};
}

std::optional<std::string_view> parse_stream_name(Bytes data) {
  constexpr std::size_t kNameMax = 16;  // octets: what one one-byte element holds
  const bool is_printable =
      std::ranges::all_of(data, [](std::uint8_t octet) { return octet > 0x20 && octet < 0x7F; });
  if (data.empty() || data.size() > kNameMax || !is_printable) return std::nullopt;
  return text_of(data);
}

}  // namespace rtc
