// RTP to and from a browser: ICE finds the path, DTLS the keys, SRTP protects (RFC 8835
// section 3.4).
#pragma once

#include "rtc/cc/bandwidth_estimator.hpp"
#include "rtc/dtls/dtls_transport.hpp"
#include "rtc/dtls/handshake_slots.hpp"
#include "rtc/ice/ice_lite.hpp"
#include "rtc/stream/rate_budget.hpp"
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
  // Of RTP to one browser, retransmissions and probes among them: a hundred pictures of 1.2 Mbit/s
  // and a shared screen. It ends what no browser could show.
  static constexpr std::int64_t kOutputOctets = 150'000'000 / 8;  // a second
  static constexpr std::int64_t kOutputBurst = kOutputOctets / 2;

  // `identity` and `slots` outlive the transport.
  WebRtcTransport(Instant now, IceCredentials credentials, const DtlsIdentity& identity,
                  HandshakeSlots& slots)
      : ice_(now, std::move(credentials)), dtls_(identity), slots_(slots) {}
  ~WebRtcTransport() override { slots_.release(dtls_); }
  WebRtcTransport(const WebRtcTransport&) = delete;
  WebRtcTransport& operator=(const WebRtcTransport&) = delete;

  IceLite& ice() { return ice_; }
  const IceLite& ice() const { return ice_; }
  State state() const;
  DtlsFailure failure() const { return dtls_.failure(); }

  // What signalling says of the peer's side of DTLS; `role` is ours. Once; later calls are ignored.
  void connect(Instant now, DtlsRole role, const DtlsFingerprint& remote, Outbox& out);
  // A check that came from `from`; the answer goes to `out`.
  std::expected<void, IceLite::Drop> handle_check(Instant now, const StunView& check,
                                                  const Path& from, Outbox& out);
  // The answer to a check of ours, perhaps: it lets media go to `from`. False when it proves
  // nothing.
  bool handle_check_answer(const StunView& answer, const Path& from, Outbox& out);
  // `from` is validated: a hello from anywhere else must never get here. A first flight for which
  // there is no slot is dropped.
  void handle_dtls(Instant now, const Path& from, Bytes datagram, Outbox& out);
  void handle_timeout(Instant now, Outbox& out);
  // Tells the peer, where there is a connection.
  void close(Outbox& out);
  // Of DTLS; the ICE agent has its own, for consent and for checks.
  Instant next_timeout() const { return dtls_.next_timeout(); }

  const std::optional<Path>& path() const override { return ice_.path(); }
  std::expected<MutableBytes, SrtpError> open_rtp(MutableBytes datagram) override;
  std::expected<MutableBytes, SrtpError> open_rtcp(MutableBytes datagram) override;
  // There are keys, and a path that has proven to be the browser's.
  bool is_connected() const override { return sender_ != nullptr && ice_.is_proven(); }
  bool send_rtp(const OutgoingRtp& packet, Outbox& out) override;
  bool send_rtcp(Bytes packets, Outbox& out) override;
  // Of RTP payloads, in all.
  std::int64_t octets_sent() const { return octets_sent_; }

  // The peer will report on what it gets, by transport-wide numbers.
  void expect_feedback();
  // How much the path out can carry, by what the peer reports; nullptr when nothing is to be
  // reported on.
  BandwidthEstimator* bandwidth() { return bandwidth_.get(); }
  const BandwidthEstimator* bandwidth() const { return bandwidth_.get(); }

 private:
  void start_dtls(Instant now);
  void follow_dtls(Outbox& out);
  void send_dtls(Outbox& out);
  void send_challenge(Instant now, Outbox& out);

  IceLite ice_;
  DtlsTransport dtls_;
  HandshakeSlots& slots_;
  std::optional<DtlsFingerprint> remote_;
  DtlsRole role_ = DtlsRole::Server;
  std::vector<std::vector<std::uint8_t>> early_;
  std::optional<std::vector<std::uint8_t>> held_;  // until it may go to an unproven address
  std::optional<Path> handshake_path_;             // where all of the handshake went so far
  bool handshake_moved_ = false;                   // no longer to one path
  std::unique_ptr<BandwidthEstimator> bandwidth_;
  RateBudget<kOutputOctets, kOutputBurst> output_;
  std::int64_t octets_sent_ = 0;
  std::uint16_t transport_sequence_ = 0;    // the last
  std::unique_ptr<SrtpSender> sender_;      // both from the moment DTLS is connected
  std::unique_ptr<SrtpReceiver> receiver_;  // until it ends
};

}  // namespace rtc
