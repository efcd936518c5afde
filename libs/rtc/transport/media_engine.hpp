// All transports, producers and consumers of one media worker, and what comes for them.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <unordered_map>

#include "rtc/forward/producer.hpp"
#include "rtc/rtcp/rtcp_packet.hpp"
#include "rtc/transport/plain_transport.hpp"

namespace rtc {

enum class TransportId : std::uint32_t {};
enum class ProducerId : std::uint32_t {};
enum class ConsumerId : std::uint32_t {};

// Why a datagram went nowhere. Each is counted, none is logged.
enum class MediaDrop : std::uint8_t {
  UnknownSender,  // no transport has this address, or expects this SSRC
  NotMedia,       // neither RTP nor RTCP
  NotAuthentic,   // SRTP: forged, replayed, cut, or too many streams
  Malformed,      // RTP, RTCP or payload descriptor
  UnknownSsrc,    // no producer of the transport has it
  WrongPayloadType,
  Duplicate,  // came already, or too late
  Size,
};

// Sans-IO: datagrams and `now` in, datagrams in an Outbox and the next timeout out. One thread.
// Ids are never used again; functions that are given a stale one do nothing, or give nullopt.
class MediaEngine {
 public:
  static constexpr std::size_t kTransportsMax = 4096;
  static constexpr std::size_t kStreamsMax = 64;  // SSRCs of the producers of one transport
  static constexpr std::size_t kResentMax =
      128;  // packets that one datagram of RTCP may bring again
  static constexpr Duration kReportInterval = std::chrono::seconds{1};

  explicit MediaEngine(Instant now) : report_at_(now + kReportInterval) {}

  // nullopt: too many. Several may send to one address; what comes from there is for the first.
  std::optional<TransportId> open_plain(const PlainTransport::Options& options);
  // With its producers, their consumers, and its own consumers.
  void close_transport(TransportId id);

  // nullopt: no such transport, an SSRC is taken, or too many.
  std::optional<ProducerId> produce(TransportId transport, const Producer::Options& options);
  void close_producer(ProducerId id);
  // nullopt: no such transport or producer, or the transport sends this SSRC already.
  std::optional<ConsumerId> consume(TransportId transport, ProducerId producer,
                                    const Consumer::Options& options);
  void close_consumer(ConsumerId id);
  void set_paused(ConsumerId id, bool paused);
  // Another encoding of the producer, from its next key frame on.
  void set_target(ConsumerId id, std::size_t stream);
  const Consumer* consumer(ConsumerId id) const;

  // `datagram` is decrypted and rewritten in place.
  void handle_datagram(Instant now, const Path& from, MutableBytes datagram, Outbox& out);
  void handle_timeout(Instant now, Outbox& out);
  Instant next_timeout() const;

  std::uint64_t drops(MediaDrop reason) const { return drops_[static_cast<std::size_t>(reason)]; }
  std::uint64_t received() const { return received_; }

 private:
  struct Source {
    Producer* producer = nullptr;
    std::size_t stream = 0;
    bool is_rtx = false;
  };
  struct Sink {
    Producer* producer = nullptr;
    Consumer* consumer = nullptr;
  };
  struct Entry {
    explicit Entry(const PlainTransport::Options& options) : transport(options) {}

    PlainTransport transport;
    std::unordered_map<std::uint32_t, Source> sources;  // by the SSRC of what comes in
    std::unordered_map<std::uint32_t, Sink> sinks;      // by the SSRC of what goes out
  };
  struct ProducerEntry {
    TransportId transport;
    std::unique_ptr<Producer> producer;
  };
  struct ConsumerEntry {
    TransportId transport;
    ProducerId producer;
    Consumer* consumer;
  };

  void drop(MediaDrop reason) { ++drops_[static_cast<std::size_t>(reason)]; }
  Entry* find_sender(const Path& from, Bytes datagram, bool is_media);
  void handle_rtp(Instant now, Entry& entry, MutableBytes datagram, Outbox& out);
  void handle_rtcp(Instant now, Entry& entry, Bytes datagram, Outbox& out);
  void handle_nack(Instant now, Entry& entry, const RtcpPacket& packet, std::size_t& budget,
                   Outbox& out);
  void handle_key_frame_request(Entry& entry, std::uint32_t ssrc);
  void send_reports(Instant now, Outbox& out);

  std::uint32_t last_id_ = 0;
  std::map<TransportId, std::unique_ptr<Entry>> transports_;
  std::map<ProducerId, ProducerEntry> producers_;
  std::map<ConsumerId, ConsumerEntry> consumers_;
  std::unordered_map<Path, Entry*> by_path_;
  Instant report_at_;
  std::uint64_t received_ = 0;
  std::array<std::uint64_t, static_cast<std::size_t>(MediaDrop::Size)> drops_{};
};

}  // namespace rtc
