// What the parts of one simulation share: a clock that goes from event to event, and one seed.
#pragma once

#include <algorithm>
#include <cstdint>
#include <initializer_list>

#include "base/random.hpp"
#include "base/time.hpp"

namespace sim {

// Everything random in it comes of the seed, so a failure that names the seed can be seen again.
class World {
 public:
  explicit World(std::uint64_t seed) : seed_(seed), random_(seed) {}

  std::uint64_t seed() const { return seed_; }
  Instant now() const { return now_; }
  Random& random() { return random_; }
  // Another one each time: for a link of its own.
  std::uint64_t fork_seed() { return std::uint64_t{random_.u32()} << 32 | random_.u32(); }

  // Goes to the soonest of the events, at once where one is due already. False, and at `end`, when
  // none comes before that.
  bool advance(Instant end, std::initializer_list<Instant> events) {
    const Instant next = std::max(now_, std::min(events));
    now_ = std::min(next, std::max(now_, end));
    return next < end;
  }

 private:
  std::uint64_t seed_;
  SeededRandom random_;
  Instant now_;
};

}  // namespace sim
