// What all filters of layers have in common: what is asked of them, and what they answer.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>

#include "rtc/rtp/unwrapper.hpp"

namespace rtc {

// The highest layers that a receiver is to get. More than the stream has means all of it.
struct LayerTarget {
  std::uint8_t spatial = 7;
  std::uint8_t temporal = 7;

  friend bool operator==(const LayerTarget&, const LayerTarget&) = default;
};

// What is to become of one packet.
struct LayerVerdict {
  bool forwards = false;
  bool ends_picture = false;  // it gets the marker: what follows of the picture is left out
  bool closes_gap = false;    // the pictures that are missing before it will not be forwarded
  // To be written to its dependency descriptor, where there is one.
  std::optional<std::uint32_t> active_decode_targets = std::nullopt;
};

// From which picture on, and until which, a layer goes out. So packets that are late get the answer
// that the others of their picture got.
class LayerSpan {
 public:
  static LayerSpan always() {
    LayerSpan span;
    span.from_ = std::numeric_limits<std::int64_t>::min();
    return span;
  }

  bool holds(std::int64_t picture) const { return picture >= from_ && picture < until_; }
  bool is_open() const { return from_ != kNever && until_ == kNever; }
  // Where it is open already, what is late from before still goes out.
  void open(std::int64_t picture) {
    if (is_open()) return;
    from_ = picture;
    until_ = kNever;
  }
  void close(std::int64_t picture) { until_ = std::min(until_, picture); }

 private:
  static constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();

  std::int64_t from_ = kNever;
  std::int64_t until_ = kNever;
};

// Numbers of pictures from their ids of 7 or 15 bits, or by their starts where they have none.
class PictureNumbers {
 public:
  std::int64_t number_of(std::optional<std::uint16_t> id, bool is_long, bool starts_picture) {
    if (!id) return counted_ += starts_picture ? 1 : 0;
    return is_long ? long_.unwrap(*id) : short_.unwrap(*id);
  }

 private:
  Unwrapper<15> long_;
  Unwrapper<7> short_;
  std::int64_t counted_ = 0;
};

}  // namespace rtc
