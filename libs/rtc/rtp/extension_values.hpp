// What the octets of the known header extensions mean.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "base/bytes.hpp"
#include "base/time.hpp"

namespace rtc {

// RFC 6464: loudness of the packet's audio.
struct AudioLevel {
  std::uint8_t level_dbov = 127;  // 0 (loudest) to 127 (silent): the level is its negative
  bool has_voice = false;         // the sender's voice activity flag, where it sets one

  static std::optional<AudioLevel> parse(Bytes data);
};

// Capture moment of the packet by the capturer's clock, and that clock's distance from the
// sender's where it is known.
struct AbsCaptureTime {
  std::uint64_t ntp = 0;                     // 32.32 fixed point seconds since 1900
  std::optional<std::int64_t> clock_offset;  // 32.32 fixed point seconds

  static std::optional<AbsCaptureTime> parse(Bytes data);
};

// How long the receiver should hold the frame back at least and at most.
struct PlayoutDelay {
  Duration min{0};  // in steps of 10 ms, to 40.95 s
  Duration max{0};

  static std::optional<PlayoutDelay> parse(Bytes data);
};

// The 16 bits of the transport-wide sequence number.
std::optional<std::uint16_t> parse_transport_sequence(Bytes data);
std::array<std::uint8_t, 2> transport_sequence_octets(std::uint16_t sequence);

// abs-send-time: 24 bits of seconds modulo 64, 6.18 fixed point.
std::optional<std::uint32_t> parse_abs_send_time(Bytes data);
std::array<std::uint8_t, 3> abs_send_time_octets(Instant now);

// The text of an SDES item (mid, rid): 1 to 16 octets of printable ASCII, else nullopt.
std::optional<std::string_view> parse_stream_name(Bytes data);

}  // namespace rtc
