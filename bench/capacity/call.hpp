// What forwarding costs in a call, where packets come at their own pace.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace bench {

constexpr std::uint32_t video_ssrc(std::size_t participant) {
  return static_cast<std::uint32_t>(2000 + 2 * participant);
}
constexpr std::uint32_t audio_ssrc(std::size_t participant) { return video_ssrc(participant) + 1; }

void print_calls(const std::string& folder, std::chrono::milliseconds time);

}  // namespace bench
