// One stream as it goes out: a receiver's view of a producer.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "rtc/forward/layer_filter.hpp"
#include "rtc/forward/outgoing_extensions.hpp"
#include "rtc/forward/producer_stream.hpp"
#include "rtc/forward/rtp_transport.hpp"
#include "rtc/stream/number_rewriter.hpp"

namespace rtc {

// Forwards one encoding of the producer at a time, and switches to another only where a key frame
// of that begins. Sequence numbers, timestamps, picture ids and TL0PICIDX go on continuously.
class Consumer {
 public:
  struct Options {
    std::uint32_t ssrc = 0;
    std::uint8_t payload_type = 0;
    std::optional<std::uint32_t> rtx_ssrc;  // with rtx_payload_type, or not at all
    std::uint8_t rtx_payload_type = 0;
    std::uint8_t red_payload_type = 0;  // 0: it gets the newest frames alone (RFC 2198)
    std::uint32_t clock_rate = 90000;
    MediaKind kind = MediaKind::Video;
    MediaCodec codec = MediaCodec::Opaque;
    std::string cname;
    std::string mid = {};                // in every packet, where its extension was negotiated
    RtpExtensionIds extension_ids = {};  // as the receiver numbers them
    std::uint16_t first_sequence = 1;    // below 2^15: SRTP receivers start without roll-overs
    bool paused = false;
  };

  static constexpr std::size_t kResentMax = 256;  // packets that one request may bring again
  static constexpr Duration kResendInterval = std::chrono::milliseconds{50};  // for one packet
  // Of what was sent, so much may be sent again: who asks for more wants traffic, not its packets.
  static constexpr std::size_t kResendCreditMax = 512 * 1024;  // octets
  // Key frames that a receiver may ask for because it lost its picture: some at once, and one every
  // so often. They cost everyone.
  static constexpr Duration kPictureLossInterval = std::chrono::seconds{5};
  static constexpr int kPictureLossBurst = 4;

  // `transport` outlives the consumer.
  Consumer(const Options& options, RtpTransport& transport);

  const Options& options() const { return options_; }

  // The encoding to forward, from its next key frame on (at once for audio, and for the first).
  void set_target(std::size_t stream) { target_ = stream; }
  // Which layers of it, where it has any; from where the codec allows it on.
  void set_layers(const LayerTarget& layers);
  void set_paused(bool paused);
  // Nothing comes for a while: what follows begins anew, at a key frame, with the numbers going on.
  void interrupt() { current_.reset(); }
  bool is_paused() const { return paused_; }
  std::optional<std::size_t> current() const { return current_; }
  // The highest layers of it that are let through; more than it has means all.
  LayerTarget layers() const { return layers_ ? layers_->current() : LayerTarget{}; }
  // The encoding whose key frame is waited for; none while it could not be sent.
  std::optional<std::size_t> wanted_key_frame() const;

  // False when it asks too often; true counts as asked.
  bool may_ask_for_key_frame(Instant now);

  // False while nothing can be sent.
  bool is_connected() const { return transport_.is_connected(); }
  // Only while connected: a key frame that does not go out begins nothing. `source` is the stream
  // that the packet is of.
  void forward(Instant now, MediaPacket& packet, const ProducerStream& source, Outbox& out);
  // Sends the producer's report on under our own numbers, so that audio and video stay in step.
  void forward_report(Instant now, const SenderReport& report, std::size_t stream, Outbox& out);
  // How the receiver says that the stream arrives.
  void on_receiver_report(Instant now, const ReportBlock& block);
  double loss() const { return loss_; }  // 0 to 1, by the last report
  // By the last report that could tell; nullopt before.
  const std::optional<Duration>& rtt() const { return rtt_; }
  DataRate rate(Instant now) { return rate_.rate(now); }
  // Sends `sequence` again on the retransmission stream (RFC 4588), where there is one. False when
  // it cannot: unknown, too old, sent again just now, no such stream, or no credit.
  bool resend(Instant now, std::uint16_t sequence, MediaCodec codec,
              const RtpExtensionIds& source_extension_ids, const ProducerStream& source,
              Outbox& out);

