#include "rtc/stream/number_rewriter.hpp"

#include <algorithm>

namespace rtc {

// Keeps numbers for what is missing before `in`. False when `in` is not ahead of the newest.
bool NumberRewriter::advance(std::int64_t in) {
  if (!newest_in_) {
    newest_in_ = in - 1;
    first_in_ = in;
  }
  if (in <= *newest_in_) return false;
  const std::int64_t missing = in - *newest_in_ - 1;
  if (missing < kHistory) {
    for (std::int64_t lost = *newest_in_ + 1; lost < in; ++lost) remember(lost, ++newest_out_);
  } else {
    // A jump beyond the history is a break of the source, not a loss: numbers go on without a gap.
    first_in_ = in;
  }
  newest_in_ = in;
  return true;
}

std::int64_t NumberRewriter::oldest_in() const {
  return std::max(first_in_, *newest_in_ - kHistory + 1);
}

// `in` is from oldest_in() to the newest. nullopt for what was left out.
std::optional<std::int64_t> NumberRewriter::out_of(std::int64_t in) const {
  const std::uint32_t low = outs_[index(in)];
  if (low == kDropped) return std::nullopt;
  const std::uint32_t back = (static_cast<std::uint32_t>(newest_out_) - low) & ~kDropped;
  return newest_out_ - back;
}

std::optional<std::int64_t> NumberRewriter::forward(std::int64_t in) {
  if (advance(in)) {
    remember(in, ++newest_out_);
    return newest_out_;
  }
  return in < oldest_in() ? std::nullopt : out_of(in);
}

std::optional<std::int64_t> NumberRewriter::drop(std::int64_t in) {
  if (!newest_in_) return std::nullopt;  // before the first one nothing needs to be left out
  const bool is_late = !advance(in);
  if (is_late && in < oldest_in()) return std::nullopt;
  const auto kept = is_late ? out_of(in) : std::nullopt;
  outs_[index(in)] = kDropped;
  return kept;
}

void NumberRewriter::close_gap(std::int64_t in) {
  if (!newest_in_ || in <= *newest_in_ || in - *newest_in_ > kHistory) return;
  for (std::int64_t lost = *newest_in_ + 1; lost < in; ++lost) outs_[index(lost)] = kDropped;
  newest_in_ = in - 1;
}

std::optional<std::int64_t> NumberRewriter::source_of(std::int64_t out) const {
  if (!newest_in_) return std::nullopt;
  for (std::int64_t in = *newest_in_; in >= oldest_in(); --in) {
    const auto known = out_of(in);
    if (!known) continue;
    if (*known == out) return in;
    if (*known < out) return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace rtc
