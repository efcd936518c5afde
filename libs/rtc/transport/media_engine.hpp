// All transports, producers and consumers of one media worker, and what comes for them.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <experimental/propagate_const>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

#include "rtc/cc/probe.hpp"
#include "rtc/forward/producer.hpp"
#include "rtc/rtcp/extended_report.hpp"
#include "rtc/rtcp/nack.hpp"
#include "rtc/rtcp/rtcp_packet.hpp"
#include "rtc/stream/feedback_budget.hpp"
#include "rtc/stream/rate_budget.hpp"
#include "rtc/stream/transport_feedback_recorder.hpp"
#include "rtc/transport/deadlines.hpp"
#include "rtc/transport/path_table.hpp"
#include "rtc/transport/plain_transport.hpp"
#include "rtc/transport/web_rtc_transport.hpp"

namespace rtc {

enum class TransportId : std::uint32_t {};
enum class ProducerId : std::uint32_t {};
enum class ConsumerId : std::uint32_t {};
enum class RoomId : std::uint32_t {};
enum class PipeId : std::uint32_t {};

// Why a datagram went nowhere. Each is counted, none is logged.
enum class MediaDrop : std::uint8_t {
  UnknownSender,  // no transport has this address, or expects this SSRC
  NotMedia,       // neither STUN, DTLS, RTP nor RTCP
  BadCheck,       // a STUN check for one of ours that is not authentic, or none at all
  NotAuthentic,   // SRTP: forged, replayed, cut, or too many streams
  Malformed,      // RTP, RTCP or payload descriptor
  UnknownSsrc,    // no producer of the transport has it
  WrongPayloadType,
  Duplicate,           // came already, or too late
  TooOften,            // a receiver asks for more key frames than it may
  OverBudget,          // more than a browser's share of packets or octets
  FeedbackOverBudget,  // a message of feedback beyond FeedbackBudget
  ResendOverBudget,    // asked for again beyond what was sent, see Consumer::resend()
  Size,
};

// What signalling must learn of. At most one waits of each kind for each transport.
struct TransportChanged {
  TransportId transport;
  WebRtcTransport::State state;
};
// Nobody has been heard for IceLite::kConsent.
struct ConsentLost {
  TransportId transport;
};
// What a receiver gets now, at its best: counted from 0, as far as the sender has layers.
struct LayersChanged {
  ConsumerId consumer;
  std::size_t spatial = 0;
  std::size_t temporal = 0;
};
struct SpeakersChanged {
  RoomId room;
  std::optional<ProducerId> dominant;  // stays through silence
  std::vector<ProducerId> speaking;    // the loudest first
};
// Which encodings of simulcast anybody wishes for: the sender may save itself the others. All of
// them before the first event.
struct EncodingsWanted {
  ProducerId producer;
  std::vector<bool> encodings;
};
using EngineEvent =
    std::variant<TransportChanged, ConsentLost, LayersChanged, SpeakersChanged, EncodingsWanted>;

// Sans-IO: datagrams and `now` in, datagrams in an Outbox and the next timeout out. One thread.
// Ids are never used again; functions that are given a stale one do nothing, or give nullopt.
class MediaEngine {
 public:
  static constexpr std::size_t kTransportsMax = 4096;
  static constexpr std::size_t kStreamsMax = 64;  // SSRCs of the producers of one transport
  static constexpr std::size_t kResentMax =
      128;  // packets that one datagram of RTCP may bring again
  // Datagrams that may wait for the end of a batch; one packet more makes them go out before.
  static constexpr std::size_t kWaitingMax = 4096;
  // Of RTP and RTCP from one browser, counted before anything is decrypted. Three layers of a
  // 1080p camera, a shared screen, their retransmissions and the probes for more come to 20 Mbit/s
  // and 3000 packets a second; a key frame of a 4K screen is 1 MB at once.
  static constexpr std::int64_t kInputOctets = 30'000'000 / 8;  // a second, and at once
  static constexpr std::int64_t kInputPackets = 6000;           // a second, and at once
  // Datagrams of DTLS from one browser. A handshake takes fewer than 20.
  static constexpr std::int64_t kInputDtls = 50;  // a second, and at once
  static constexpr Duration kReportInterval = std::chrono::seconds{1};
  static constexpr Duration kAllocationInterval = std::chrono::milliseconds{200};
  static constexpr Duration kUnwantedAfter = std::chrono::seconds{5};  // that nobody wished for it

