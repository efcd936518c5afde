// Gives a stream numbers of its own: continuous over what was left out, and over another source.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

namespace rtc {

// Sequence numbers of packets, or picture ids of frames, unwrapped to 64 bits on both sides.
//
// What is forwarded or left out by choice leaves no gap; what is missing from the source does,
// for it may still come: then it gets the number that was kept for it. What was left out, or is
// older than kHistory, gets none any more.
class NumberRewriter {
 public:
  static constexpr std::int64_t kHistory = 1024;

  // `first` is the number that the first one forwarded gets.
  explicit NumberRewriter(std::int64_t first) : newest_out_(first - 1) {}

  // The number for `in`, or nullopt where it must not be forwarded. Asked again, the same answer.
  std::optional<std::int64_t> forward(std::int64_t in);
  // `in`, which was not forwarded, is left out by choice. It comes late where a number was kept for
  // it: then that is returned, for whoever receives the others misses it.
  std::optional<std::int64_t> drop(std::int64_t in);
  // What is missing before `in`, which is new, will not be forwarded: it leaves no gap.
  void close_gap(std::int64_t in);
  // The next number, for something that is made here and has no counterpart at the source.
  std::int64_t insert() { return ++newest_out_; }
  // From the next one on, numbers come from another source, and continue without a gap.
  void change_source() { newest_in_.reset(); }

  // What went out as `out` came in as this; nullopt where nothing did, or it is too long ago.
  std::optional<std::int64_t> source_of(std::int64_t out) const;
  std::int64_t newest_out() const { return newest_out_; }

 private:
  static constexpr std::uint32_t kDropped = 0x80000000;

  static std::size_t index(std::int64_t number) {
    return static_cast<std::size_t>(number & (kHistory - 1));
  }
  bool advance(std::int64_t in);
  void remember(std::int64_t in, std::int64_t out) {
    outs_[index(in)] = static_cast<std::uint32_t>(out) & ~kDropped;
  }
  std::int64_t oldest_in() const;
  std::optional<std::int64_t> out_of(std::int64_t in) const;

  std::optional<std::int64_t> newest_in_;
  std::int64_t first_in_ = 0;  // since when there are no jumps
  std::int64_t newest_out_;
  // What each of the last numbers became, from oldest_in() on: its lowest 31 bits, or kDropped.
  std::array<std::uint32_t, kHistory> outs_{};
};

}  // namespace rtc
