#include "call.hpp"

#include <fmt/format.h>

#include <memory>
#include <sstream>
#include <vector>

#include "setup.hpp"

namespace bench {

namespace {

using Steady = std::chrono::steady_clock;

constexpr std::chrono::microseconds kTick{20'000};  // of Opus
constexpr std::size_t kVideoTicks = 2;              // 25 frames a second
constexpr std::size_t kFramePackets = 6;            // 1.3 Mbit/s
constexpr std::size_t kVideoSize = 1100;            // octets
constexpr std::size_t kAudioSize = 100;

struct Participant {
  explicit Participant(std::size_t number)
      : video(kVideoSize, video_ssrc(number)), audio(kAudioSize, audio_ssrc(number)) {}

  Source video;
  Source audio;
  Socket receiver;
};

using Participants = std::vector<std::unique_ptr<Participant>>;

void collect(const Participants& participants) {
  for (const auto& participant : participants) {
    while (participant->receiver.discard()) {
    }
  }
}

// Everyone sends at moments of their own within a tick, as clocks that know nothing of each other
// do.
void talk(const Participants& participants, std::uint16_t port, std::chrono::milliseconds time) {
  auto next = Steady::now();
  const auto end = next + time;
  for (std::size_t tick = 0; next < end; ++tick) {
    for (std::size_t i = 0; i < participants.size(); ++i) {
      participants[i]->audio.send(port, 1);
      if ((tick + i) % kVideoTicks == 0) participants[i]->video.send(port, kFramePackets);
      next += kTick / participants.size();
      do {
        collect(participants);
      } while (Steady::now() < next);
    }
  }
}

void print_call(const std::string& folder, std::size_t count, std::chrono::milliseconds time) {
  Participants participants;
  std::string ports;
  for (std::size_t i = 0; i < count; ++i) {
    participants.push_back(std::make_unique<Participant>(i));
    participants.back()->receiver.merge();
    ports += std::to_string(participants.back()->receiver.port()) + " ";
  }
  Child host({folder + "/forward_call_host"}, kTheirCore);
  host.write_line(ports);
  const auto port = static_cast<std::uint16_t>(std::stoul(host.read_line()));
  const std::uint64_t before = host.cpu_ns();
  talk(participants, port, time);
  const auto spent = static_cast<double>(host.cpu_ns() - before);
  std::istringstream totals(host.finish());
  double sent = 1;
  double calls = 1;
  totals >> sent >> calls;
  const double seconds = std::chrono::duration<double>(time).count();
  fmt::print("| {} | {:.0f} | {:.2f} | {:.0f} | {:.1f} % |\n", count, sent / seconds, sent / calls,
             spent / sent, spent / seconds / 1e7);
  std::fflush(stdout);
}

}  // namespace

void print_calls(const std::string& folder, std::chrono::milliseconds time) {
  fmt::print(
      "\n| participants | packets out a second | a send call | ns of CPU a packet | of a core |\n"
      "| --- | --- | --- | --- | --- |\n");
  for (const std::size_t count : {4, 10, 25}) print_call(folder, count, time);
}

}  // namespace bench
