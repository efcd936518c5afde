// A media worker with the streams of a call: everyone sends audio and video, and gets all others'.
// Usage: forward_call_host, with the ports of the participants on one line of standard input.
// Prints its own port, and when standard input closes how many packets it sent, in how many calls.
#include <array>
#include <future>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

#include "call.hpp"
#include "sfu/media_worker.hpp"
#include "udp.hpp"

namespace {

rtc::SrtpMasterKey key_of(std::uint16_t port) {
  const std::vector<std::uint8_t> octets(28, static_cast<std::uint8_t>(port));
  return *rtc::SrtpMasterKey::from(rtc::SrtpSuite::AeadAes128Gcm, octets);
}

std::optional<rtc::ProducerId> publish(rtc::MediaEngine& engine, std::uint32_t ssrc) {
  const auto kind = ssrc % 2 == 0 ? rtc::MediaKind::Video : rtc::MediaKind::Audio;
  const auto source = engine.open_plain({.path = {}, .send_key = {}, .receive_key = {}});
  return engine.produce(*source, {.kind = kind,
                                  .payload_type = bench::Source::kPayloadType,
                                  .streams = {{.ssrc = ssrc, .kind = kind}}});
}

bool set_up(rtc::MediaEngine& engine, const std::vector<std::uint16_t>& ports) {
  std::vector<rtc::TransportId> sinks;
  for (const std::uint16_t port : ports) {
    const rtc::Path path{.remote = {IpAddress::v4({127, 0, 0, 1}), port}, .local = {}};
    sinks.push_back(
        *engine.open_plain({.path = path, .send_key = key_of(port), .receive_key = {}}));
  }
  std::uint32_t next_ssrc = 100'000;
  for (std::size_t sender = 0; sender < ports.size(); ++sender) {
    for (const std::uint32_t ssrc : {bench::video_ssrc(sender), bench::audio_ssrc(sender)}) {
      const auto producer = publish(engine, ssrc);
      for (std::size_t receiver = 0; receiver < ports.size(); ++receiver) {
        if (receiver == sender) continue;
        rtc::Consumer::Options options;
        options.ssrc = ++next_ssrc;
        options.payload_type = bench::Source::kPayloadType;
        options.kind = ssrc % 2 == 0 ? rtc::MediaKind::Video : rtc::MediaKind::Audio;
        if (!producer || !engine.consume(sinks[receiver], *producer, options)) return false;
      }
    }
  }
  return true;
}

}  // namespace

int main() {
  std::string line;
  std::getline(std::cin, line);
  std::istringstream numbers(line);
  std::vector<std::uint16_t> ports;
  for (std::uint16_t port = 0; numbers >> port;) ports.push_back(port);
  server::sfu::MediaWorker worker({.listen_ip = IpAddress::v4({127, 0, 0, 1})});
  std::promise<bool> done;
  worker.post([&](Instant, rtc::MediaEngine& engine, rtc::Outbox&) {
    done.set_value(set_up(engine, ports));
  });
  if (!done.get_future().get()) return 1;
  std::cout << worker.port() << std::endl;
  std::getline(std::cin, line);
  const auto counters = worker.counters();
  std::cout << counters.sent << ' ' << counters.send_calls << std::endl;
}
