// One media core: a thread with an epoll loop, its sockets and, in them, its share of the media.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "base/endpoint.hpp"
#include "base/random.hpp"
#include "rtc/stun/stun_reflector.hpp"
#include "rtc/transport/media_engine.hpp"
#include "sfu/ice_tcp_port.hpp"
#include "sfu/packet_ring.hpp"
#include "sfu/udp_port.hpp"
#include "sfu/wake_up.hpp"

namespace server::sfu {

struct MediaWorkerOptions {
  std::optional<IpAddress> listen_ip;  // nullopt: every address of both families
  std::uint16_t port = 0;              // 0: a free one
  std::optional<unsigned> cpu;         // pinned to this core where the system allows it
  std::uint16_t number = 0;            // by which other workers know it, see connect()
  // Called on the worker's thread; must not throw, and returns soon.
  std::function<void(const rtc::EngineEvent&)> on_event = {};
};

// Starts with its construction and ends with its destruction, which waits for the thread.
// The public functions may be called from any thread.
class MediaWorker {
 public:
  struct Counters {
    std::uint64_t datagrams = 0;            // received
    std::uint64_t stun_answers = 0;         // sent to requests without credentials
    std::uint64_t stun_over_budget = 0;     // not answered, so as not to amplify
    std::uint64_t dropped_malformed = 0;    // neither STUN nor anything else that is known
    std::uint64_t dropped_unexpected = 0;   // well-formed, but from nobody we know
    std::uint64_t dropped_forged = 0;       // SRTP that is not authentic, or came already
    std::uint64_t dropped_over_budget = 0;  // more than one browser may send
    std::uint64_t dropped_feedback = 0;     // messages of feedback beyond a receiver's share
    std::uint64_t dropped_key_frames = 0;   // key frames that a receiver asks for beyond its share
    std::uint64_t dropped_resends = 0;      // packets that it asks for again beyond what was sent
    std::uint64_t dropped_handshakes = 0;   // first flights while too many were under way
    std::uint64_t dropped_too_much = 0;     // more than one browser may get
    std::uint64_t dropped_outbox = 0;       // made, but found no room to wait in
    std::uint64_t sent = 0;                 // datagrams that the kernel took
    std::uint64_t send_calls = 0;           // runs of datagrams that it took them in
    std::uint64_t send_dropped = 0;         // datagrams that it did not take
    std::uint64_t receive_dropped = 0;      // datagrams that its buffer had no room for
    std::uint64_t tcp_connections = 0;      // open now
    std::uint64_t tcp_refused = 0;          // connections beyond what may stand
    std::uint64_t transports = 0;           // of the engine, now
    std::uint64_t producers = 0;
    std::uint64_t consumers = 0;
    std::uint64_t pipes = 0;         // producers that go to another worker, now
    std::uint64_t pipe_dropped = 0;  // datagrams that another worker had no room for

    Counters& operator+=(const Counters& other);
  };
  // Runs on the worker's thread, where the engine may be touched. Must not throw.
  using Command = std::function<void(Instant now, rtc::MediaEngine& engine, rtc::Outbox& out)>;

  static constexpr std::size_t kCommandsMax = 4096;  // that wait

  // Throws std::system_error when the port cannot be had, for UDP or for TCP.
  explicit MediaWorker(const MediaWorkerOptions& options);
  ~MediaWorker();
  MediaWorker(const MediaWorker&) = delete;
  MediaWorker& operator=(const MediaWorker&) = delete;

  // Of UDP and of TCP.
  std::uint16_t port() const { return ports_.udp->port(); }
  Counters counters() const;
  // Has the worker run it soon, after those before. False when too many wait already.
  bool post(Command command);
  // The same for what must not be lost: the end of something that the engine holds.
  void post_even_if_full(Command command);
  // Commands from now on may use Path::pipe() of the number of the other here, and of this one
  // there. Once for two workers.
  void connect(MediaWorker& other);

 private:
  enum class Count : std::uint8_t {
    Datagrams,
    StunAnswers,
    StunOverBudget,
    StunMalformed,
    StunUnexpected,
    MediaMalformed,
    MediaUnexpected,
    DroppedForged,
    DroppedOverBudget,
    DroppedFeedback,
    DroppedKeyFrames,
    DroppedResends,
    DroppedHandshakes,
    DroppedTooMuch,
    DroppedOutbox,
    Sent,
    SendCalls,
    SendDropped,
    ReceiveDropped,
    TcpConnections,
    TcpRefused,
    Transports,
    Producers,
    Consumers,
    Pipes,
    PipeDropped,
    Size,
  };

  struct Ports {
    std::unique_ptr<UdpPort> udp;
    std::unique_ptr<IceTcpPort> tcp;
  };
  // To and from another worker; `taken` packets wait in `in` for the end of the batch.
  struct Pipe {
    std::uint16_t number;
    std::shared_ptr<PacketRing> in;
    std::shared_ptr<PacketRing> out;
    std::size_t taken = 0;
  };
  static Ports open_ports(const MediaWorkerOptions& options);

  void run();
  void receive(Instant now, bool has_datagrams);
  void receive_pipes(Instant now);
  void run_commands(Instant now);
  void handle(Instant now, const Datagram& datagram);
  void reflect(Instant now, const Datagram& datagram);
  void flush();
  void flush_pipes();
  void close_ended();
  void publish();
  // Only the worker's thread writes, so an add needs no atomic read-modify-write.
  void count(Count what, std::uint64_t by = 1);
  void set(Count what, std::uint64_t value);
  std::uint64_t read(Count what) const;

  SecureRandom random_;
  rtc::StunReflector reflector_;
  rtc::MediaEngine engine_;
  rtc::Outbox outbox_;
  std::array<std::atomic<std::uint64_t>, static_cast<std::size_t>(Count::Size)> counters_{};
  Ports ports_;
  IceTcpPort::Receiver tcp_receiver_;
  std::function<void(const rtc::EngineEvent&)> on_event_;
  Instant now_;  // of this turn of the loop
  bool told_of_segmenting_ = false;

  std::mutex commands_mutex_;
  std::vector<Command> commands_;  // guarded by commands_mutex_

  const std::uint16_t number_;
  std::vector<Pipe> pipes_;

  std::shared_ptr<WakeUp> wake_;  // something is to be done beside the sockets
  int epoll_ = -1;
  std::atomic<bool> stopping_ = false;
  std::thread thread_;  // last: starts after everything it uses exists
};

}  // namespace server::sfu
