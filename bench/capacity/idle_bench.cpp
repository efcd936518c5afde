// What idle transports cost the busy ones of their engine: rows of how many there are besides, the
// CPU time of a forwarded packet and of a tick, in nanoseconds. Virtual time; no socket.
#include <fmt/format.h>

#include <array>
#include <chrono>
#include <ctime>
#include <memory>
#include <string>
#include <vector>

#include "base/random.hpp"
#include "rounds.hpp"
#include "rtc/rtp/extension_values.hpp"
#include "rtc/rtp/rtp_builder.hpp"
#include "rtc/transport/media_engine.hpp"

namespace {

using namespace std::chrono_literals;

constexpr std::size_t kReceivers = 10;
constexpr std::size_t kPayload = 1200;  // octets
constexpr std::uint32_t kSsrc = 1111;
constexpr std::uint8_t kPayloadType = 101;
constexpr std::uint8_t kTransportSequenceId = 5;
constexpr int kPackets = 4000;  // a round
constexpr int kTicks = 200;     // a round

rtc::Path path_of(std::uint16_t port) {
  return {.remote = {IpAddress::v4({198, 51, 100, 1}), port},
          .local = IpAddress::v4({192, 0, 2, 1})};
}

rtc::SrtpMasterKey key() {
  constexpr auto kSuite = rtc::SrtpSuite::AeadAes128Gcm;
  const std::vector<std::uint8_t> octets(rtc::key_size(kSuite) + rtc::salt_size(kSuite), 7);
  return *rtc::SrtpMasterKey::from(kSuite, octets);
}

// Of this thread.
double cpu_ns() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return 1e9 * static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec);
}

// An engine that forwards one producer to ten receivers, and has others besides.
class Engine {
 public:
  Engine(std::size_t idle, const rtc::DtlsIdentity& identity) {
    rtc::RtpExtensionIds ids;
    ids.set(rtc::RtpExtension::TransportSequence, kTransportSequenceId);
    const auto source = engine_.open_plain({.path = path_of(1), .send_key = {}, .receive_key = {}});
    const auto producer = engine_.produce(
        *source,
        {.payload_type = kPayloadType, .extension_ids = ids, .streams = {{.ssrc = kSsrc}}});
    for (std::uint16_t i = 0; i < kReceivers; ++i) {
      const auto port = static_cast<std::uint16_t>(2 + i);
      const auto sink =
          engine_.open_plain({.path = path_of(port), .send_key = key(), .receive_key = {}});
      rtc::Consumer::Options options;
      options.ssrc = 5000U + i;
      options.payload_type = 96;
      engine_.consume(*sink, *producer, options);
    }
    add_idle(idle, identity);
    // They lose their consent, and have no deadline any more.
    now_ = now_ + 31s;
    tick();
    forward(kPackets);  // warm
  }

  // Nanoseconds a packet that comes in, with the ticks that are due meanwhile.
  double forward(int packets) {
    const double before = cpu_ns();
    for (int i = 0; i < packets; ++i) {
      now_ = now_ + 1ms;
      receive();
      if (engine_.next_timeout() <= now_) tick();
    }
    return (cpu_ns() - before) / packets;
  }

  // Nanoseconds a tick that is for one transport: it reports what has come.
  double report(int ticks) {
    double sum = 0;
    for (int i = 0; i < ticks; ++i) {
      receive();
      now_ = now_ + 100ms;
      const double before = cpu_ns();
      tick();
      sum += cpu_ns() - before;
    }
    return sum / ticks;
  }

 private:
  // As many browsers as an engine takes, and for the rest what it takes more of.
  void add_idle(std::size_t count, const rtc::DtlsIdentity& identity) {
    SeededRandom random(7);
    for (std::size_t i = 0; i < count; ++i) {
      const auto credentials = rtc::IceCredentials::generate(random);
      const bool is_open = engine_.open_web_rtc(now_, credentials, identity).has_value();
      if (!is_open) engine_.open_pipe(static_cast<std::uint16_t>(i));
    }
  }

  void tick() {
    engine_.handle_timeout(now_, out_);
    out_.clear();
    while (engine_.poll_event()) {
    }
  }

  void receive() {
    ++sequence_;
    ByteWriter writer(datagram_);
    const auto octets = rtc::transport_sequence_octets(sequence_);
    const rtc::RtpExtensionElement elements[] = {{kTransportSequenceId, octets}};
    rtc::write_rtp_header(writer,
                          {.payload_type = kPayloadType,
                           .sequence = sequence_,
                           .timestamp = 90U * sequence_,
                           .ssrc = kSsrc},
                          elements);
    engine_.handle_datagram(now_, path_of(1),
                            MutableBytes(datagram_).first(writer.size() + kPayload), out_);
    (void)out_.ready();
    out_.clear();
  }

  Instant now_ = Instant::at(1s);
  rtc::MediaEngine engine_{now_};
  rtc::Outbox out_{64};
  std::uint16_t sequence_ = 0;
  std::array<std::uint8_t, 1500> datagram_{};
};

struct Row {
  std::size_t idle = 0;
  std::unique_ptr<Engine> engine;
  std::vector<double> packet = {};
  std::vector<double> tick = {};
};

}  // namespace

// Usage: forward_idle [the most idle ones].
int main(int argc, char** argv) {
  const std::size_t most = argc > 1 ? std::stoul(argv[1]) : 10'000;
  const rtc::DtlsIdentity identity(1'800'000'000);
  std::vector<Row> rows;
  for (const std::size_t idle : {0, 1000, 4000, 10'000}) {
    if (idle > most) continue;
    rows.push_back({.idle = idle, .engine = std::make_unique<Engine>(idle, identity)});
  }
  for (int round = 0; round < bench::kRounds; ++round) {
    for (Row& row : rows) {
      row.packet.push_back(row.engine->forward(kPackets));
      row.tick.push_back(row.engine->report(kTicks));
    }
  }
  const double packet = bench::median(rows.front().packet);
  const double tick = bench::median(rows.front().tick);
  for (const Row& row : rows) {
    fmt::print("| {} | {:.0f} | {:.2f} | {:.0f} | {:.2f} |\n", row.idle, bench::median(row.packet),
               bench::median(row.packet) / packet, bench::median(row.tick),
               bench::median(row.tick) / tick);
  }
  return 0;
}
