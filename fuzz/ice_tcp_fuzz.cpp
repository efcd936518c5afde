// TCP clients of a media worker's port. Each step is an octet that says which client does what (it
// connects, sends octets that may be no frame, sends a frame, resets its connection, is answered,
// or time passes) and the octets that it sends, led by their size.
#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include "heap_budget.hpp"
#include "rtc/ice/tcp_framing.hpp"
#include "sfu/ice_tcp_port.hpp"
#include "tcp_client.hpp"

namespace {

using fuzz::require;
using Client = fuzz::TcpClient;
using server::sfu::IceTcpPort;

constexpr std::size_t kClients = 4;
constexpr std::size_t kStepsMax = 256;
// What one connection may hold: what is not sent yet, which grows by doubling, and its frame.
constexpr std::size_t kHeldMax = 3 * IceTcpPort::kUnsentMax;

// The packets in a stream of frames, by the letter of RFC 4571; nothing comes after a frame that is
// too long.
std::vector<std::vector<std::uint8_t>> packets_in(Bytes stream) {
  std::vector<std::vector<std::uint8_t>> packets;
  ByteReader in(stream);
  while (in.remaining() >= 2) {
    const std::size_t size = in.u16();
    if (size > rtc::TcpDeframer::kPacketMax || size > in.remaining()) break;
    const Bytes packet = in.take(size);
    if (size > 0) packets.emplace_back(packet.begin(), packet.end());
  }
  return packets;
}

// However a stream is cut, its packets are the same. `sizes` chooses the cuts.
void check_deframer(Bytes stream, Bytes sizes) {
  rtc::TcpDeframer deframer;
  std::vector<std::vector<std::uint8_t>> packets;
  std::size_t at = 0;
  for (std::size_t i = 0; at < stream.size() && !deframer.is_broken(); ++i) {
    const MutableBytes space = deframer.space();
    require(!space.empty());
    const std::size_t wish = sizes.empty() ? 1 : sizes[i % sizes.size()] + std::size_t{1};
    const Bytes part = stream.subspan(at, std::min({wish, space.size(), stream.size() - at}));
    std::ranges::copy(part, space.begin());
    deframer.filled(part.size());
    at += part.size();
    while (const auto packet = deframer.next())
      packets.emplace_back(packet->begin(), packet->end());
  }
  require(packets == packets_in(stream));
}

class World {
 public:
  void step(ByteReader& in) {
    const std::uint8_t what = in.u8();
    auto& client = clients_[what % kClients];
    const std::size_t size = in.u16() % 4096U;
    const Bytes octets = in.take(std::min(size, in.remaining()));
    switch (what / kClients % 8) {
      case 0:
        client.emplace().connect(port_.port());
        break;
      case 1:
        client.reset();
        break;
      case 2:
        if (!paths_.empty()) (void)port_.send(now_, paths_[size % paths_.size()], octets);
        break;
      case 3:  // a peer that is sent media and does not read
        for (std::size_t i = 0; !paths_.empty() && i < 64; ++i) {
          (void)port_.send(now_, paths_[size % paths_.size()], octets);
        }
        break;
      case 4:
        now_ = now_ + std::chrono::milliseconds{100 * size};
        port_.handle_timeout(now_, receiver_);
        break;
      case 5:
        if (client)
          client->send(text_of(rtc::tcp_frame_header(static_cast<std::uint16_t>(octets.size()))));
        [[fallthrough]];
      default:
        if (client) client->send(text_of(octets));
    }
    port_.receive(now_, receiver_);
    require(port_.connection_count() <= IceTcpPort::kPerNetworkMax);
    heap_.require_at_most(64 * 1024 + port_.connection_count() * kHeldMax);
  }

 private:
  fuzz::HeapBudget heap_;
  Instant now_ = Instant::at(std::chrono::seconds{1});
  IceTcpPort port_{IpAddress::parse("127.0.0.1"), 0};
  std::vector<rtc::Path> paths_;  // that something came over, the last ones
  IceTcpPort::Receiver receiver_{
      .on_packet =
          [this](const rtc::Path& from, MutableBytes packet) {
            require(!packet.empty() && packet.size() <= rtc::TcpDeframer::kPacketMax);
            paths_.push_back(from);
            if (paths_.size() > kClients) paths_.erase(paths_.begin());
          },
      .on_closed = [this](const rtc::Path& from) { std::erase(paths_, from); }};
  std::array<std::optional<Client>, kClients> clients_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Bytes input(data, size);
  const std::size_t cuts = std::min<std::size_t>(size, 8);
  check_deframer(input.subspan(cuts), input.first(cuts));
  World world;
  ByteReader in(input);
  for (std::size_t i = 0; i < kStepsMax && in.remaining() > 0; ++i) world.step(in);
  return 0;
}
