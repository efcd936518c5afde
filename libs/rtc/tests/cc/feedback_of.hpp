// Feedback as a receiver would send it, or as it would lie.
#pragma once

#include <gtest/gtest.h>

#include <optional>
#include <utility>
#include <vector>

#include "rtc/rtcp/transport_feedback.hpp"

namespace rtc::testing {

// Reports a packet for each pair, in order; pairs without a time are lost. The first and the last
// have one. Calls `use` with what was written and read back.
template <class Use>
void with_feedback(const std::vector<std::pair<std::uint16_t, std::optional<Duration>>>& packets,
                   Use&& use) {
  TransportFeedbackBuilder builder(packets.front().first, *packets.front().second);
  for (const auto& [sequence, arrival] : packets) {
    if (arrival) ASSERT_TRUE(builder.add(sequence, *arrival));
  }
  std::vector<std::uint8_t> buffer(TransportFeedbackBuilder::kSizeMax);
  ByteWriter out(buffer);
  builder.write(out, 1, 2, 0);
  RtcpReader reader(out.written());
  const auto packet = reader.next();
  ASSERT_TRUE(packet);
  const auto feedback = TransportFeedback::parse(*packet);
  ASSERT_TRUE(feedback);
  use(*feedback);
}

}  // namespace rtc::testing