  // Sends some of the newest packets again, until there are `octets` of them: padding that a
  // receiver knows as duplicates. Returns what was sent: nothing without a retransmission stream.
  std::int64_t send_padding(Instant now, std::int64_t octets, MediaCodec codec,
                            const RtpExtensionIds& source_extension_ids,
                            const ProducerStream& source, Outbox& out);

  std::uint64_t packets() const { return packets_; }
  std::uint64_t octets() const { return octets_; }
  std::uint64_t resent() const { return resent_; }
  std::uint64_t refused() const { return refused_; }  // asked for again beyond the credit

 private:
  std::optional<std::size_t> send_again(Instant now, std::int64_t number, MediaCodec codec,
                                        const RtpExtensionIds& source_extension_ids,
                                        const ProducerStream& source, Outbox& out);
  LayerVerdict decided_of(std::int64_t sequence) const;
  void note_sent(Instant now, std::int64_t sequence, const MediaPacket& packet,
                 const LayerVerdict& verdict, const OutgoingRtp& outgoing);
  LayerVerdict judge(const MediaPacket& packet);
  void leave_out(Instant now, const MediaPacket& packet, Outbox& out);
  void send_filler(Instant now, std::int64_t sequence, const MediaPacket& packet, Outbox& out);

  std::uint16_t frame_of(const DependencyDescriptor& descriptor) const;  // as it goes out
  bool takes_red(const MediaPacket& packet) const;
  static Bytes payload_of(const MediaPacket& packet, bool takes_red);
  bool accepts(const MediaPacket& packet, Bytes payload) const;
  void switch_to(Instant now, const MediaPacket& packet, const ProducerStream& source);
  std::uint32_t aligned_timestamp(Instant now, const MediaPacket& packet,
                                  const ProducerStream& source) const;
  bool rewrite_payload(MediaPacket& packet);
  template <class Descriptor>
  std::int64_t picture_of(const Descriptor& descriptor);
  template <class Descriptor>
  bool rewrite_pictures(const Descriptor& descriptor, MediaPacket& packet);

  // What was decided of a packet that went out, where that changed it.
  struct Decided {
    std::int64_t sequence = -1;
    LayerVerdict verdict;
  };
  using DecidedNewly = std::array<Decided, PacketCache::kPackets>;

  struct Resent {
    std::int64_t sequence = -1;
    Instant at;
  };

  // First what every packet needs, then what is large: so it takes few pages and cache lines.
  Options options_;
  RtpTransport& transport_;
  bool paused_;
  std::optional<std::size_t> current_;
  std::size_t target_ = 0;
  std::unique_ptr<LayerFilter> layers_;    // of video with layers alone
  std::unique_ptr<DecidedNewly> decided_;  // the same; by sequence number
  SequenceUnwrapper out_unwrapper_;
  std::uint32_t timestamp_offset_ = 0;
  std::uint32_t last_timestamp_ = 0;  // sent
  Instant last_sent_;
  RateMeter rate_;
  std::size_t resend_credit_ = 0;  // octets
  Instant asked_until_;            // by its requests for key frames, were they an interval apart
  std::uint64_t packets_ = 0;
  std::uint64_t octets_ = 0;

  OutgoingExtensions extensions_;
  NumberRewriter sequences_;
  PictureNumbers picture_numbers_;
  Tl0Unwrapper base_unwrapper_;
  NumberRewriter pictures_{1};
  NumberRewriter base_pictures_{1};  // TL0PICIDX
  std::uint16_t frame_offset_ = 0;   // of the numbers in dependency descriptors
  std::uint16_t newest_frame_ = 0;   // sent

  std::optional<SenderReport> clock_;  // the report that timestamps are aligned to, rewritten
  Instant clock_sent_;                 // when that report went out
  double loss_ = 0;
  std::optional<Duration> rtt_;
  std::uint64_t rtx_sequence_ = 1;
  std::uint64_t resent_ = 0;
  std::uint64_t refused_ = 0;
  std::array<Resent, kResentMax> resent_at_{};
};

}  // namespace rtc
