// Media of the calls, as the control thread sees it: who sends and receives what on which worker.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/random.hpp"
#include "http/api_error.hpp"
#include "sfu/commands.hpp"
#include "sfu/media_worker.hpp"
#include "sfu/negotiation.hpp"
#include "sfu/room_speakers.hpp"

namespace server::sfu {

namespace net = boost::asio;

struct SfuOptions {
  std::size_t workers = 1;
  std::optional<IpAddress> listen_ip;
  std::uint16_t port = 0;                // of the first worker; 0: free ones
  std::vector<IpAddress> announced;      // in the candidates; empty: those of this machine
  std::uint16_t tcp_announced_port = 0;  // 0: the worker's own
  std::size_t worker_peers = 50;         // on one worker, before a room goes on to another
};

// Control thread only. Peers are known by the caller's ids, transports, producers and consumers by
// random ones, which only their peer (and, for producers, its room) may use: of anyone else's the
// answer is that there is none.
class SfuService {
 public:
  using EventHandler = std::function<void(const MediaEvent&)>;

  static constexpr std::size_t kProducersMax = 16;    // of one peer
  static constexpr std::size_t kConsumersMax = 1024;  // of one peer
  static constexpr Duration kQualityInterval = std::chrono::seconds{2};

  // Starts the workers; `executor` is the control thread's. Throws std::system_error when a port
  // cannot be had. `random` outlives the service.
  SfuService(const net::any_io_executor& executor, const SfuOptions& options, Random& random);
  ~SfuService();

  void on_event(EventHandler handler) { handler_ = std::move(handler); }
  std::uint16_t port() const { return workers_.front()->port(); }
  const std::vector<std::unique_ptr<MediaWorker>>& workers() const { return workers_; }

  json::object router_rtp_capabilities() const;
  // VALIDATION_ERROR when join() would say so; join() ends what the peer had.
  http::Result<void> check_capabilities(const json::value& rtp_capabilities) const;

  // Two transports for the peer, on a worker of its room; again, those that it has are closed.
  net::awaitable<http::Result<PeerTransports>> join(std::string room, std::string peer,
                                                    json::value rtp_capabilities);
  // Measures, every kQualityInterval, how media gets through to and from everyone; call it often.
  void tick(Instant now);
  // Everything of the peer ends at once.
  void leave(const std::string& peer);
  bool has_joined(const std::string& peer) const { return peers_.contains(peer); }

  http::Result<void> connect_transport(const std::string& peer, const std::string& transport,
                                       const json::value& dtls_parameters);
  // `iceParameters`.
  net::awaitable<http::Result<json::object>> restart_ice(std::string peer, std::string transport);

  net::awaitable<http::Result<ProducerInfo>> produce(std::string peer, std::string transport,
                                                     std::string kind, json::value rtp_parameters,
                                                     bool paused);
  http::Result<void> set_producer_paused(const std::string& peer, const std::string& producer,
                                         bool paused);
  http::Result<void> close_producer(const std::string& peer, const std::string& producer);

  // Starts paused.
  net::awaitable<http::Result<ConsumerInfo>> consume(std::string peer, std::string producer,
                                                     json::value rtp_capabilities);
  http::Result<void> set_consumer_paused(const std::string& peer, const std::string& consumer,
                                         bool paused);
  http::Result<void> request_key_frame(const std::string& peer, const std::string& consumer);
  http::Result<void> prefer_layers(const std::string& peer, const std::string& consumer,
                                   const PreferredLayers& layers);
  http::Result<void> close_consumer(const std::string& peer, const std::string& consumer);

  // All that is known of the peer's transports, producers and consumers.
  net::awaitable<http::Result<json::object>> stats(std::string peer);

  // Of all workers together.
  MediaWorker::Counters counters() const;

 private:
  struct Peer;
  struct ProducerEntry;
  struct Pipe;
  struct RoomPart;
  using PeerPtr = std::shared_ptr<Peer>;

  MediaWorker& worker_of(const Peer& peer);
  std::shared_ptr<RoomPart> place(const std::string& room);
  void close_part(const std::string& room, const std::shared_ptr<RoomPart>& part);
  void open_pipe(const std::shared_ptr<ProducerEntry>& producer,
                 const std::shared_ptr<RoomPart>& part);
  void close_pipe(ProducerEntry& producer, std::size_t there);
  void release_pipe(const std::string& id, std::size_t there);
  void want_piped(const ProducerEntry& producer, std::size_t there, std::size_t encodings);
  std::vector<rtc::IceCandidate> candidates(std::size_t worker) const;
  http::Result<PeerPtr> find_peer(const std::string& id) const;
  void handle(std::size_t worker, const rtc::EngineEvent& event);
  void transport_over(std::size_t worker, rtc::TransportId transport);
  void measure(const PeerPtr& peer);
  void close_transports(const Peer& peer);
  void end_consumer(Peer& peer, const std::string& consumer);
  void forget_producer(const std::string& id);
  template <class Command>
  http::Result<void> command_consumer(const std::string& peer, const std::string& consumer,
                                      Command command);

  SfuOptions options_;
  Random& random_;
  rtc::DtlsIdentity identity_;
  EventHandler handler_;
  net::any_io_executor executor_;
  // With somebody in them, on each of these workers; the first part tells who speaks.
  std::map<std::string, std::vector<std::shared_ptr<RoomPart>>> rooms_;
  std::map<std::string, RoomSpeakers> speakers_;             // as they were told
  std::set<std::pair<std::size_t, std::size_t>> connected_;  // workers, the lower number first
  // What the workers call by their own numbers.
  std::map<std::pair<std::size_t, rtc::RoomId>, std::string> room_names_;
  std::map<std::pair<std::size_t, rtc::ProducerId>, std::string> producer_names_;
  std::map<std::pair<std::size_t, rtc::ConsumerId>, std::pair<std::string, std::string>>
      consumer_names_;  // peer, consumer
  Instant measure_at_;
  std::unordered_map<std::string, PeerPtr> peers_;
  std::unordered_map<std::string, std::shared_ptr<ProducerEntry>> producers_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  // for events under way
  std::vector<std::unique_ptr<MediaWorker>> workers_;           // last: they call handle()
};

}  // namespace server::sfu
