// RTP to and from a browser: ICE finds the path, DTLS the keys, SRTP protects (RFC 8835
// section 3.4).
#pragma once

#include "rtc/cc/bandwidth_estimator.hpp"
#include "rtc/dtls/dtls_transport.hpp"
#include "rtc/ice/ice_lite.hpp"
#include "rtc/transport/transport.hpp"

namespace rtc {

class WebRtcTransport final : public Transport {
 public:
  enum class State : std::uint8_t {
    New,         // no path yet, or the peer's fingerprint is not known yet
    Connecting,  // DTLS is under way
    Connected,   // media flows
    Failed,      // DTLS failed; nothing comes of it any more
    Closed,      // the peer ended DTLS, or close() was called
  };

  // A hello that comes before connect() waits here: signalling may be slower than media.
  static constexpr std::size_t kEarlyMax = 4;  // datagrams

  // `identity` outlives the transport.
  WebRtcTransport(Instant now, IceCredentials credentials, const DtlsIdentity& identity)
      : ice_(now, std::move(credentials)), dtls_(identity) {}

  IceLite& ice() { return ice_; }
  const IceLite& ice() const { return ice_; }
  State state() const;
  DtlsFailure failure() const { return dtls_.failure(); }

  // What signalling says of the peer's side of DTLS; `role` is ours. Once; later calls are ignored.
  void connect(Instant now, DtlsRole role, const DtlsFingerprint& remote, Outbox& out);
  // A check that came from `from`; the answer goes to `out`.
  std::expected<void, IceLite::Drop> handle_check(Instant now, const StunView& check,
                                                  const Path& from, Outbox& out);
  // `from` is validated: a hello from anywhere else must never get here.
  void handle_dtls(Instant now, Bytes datagram, Outbox& out);
  void handle_timeout(Instant now, Outbox& out);
  // Tells the peer, where there is a connection.
  void close(Outbox& out);
  // Of DTLS; consent is the ICE agent's.
  Instant next_timeout() const { return dtls_.next_timeout(); }

  const std::optional<Path>& path() const override { return ice_.path(); }
  std::expected<MutableBytes, SrtpError> open_rtp(MutableBytes datagram) override;
  std::expected<MutableBytes, SrtpError> open_rtcp(MutableBytes datagram) override;
  bool is_connected() const override { return sender_ != nullptr && path().has_value(); }
  bool send_rtp(const OutgoingRtp& packet, Outbox& out) override;
  bool send_rtcp(Bytes packets, Outbox& out) override;

  // The peer will report on what it gets, by transport-wide numbers.
  void expect_feedback();
  // How much the path out can carry, by what the peer reports; nullptr when nothing is to be
  // reported on.
  BandwidthEstimator* bandwidth() { return bandwidth_.get(); }
  const BandwidthEstimator* bandwidth() const { return bandwidth_.get(); }

 private:
  void start_dtls(Instant now);
  void follow_dtls(Outbox& out);

  IceLite ice_;
  DtlsTransport dtls_;
  std::optional<DtlsFingerprint> remote_;
  DtlsRole role_ = DtlsRole::Server;
  std::vector<std::vector<std::uint8_t>> early_;
  std::unique_ptr<BandwidthEstimator> bandwidth_;
  std::uint16_t transport_sequence_ = 0;    // the last
  std::unique_ptr<SrtpSender> sender_;      // both from the moment DTLS is connected
  std::unique_ptr<SrtpReceiver> receiver_;  // until it ends
};

}  // namespace rtc
