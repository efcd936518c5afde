// How much feedback one receiver may send us.
#pragma once

#include <algorithm>
#include <cstdint>

#include "base/time.hpp"

namespace rtc {

// RTCP may take a twentieth of what the session sends (RFC 3550 section 6.2, which RFC 4585 section
// 3.1 keeps for feedback). A rate on top does not depend on that, so that a receiver of little or
// of nothing is heard too.
//
// A message counts its octets, and at least what it takes on the wire by itself: then a full packet
// of media earns one message. At a loss of 20 % a browser asks a quarter of a time for each packet,
// those that it asks for again among them.
class FeedbackBudget {
 public:
  static constexpr std::int64_t kMessageMin = 64;     // octets: IP, UDP, 12 of RTCP, SRTCP
  static constexpr std::int64_t kShare = 20;          // of the octets sent, one in so many
  static constexpr std::int64_t kPerSecond = 16'384;  // octets whatever is sent: 256 messages
  static constexpr std::int64_t kBurst = 65'536;      // octets

  // False, and nothing is taken, when a message of so many octets does not fit. `sent` is what the
  // receiver was sent in all, in octets; it never falls.
  bool take(Instant now, std::int64_t octets, std::int64_t sent) {
    const std::int64_t earned =
        (now - refilled_at_).count() * kPerSecond + (sent - sent_) * (kOctet / kShare);
    refilled_at_ = now;
    sent_ = sent;
    left_ = std::min(left_ + earned, kBurst * kOctet);
    const std::int64_t cost = std::max(octets, kMessageMin) * kOctet;
    if (cost > left_) return false;
    left_ -= cost;
    return true;
  }

 private:
  // In millionths, so that a microsecond earns a whole number of them.
  static constexpr std::int64_t kOctet = 1'000'000;

  std::int64_t left_ = kBurst * kOctet;
  Instant refilled_at_;
  std::int64_t sent_ = 0;
};

}  // namespace rtc
