// The receiver's side of transport-wide congestion control: notes when packets arrive, and tells
// their sender (draft-holmer-rmcat-transport-wide-cc-extensions-01).
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/bytes.hpp"
#include "base/time.hpp"
#include "rtc/rtp/unwrapper.hpp"

namespace rtc {

// One a transport: the numbers go over all its streams. Allocates when made, never later.
class TransportFeedbackRecorder {
 public:
  // A reordered packet that is further back than this is not reported any more.
  static constexpr std::int64_t kPackets = 1024;
  static constexpr Duration kIntervalMin = std::chrono::milliseconds{50};
  static constexpr Duration kIntervalMax = std::chrono::milliseconds{250};

  struct Options {
    std::uint32_t sender_ssrc = 1;                       // whom the feedback is from
    Duration interval = std::chrono::milliseconds{100};  // kept within the bounds above
  };

  explicit TransportFeedbackRecorder(const Options& options);

  // `media_ssrc` is the packet's: senders accept feedback only about a stream of their own.
  void on_packet(Instant now, std::uint16_t transport_sequence, std::uint32_t media_ssrc);

  // The next feedback packet due at `now`, written to `buffer`; empty when there is none. Call
  // until then: losses and pauses split a report. At least TransportFeedbackBuilder::kSizeMax
  // octets of room, or the report is lost like a packet on its way.
  Bytes poll_feedback(Instant now, MutableBytes buffer);

  // When poll_feedback() will return something; never() when nothing came since the last time.
  Instant next_timeout() const { return due_; }

 private:
  Instant& arrival_of(std::int64_t number) {
    return arrivals_[static_cast<std::size_t>(number & (kPackets - 1))];
  }
  bool note(Instant now, std::int64_t number);

  Options options_;
  SequenceUnwrapper unwrapper_;
  std::vector<Instant> arrivals_;  // by number; never() for what did not come
  std::optional<std::int64_t> newest_;
  std::int64_t next_ = 0;  // the first number of the next report
  std::uint32_t media_ssrc_ = 0;
  std::uint8_t feedback_count_ = 0;
  Instant due_ = Instant::never();
};

}  // namespace rtc
