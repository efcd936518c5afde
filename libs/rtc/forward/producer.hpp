// A source of media in a room: its encodings, and everyone who receives it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "rtc/forward/audio_room.hpp"
#include "rtc/forward/consumer.hpp"
#include "rtc/forward/pipe_consumer.hpp"
#include "rtc/forward/producer_stream.hpp"

namespace rtc {

class Producer {
 public:
  struct Options {
    MediaKind kind = MediaKind::Video;
    MediaCodec codec = MediaCodec::Opaque;
    std::uint8_t payload_type = 0;
    std::uint8_t rtx_payload_type = 0;             // 0: none
    std::uint8_t red_payload_type = 0;             // 0: none
    std::uint32_t feedback_ssrc = 1;               // whom RTCP to the sender is from
    AudioRoom* room = nullptr;                     // of audio; outlives the producer
    std::uint64_t room_source = 0;                 // its number there
    std::string mid = {};                          // tells its packets from other producers'
    RtpExtensionIds extension_ids = {};            // as the sender numbers them
    std::vector<ProducerStream::Options> streams;  // lowest quality first; not empty
  };

  // `transport` is where it comes from, and outlives it.
  Producer(const Options& options, RtpTransport& transport);

  const Options& options() const { return options_; }
  // Which stream a packet with an SSRC that nobody knows yet is of, by what its extensions say; the
  // stream has learned it then.
  struct Learned {
    std::size_t stream = 0;
    bool is_rtx = false;
  };
  std::optional<Learned> learn(const RtpHeader& header, const RtpExtensionValues& extensions);
  RtpTransport& transport() { return transport_; }
  std::size_t stream_count() const { return streams_.size(); }
  // Layers of quality that a consumer can choose of: the encodings of simulcast, or the spatial
  // layers of the one stream.
  std::size_t layer_count() const;
  DataRate layer_rate(Instant now, std::size_t layer);
  ProducerStream& stream(std::size_t index) { return *streams_[index]; }
  const ProducerStream& stream(std::size_t index) const { return *streams_[index]; }

  // The producer owns its consumers; the reference is good until remove_consumer().
  Consumer& add_consumer(const Consumer::Options& options, RtpTransport& transport);
  void remove_consumer(const Consumer& consumer);
  std::span<const std::unique_ptr<Consumer>> consumers() const { return consumers_; }
  // The same for a pipe.
  PipeConsumer& add_pipe(std::span<const std::uint32_t> ssrcs, RtpTransport& transport);
  void remove_pipe(const PipeConsumer& pipe);

  enum class Drop : std::uint8_t { None, WrongPayloadType, Malformed, Duplicate };

  // Paused, what comes is counted and goes to nobody; afterwards video begins at a key frame.
  void set_paused(bool paused);
  bool is_paused() const { return is_paused_; }

  static constexpr std::size_t kWaitingMax = 64;  // packets

  // A packet of the stream, unprotected; `datagram` is what `view` and `extensions` see. A
  // retransmission comes as the packet that it brings again. The packet waits, in `datagram`, for
  // flush(), which must come before the next one when kWaitingMax wait; pipes get it at once.
  Drop handle_rtp(Instant now, std::size_t stream, const RtpView& view,
                  const RtpExtensionValues& extensions, MutableBytes datagram, Outbox& out);
  Drop handle_rtx(Instant now, std::size_t stream, const RtpView& view, MutableBytes datagram,
                  Outbox& out);
  std::size_t waiting() const { return waiting_.size(); }
  // Forwards what waits: to each consumer all of it, so that the state and the keys of a consumer
  // are fetched once, and what goes to one receiver lies together.
  void flush(Instant now, Outbox& out);
  void handle_sender_report(Instant now, std::size_t stream, const SenderReport& report,
                            Outbox& out);
  // What the receiver is to get begins with a key frame.
  void handle_key_frame_request(const Consumer& consumer);
  void request_key_frame(std::size_t stream);
  // A receiver says that it lost its picture. False when it says so too often: key frames cost
  // everyone who receives this.
  bool handle_picture_loss(Instant now, Consumer& consumer);

  // Sends what is due to the source: requests for packets and key frames.
  void handle_timeout(Instant now, Outbox& out);
  Instant next_timeout() const;

 private:
  struct Waiting {
    MediaPacket packet;
    RtpExtensionValues extensions;
    DependencyDescriptor dependencies;                     // where the packet has one
    std::shared_ptr<const DependencyStructure> structure;  // by which it was read
  };

  bool is_media(std::uint8_t payload_type) const;
  void keep_packets();
  bool is_heard(Instant now, const RtpExtensionValues& extensions);

  Options options_;
  RtpTransport& transport_;
  std::vector<std::unique_ptr<ProducerStream>> streams_;
  std::vector<std::unique_ptr<Consumer>> consumers_;
  std::vector<std::unique_ptr<PipeConsumer>> pipes_;
  std::vector<Waiting> waiting_;
  bool is_paused_ = false;
  bool is_silent_ = false;  // left out for the louder ones of the room
};

}  // namespace rtc