  explicit MediaEngine(Instant now) : report_at_(now + kReportInterval) {}

  // nullopt: too many. Several may send to one address; what comes from there is for the first.
  std::optional<TransportId> open_plain(const PlainTransport::Options& options);
  // `identity` outlives the engine. nullopt: too many, or the credentials are another's.
  std::optional<TransportId> open_web_rtc(Instant now, const IceCredentials& credentials,
                                          const DtlsIdentity& identity);
  // See WebRtcTransport::connect(). False when there is no such transport.
  bool connect(Instant now, TransportId id, DtlsRole role, const DtlsFingerprint& remote,
               Outbox& out);
  // See IceLite::restart(). False when there is no such transport.
  bool restart_ice(TransportId id, const IceCredentials& credentials);
  // With its producers, their consumers, and its own consumers.
  void close_transport(TransportId id, Outbox& out);
  // A TCP connection that closed: nothing more comes from there, or can go there.
  void forget(const Path& path);

  // Whose voices are compared with one another.
  RoomId open_room();
  // Its producers are closed already.
  void close_room(RoomId id);

  // nullopt: no such transport, an SSRC is taken, or too many. Audio is of `room`, if any.
  std::optional<ProducerId> produce(TransportId transport, const Producer::Options& options,
                                    std::optional<RoomId> room = std::nullopt);
  void close_producer(ProducerId id);
  // nullopt: no such transport or producer, or the transport sends this SSRC already.
  std::optional<ConsumerId> consume(TransportId transport, ProducerId producer,
                                    const Consumer::Options& options);
  void close_consumer(ConsumerId id);

  // The transport to another engine over Path::pipe(number), made where it is not there yet; it
  // stays. What produces here comes by pipe() of there, and what it says of EncodingsWanted (of one
  // stream too, and none before somebody wishes) is for set_wanted() there.
  TransportId open_pipe(std::uint16_t number);
  // Hands the producer on; `ssrcs` are those that its streams have over there. nullopt: no such
  // producer or pipe, not one for each stream, or one is taken.
  std::optional<PipeId> pipe(ProducerId producer, TransportId transport,
                             std::span<const std::uint32_t> ssrcs);
  // So many encodings of video, from the lowest on; what is new begins with a key frame.
  void set_wanted(PipeId id, std::size_t encodings);
  void close_pipe(PipeId id);

  void set_producer_paused(ProducerId id, bool paused);
  void set_paused(Instant now, ConsumerId id, bool paused);
  // At most these layers of the producer, counted from 0 (beyond what it has: the best), as far as
  // the path carries them; the higher the priority, and then the larger it is shown, the sooner.
  struct LayerWish {
    std::size_t spatial = 7;
    std::size_t temporal = 7;
    std::uint8_t priority = 1;
    std::uint32_t pixels = 0;
  };
  void prefer_layers(Instant now, ConsumerId id, const LayerWish& wish);
  void request_key_frame(ConsumerId id);
  const Consumer* consumer(ConsumerId id) const;
  // The highest layers that go out to it, as far as the sender has layers; nullopt while nothing
  // does.
  std::optional<LayerTarget> layers_sent(ConsumerId id) const;
  const Producer* producer(ProducerId id) const;
  const WebRtcTransport* web_rtc(TransportId id) const;

  // How media gets through: from the browser, or to it.
  struct LinkQuality {
    bool is_connected = false;
    std::size_t streams = 0;
    double loss = 0;  // 0 to 1, the mean of the streams
    std::optional<Duration> rtt;
    DataRate rate;
    std::optional<DataRate> available;  // to the browser, where it is estimated
  };
  LinkQuality quality(Instant now, TransportId id);

  // Of the datagrams handled between the two, media waits where it lies, and goes out together for
  // each receiver: its packets then follow each other, and cost less. Outside of a batch it goes
  // out at once.
  void begin_batch() { is_batch_ = true; }
  void end_batch(Instant now, Outbox& out);
  // `datagram` is decrypted and rewritten in place. False for a STUN message without a user name of
  // ours, which the engine has nothing to say to.
  bool handle_datagram(Instant now, const Path& from, MutableBytes datagram, Outbox& out);
  void handle_timeout(Instant now, Outbox& out);
  Instant next_timeout() const;
  std::optional<EngineEvent> poll_event();

