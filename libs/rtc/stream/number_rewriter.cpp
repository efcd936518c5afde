#include "rtc/stream/number_rewriter.hpp"

#include <algorithm>

namespace rtc {

// Keeps numbers for what is missing before `in`. False when `in` is not ahead of the newest.
bool NumberRewriter::advance(std::int64_t in) {
  if (!newest_in_) {
    by_in_.fill({});
    newest_in_ = in - 1;
    first_in_ = in;
  }
  if (in <= *newest_in_) return false;
  const std::int64_t missing = in - *newest_in_ - 1;
  // A jump beyond the history is a break of the source, not a loss: numbers go on without a gap.
  if (missing < kHistory) {
    for (std::int64_t lost = *newest_in_ + 1; lost < in; ++lost) {
      entry_of(lost) = {.in = lost, .out = ++newest_out_};
    }
  }
  newest_in_ = in;
  return true;
}

std::optional<std::int64_t> NumberRewriter::forward(std::int64_t in) {
  if (advance(in)) {
    entry_of(in) = {.in = in, .out = ++newest_out_};
    return newest_out_;
  }
  const Entry& entry = entry_of(in);
  if (entry.in != in || entry.out == kDropped) return std::nullopt;
  return entry.out;
}

void NumberRewriter::drop(std::int64_t in) {
  if (!newest_in_) return;  // before the first one nothing needs to be left out
  if (advance(in)) entry_of(in) = {.in = in, .out = kDropped};
}

std::optional<std::int64_t> NumberRewriter::source_of(std::int64_t out) const {
  if (!newest_in_) return std::nullopt;
  // Numbers went up by at most as much as those of the source, so it lies at most this far back.
  const std::int64_t oldest = std::max(first_in_, *newest_in_ - kHistory + 1);
  for (std::int64_t in = *newest_in_; in >= oldest; --in) {
    const Entry& entry = by_in_[index(in)];
    if (entry.in != in || entry.out == kDropped) continue;
    if (entry.out == out) return in;
    if (entry.out < out) return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace rtc
