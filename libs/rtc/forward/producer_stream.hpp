// One RTP stream as it comes in: an encoding of a producer.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/time.hpp"
#include "rtc/forward/layer_target.hpp"
#include "rtc/forward/media_codec.hpp"
#include "rtc/payload/dependency_descriptor.hpp"
#include "rtc/payload/red_payload.hpp"
#include "rtc/payload/vp8_descriptor.hpp"
#include "rtc/payload/vp9_descriptor.hpp"
#include "rtc/rtcp/sender_report.hpp"
#include "rtc/rtp/rtp_extensions.hpp"
#include "rtc/rtp/rtp_view.hpp"
#include "rtc/rtp/unwrapper.hpp"
#include "rtc/srtp/replay_window.hpp"
#include "rtc/stream/nack_requester.hpp"
#include "rtc/stream/packet_cache.hpp"
#include "rtc/stream/rate_meter.hpp"
#include "rtc/stream/receive_statistics.hpp"

namespace rtc {

// A packet on its way from a producer to its consumers. The payload may be written to: each
// consumer puts its own numbers in it before it sends.
struct MediaPacket {
  RtpHeader header;
  std::int64_t sequence = 0;  // unwrapped
  MutableBytes payload;
  std::size_t stream = 0;     // which encoding of the producer it is of
  bool is_key_frame = false;  // the first packet of one
  const RtpExtensionValues* extensions = nullptr;
  std::optional<RedPayload> red = std::nullopt;
  std::optional<Vp8Descriptor> vp8 = std::nullopt;
  std::optional<Vp9Descriptor> vp9 = std::nullopt;
  const DependencyDescriptor* dependencies = nullptr;
  const DependencyStructure* structure = nullptr;  // by which `dependencies` was read
  bool brings_structure = false;

  // Counted from 0, where the codec has them in one stream.
  std::size_t spatial_layer() const;
  std::size_t temporal_layer() const;
};

// Looks into the payload as far as the codec is known. False when it is broken.
bool inspect_payload(MediaCodec codec, MediaPacket& packet);

class ProducerStream {
 public:
  struct Options {
    // nullopt: learned from the first packet that carries `rid`, or the producer's mid where there
    // is no rid (RFC 8852).
    std::optional<std::uint32_t> ssrc = std::nullopt;
    std::optional<std::uint32_t> rtx_ssrc = std::nullopt;
    std::string rid = {};
    std::uint32_t clock_rate = 90000;
    MediaKind kind = MediaKind::Video;
    bool uses_nack = true;
  };

  // Between two requests for a key frame of one stream: what all receivers ask for is merged.
  static constexpr std::size_t kSpatialLayersMax = 4;  // kept apart; what is higher counts as this
  static constexpr Duration kKeyFrameInterval = std::chrono::milliseconds{500};
  // A sender that has switched a layer off sends nothing of it for longer than this. A request then
  // brings no key frame of that layer, but key frames of all the others, which is what a thin
  // uplink can bear least.
  static constexpr Duration kSilence = std::chrono::seconds{1};
  static constexpr int kSilentTriesMax = 2;  // a still screen share may be silent too, and answers

  explicit ProducerStream(const Options& options);

  const Options& options() const { return options_; }
  // Once each.
  void learn_ssrc(std::uint32_t ssrc);
  void learn_rtx_ssrc(std::uint32_t ssrc) { options_.rtx_ssrc = ssrc; }

  // Unwraps the sequence number and takes note of the packet. `datagram` is the whole of it,
  // unprotected, for the cache. nullopt for what came already (a duplicate, or a late original
  // whose retransmission was faster) or is too old to know: a number must not go out twice.
  std::optional<std::int64_t> receive(Instant now, const MediaPacket& packet, Bytes datagram);
  void on_sender_report(Instant now, const SenderReport& report);
  void on_key_frame() { key_frame_wanted_ = false; }
  // Nothing has come for kSilence, or ever.
  bool is_silent(Instant now) const { return !heard_at_ || now - *heard_at_ >= kSilence; }

  // Repeated until a key frame comes; not while the stream is silent.
  void request_key_frame() { key_frame_wanted_ = true; }
  bool wants_key_frame() const { return key_frame_wanted_; }
  // True when a request is to be sent now.
  bool poll_key_frame_request(Instant now);

  // Packets to ask for again; writes to the front of `sequences`.
  std::span<const std::int64_t> poll_nack(Instant now, std::span<std::int64_t> sequences);
  Instant next_timeout() const;

  // Reads the packet's dependency descriptor, where it has one, into `dependencies`, and has the
  // packet refer to it. Broken ones are passed over: the packet is then one without.
  void read_dependencies(const RtpExtensionValues& extensions, DependencyDescriptor& dependencies,
                         MediaPacket& packet);
  // By which the last one was read.
  const std::shared_ptr<const DependencyStructure>& dependency_structure() const {
    return structure_;
  }

  // What this layer takes together with those below it; zero when it is not sent.
  DataRate layer_rate(Instant now, std::size_t spatial);
  // The spatial layers that were seen in this stream, at least 1.
  std::size_t layer_count() const { return layer_count_; }
  // The highest spatial and temporal layer that were seen.
  LayerTarget highest_layers() const {
    return {.spatial = static_cast<std::uint8_t>(layer_count_ - 1), .temporal = highest_temporal_};
  }

  // Packets of video that come from now on can be had again for a while. Until then nobody could
  // ask for them, and copies would be made for nothing.
  void keep_packets();
  std::optional<Bytes> cached(Instant now, std::int64_t sequence) const;
  // What the report to the sender says, made anew: once a second.
  std::optional<ReportBlock> report(Instant now);
  double loss() const { return loss_; }  // 0 to 1, by the last report
  ReceiveStatistics& statistics() { return statistics_; }
  const ReceiveStatistics& statistics() const { return statistics_; }
  const std::optional<SenderReport>& last_report() const { return last_report_; }

 private:
  bool may_ask(Instant now) const { return !is_silent(now) || silent_tries_ < kSilentTriesMax; }

  Options options_;
  SequenceUnwrapper unwrapper_;
  ReplayWindow seen_;
  ReceiveStatistics statistics_;
  NackRequester nack_;
  std::unique_ptr<PacketCache> cache_;  // once keep_packets() was called
  std::optional<SenderReport> last_report_;
  std::shared_ptr<const DependencyStructure> structure_;
  std::array<RateMeter, kSpatialLayersMax> rates_;
  std::size_t layer_count_ = 1;
  std::uint8_t highest_temporal_ = 0;
  double loss_ = 0;
  bool key_frame_wanted_ = false;
  Instant key_frame_allowed_;  // not before this
  int silent_tries_ = 0;       // requests since something came
  std::optional<Instant> heard_at_;
};

}  // namespace rtc