  // A TCP connection over which a transport was reached that has ended, or that has others instead;
  // nothing more is to be said over it. nullopt when there is none (any more).
  std::optional<Path> poll_ended();

  std::uint64_t drops(MediaDrop reason) const { return drops_[static_cast<std::size_t>(reason)]; }
  std::uint64_t received() const { return received_; }
  // How often a transport was opened for anything that may change it.
  std::uint64_t transport_visits() const { return transport_deadlines_.changes(); }
  const HandshakeSlots& handshakes() const { return handshakes_; }
  std::size_t transport_count() const { return transports_.size() - pipe_transports_; }
  std::size_t producer_count() const { return producers_.size(); }
  std::size_t consumer_count() const { return consumers_.size(); }
  std::size_t pipe_count() const { return pipes_.size(); }

 private:
  using TimedProducer = Timed<Producer>;
  struct Room {
    explicit Room(RoomId its_id) : id(its_id) {}

    RoomId id;
    AudioRoom voices;
    Instant next_timeout() const { return voices.speakers.next_timeout(); }
  };
  using TimedRoom = Timed<Room>;
  struct Source {
    TimedProducer* producer = nullptr;
    TimedRoom* room = nullptr;  // of audio
    std::size_t stream = 0;
    bool is_rtx = false;
  };
  struct Sink {
    TimedProducer* producer = nullptr;
    Consumer* consumer = nullptr;
    ConsumerId id{};
  };
  struct PipeSink {
    TimedProducer* producer = nullptr;
    PipeConsumer* consumer = nullptr;
    std::size_t stream = 0;
  };
  // A transport, and what runs over it.
  struct Entry {
    Entry(TransportId its_id, std::unique_ptr<Transport> its_transport)
        : id(its_id), transport(std::move(its_transport)) {}

    // Of the transport, and of what is to be told over it.
    Instant next_timeout() const;

    TransportId id;
    std::unique_ptr<Transport> transport;
    PlainTransport* plain = nullptr;  // the transport, where it is one
    // The same; who only reads the entry cannot change its deadlines.
    std::experimental::propagate_const<WebRtcTransport*> web_rtc{nullptr};
    std::vector<Path> paths;  // by which it is found; at most IceLite::kPathsMax
    WebRtcTransport::State told = WebRtcTransport::State::New;
    bool told_of_loss = true;  // what was never given cannot be lost
    bool is_lost = false;      // consent, since the last check
    bool was_connected = false;
    struct Produced {
      TimedProducer* producer = nullptr;
      TimedRoom* room = nullptr;
    };
    std::vector<Produced> producers;
    // From the first packet on that has a transport-wide number.
    std::optional<TransportFeedbackRecorder> arrivals;
    std::unordered_map<std::uint32_t, Source> sources;  // by the SSRC of what comes in
    std::unordered_map<std::uint32_t, Sink> sinks;      // by the SSRC of what goes out
    bool is_pipe = false;
    RateBudget<kInputOctets, kInputOctets> input_octets;
    RateBudget<kInputPackets, kInputPackets> input_packets;
    RateBudget<kInputDtls, kInputDtls> input_dtls;
    FeedbackBudget feedback;
    std::unordered_map<std::uint32_t, PipeSink> pipe_sinks;  // the same, to another engine
    std::vector<ConsumerId> videos;                          // consumers that layers are chosen for
    Probe probe;
  };
  using TimedEntry = Timed<Entry>;
  struct ProducerEntry {
    TransportId transport;
    TimedRoom* room = nullptr;  // of audio
    std::unique_ptr<TimedProducer> producer;
    std::vector<bool> wanted = {};  // of simulcast: each encoding, as it was told
    std::vector<std::optional<Instant>> wished_at = {};  // each, for the last time
    std::size_t wishes = 0;  // for so many encodings, from the lowest on, by the last count
  };
  struct ConsumerEntry {
    TransportId transport;
    ProducerId producer;
    Consumer* consumer;
    LayerWish wish = {};
    LayerTarget told{.spatial = 0, .temporal = 0};  // by the last event
    bool has_told = false;
  };

  struct PipeEntry {
    TransportId transport;
    ProducerId producer;
    PipeConsumer* consumer;
  };

  void drop(MediaDrop reason, std::uint64_t times = 1) {
    drops_[static_cast<std::size_t>(reason)] += times;
  }
  TimedEntry& add_transport(std::unique_ptr<Transport> transport);
  void add_path(Instant now, TimedEntry& timed, const Path& path);
  void follow(Entry& entry);
  void note_connection(Entry& entry);

