// Which of the last packets have come already (RFC 3711 section 3.3.2).
#pragma once

#include <array>
#include <cstdint>

namespace rtc {

// Wide enough for what retransmission brings late: two seconds of a fast video stream.
class ReplayWindow {
 public:
  static constexpr std::uint64_t kSize = 1024;  // packets; the RFC asks for 64 at least

  // False when `index` was marked before, or is too old to know.
  bool is_new(std::uint64_t index) const {
    if (!started_ || index > newest_) return true;
    if (newest_ - index >= kSize) return false;
    return (word(index) >> (index % 64) & 1U) == 0;
  }

  // Only after the packet proved authentic.
  void mark(std::uint64_t index) {
    if (!started_ || index > newest_) advance(index);
    words_[index / 64 % words_.size()] |= std::uint64_t{1} << (index % 64);
  }

  std::uint64_t newest() const { return newest_; }
  bool started() const { return started_; }

 private:
  std::uint64_t word(std::uint64_t index) const { return words_[index / 64 % words_.size()]; }

  // Clears what the places between the last and the new index stood for. One word more than the
  // window needs, so that the oldest word of the window is never the one that is being reused.
  void advance(std::uint64_t index) {
    const std::uint64_t first = started_ ? newest_ / 64 + 1 : index / 64;
    const std::uint64_t last = index / 64;
    if (!started_ || last - newest_ / 64 >= words_.size()) {
      words_.fill(0);
    } else {
      for (std::uint64_t at = first; at <= last; ++at) words_[at % words_.size()] = 0;
    }
    newest_ = index;
    started_ = true;
  }

  std::array<std::uint64_t, kSize / 64 + 1> words_{};
  std::uint64_t newest_ = 0;
  bool started_ = false;
};

}  // namespace rtc
