// SSRCs that we choose.
#pragma once

#include <cstdint>

#include "base/random.hpp"

namespace rtc::ortc {

// The first of a run of SSRCs (RFC 3550 section 8.1), random and of nine decimal digits: far from 0
// and from the probator's 1234, and a run of kEncodingsMax never wraps. Whoever uses it on a
// transport sees that it is not in use there.
inline std::uint32_t random_ssrc(Random& random) {
  constexpr std::uint32_t kFirst = 100'000'000;
  constexpr std::uint32_t kCount = 800'000'000;
  return kFirst + random.u32() % kCount;
}

}  // namespace rtc::ortc
