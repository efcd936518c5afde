// One direction of a simulated network path, in virtual time.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <utility>

#include "base/random.hpp"
#include "base/time.hpp"

namespace sim {

struct LinkOptions {
  Duration delay{0};           // of every packet
  Duration jitter{0};          // added at random, evenly from nothing to this
  bool keeps_order = false;    // else jitter reorders; a queue's jitter does not
  double loss = 0;             // probability of a packet to vanish
  double duplicate = 0;        // probability of a packet to arrive twice
  std::uint64_t rate_bps = 0;  // bits a second through the bottleneck; 0: no bottleneck
  Duration queue_max = std::chrono::milliseconds{200};  // longest wait before the bottleneck
  bool polices =
      false;  // the bottleneck lets bursts of `queue_max` pass at once, and holds nothing back
  std::uint64_t seed = 1;
};

// Carries packets of any copyable type. What the options do to them repeats with the seed.
template <class Packet>
class Link {
 public:
  explicit Link(LinkOptions options) : options_(options), random_(options.seed) {}

  // `size` in octets matters to the bottleneck alone. A full queue drops the packet.
  void send(Instant now, Packet packet, std::size_t size = 0) {
    Instant out = now;
    if (options_.rate_bps > 0) {
      free_at_ = std::max(free_at_, now);
      if (free_at_ - now > options_.queue_max) {
        ++dropped_;
        return;
      }
      const std::uint64_t bits = size * 8;
      free_at_ =
          free_at_ + Duration{static_cast<std::int64_t>(bits * 1'000'000 / options_.rate_bps)};
      if (!options_.polices) out = free_at_;
    }
    if (chance() < options_.loss) {
      ++dropped_;
      return;
    }
    if (chance() < options_.duplicate) in_flight_.emplace(arrival(out), packet);
    in_flight_.emplace(arrival(out), std::move(packet));
  }

  // The next packet that has arrived by `now`, in the order of arrival.
  std::optional<Packet> poll(Instant now) {
    if (in_flight_.empty() || in_flight_.begin()->first > now) return std::nullopt;
    Packet packet = std::move(in_flight_.begin()->second);
    in_flight_.erase(in_flight_.begin());
    return packet;
  }

  // When the next packet arrives; never() when nothing is under way.
  Instant next_timeout() const {
    return in_flight_.empty() ? Instant::never() : in_flight_.begin()->first;
  }

  // How long the next packet would wait before the bottleneck.
  Duration queue(Instant now) const { return std::max(free_at_ - now, Duration{0}); }
  // Nothing gets through the bottleneck before `until`, as when a radio link pauses.
  void stall(Instant until) { free_at_ = std::max(free_at_, until); }

  std::uint64_t dropped() const { return dropped_; }
  // Takes effect from the next packet on.
  void set_options(const LinkOptions& options) { options_ = options; }

 private:
  double chance() { return random_.u32() / 4294967296.0; }
  Instant arrival(Instant out) {
    const auto jitter = static_cast<double>(options_.jitter.count()) * chance();
    const Instant at = out + options_.delay + Duration{static_cast<std::int64_t>(jitter)};
    last_arrival_ = options_.keeps_order ? std::max(last_arrival_, at) : at;
    return last_arrival_;
  }

  LinkOptions options_;
  SeededRandom random_;
  Instant free_at_;
  Instant last_arrival_;
  std::multimap<Instant, Packet> in_flight_;  // equal times keep their order
  std::uint64_t dropped_ = 0;
};

}  // namespace sim