  bool is_of_another(Instant now, const TimedEntry& timed, const Path& path);
  bool handle_stun(Instant now, const Path& from, Bytes datagram, Outbox& out);
  bool handle_check_answer(const Path& from, const StunView& answer, Outbox& out);
  void handle_dtls(Instant now, const Path& from, Bytes datagram, Outbox& out);
  void handle_media(Instant now, const Path& from, MutableBytes datagram, Outbox& out);
  static bool is_within_budget(Instant now, Entry& entry, std::size_t octets);
  static bool may_say(Instant now, Entry& entry, const RtcpPacket& packet);
  void end_path(const Path& path);
  TimedEntry* find_sender(const Path& from, Bytes datagram, bool is_media);
  const Source* find_source(Entry& entry, const RtpView& view);
  void handle_rtp(Instant now, Entry& entry, MutableBytes datagram, Outbox& out);
  static Producer::Drop take(Instant now, const Source& source, const RtpView& view,
                             const RtpExtensionValues& extensions, MutableBytes datagram,
                             Outbox& out);
  void flush_waiting(Instant now, Outbox& out);
  void note_arrival(Instant now, Entry& entry, const RtpExtensionValues& extensions,
                    std::uint32_t ssrc);
  void send_arrivals(Instant now, Entry& entry, Outbox& out);
  void handle_rtcp(Instant now, Entry& entry, Bytes datagram, Outbox& out);
  void note_reports(Instant now, Entry& entry, const ReportBlocks& reports);
  void handle_nack(Instant now, Entry& entry, const RtcpPacket& packet, std::size_t& budget,
                   Outbox& out);
  void resend_to_pipe(Instant now, Entry& entry, const Nack& nack, std::size_t& budget,
                      Outbox& out);
  void ask_for_pipe(Entry& entry, std::uint32_t ssrc);
  void answer_time(Entry& entry, const ExtendedReport& report, Outbox& out);
  void handle_picture_loss(Instant now, Entry& entry, std::uint32_t ssrc);
  void handle_transport_timeout(Instant now, Entry& entry, Outbox& out);
  void follow_ended_handshakes(Instant now);
  void send_reports(Instant now, Outbox& out);
  void handle_feedback(Instant now, Entry& entry, const RtcpPacket& packet);
  void allocate(Instant now, Entry& entry);
  void send_padding(Instant now, Entry& entry, Outbox& out);
  void choose(ConsumerId id, ConsumerEntry& entry, std::size_t layer);
  void tell_layers(ConsumerId id, ConsumerEntry& entry);
  void tell_speakers(Instant now);
  std::size_t wishes_of(const ConsumerEntry& entry) const;
  void note_wish(ProducerId id, std::size_t wishes);
  void count_wishes(Instant now);

  std::uint32_t last_id_ = 0;
  HandshakeSlots handshakes_;           // outlives the transports
  std::uint64_t handshakes_ended_ = 0;  // of which transports were told
  Deadlines<Entry> transport_deadlines_;
  Deadlines<Producer> producer_deadlines_;
  Deadlines<Room> room_deadlines_;
  std::map<TransportId, TimedEntry> transports_;
  std::map<TransportId, TimedEntry*> senders_;    // those with producers
  std::map<TransportId, TimedEntry*> receivers_;  // those with videos
  std::map<ProducerId, ProducerEntry> producers_;
  std::map<ConsumerId, ConsumerEntry> consumers_;
  std::map<PipeId, PipeEntry> pipes_;
  std::size_t pipe_transports_ = 0;
  std::map<RoomId, TimedRoom> rooms_;
  PathTable<TimedEntry> by_path_;
  bool is_batch_ = false;
  std::vector<TimedProducer*> waiting_;  // producers with packets that wait
  std::size_t waiting_copies_ = 0;       // datagrams that those become
  std::map<std::string, TimedEntry*, std::less<>> by_username_fragment_;
  std::vector<TimedEntry*> learning_;  // plain transports that have no address yet
  std::deque<EngineEvent> events_;
  std::vector<Path> ended_;  // of TCP
  Instant report_at_;
  Instant allocate_at_;
  std::uint64_t received_ = 0;
  std::array<std::uint64_t, static_cast<std::size_t>(MediaDrop::Size)> drops_{};
};

}  // namespace rtc
