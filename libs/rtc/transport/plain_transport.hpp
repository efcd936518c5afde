// RTP to and from a tool that knows neither ICE nor DTLS: over one address, RTP and RTCP together
// (RFC 5761), in the clear or by SRTP with keys that were exchanged elsewhere.
#pragma once

#include "rtc/transport/transport.hpp"

namespace rtc {

class PlainTransport final : public Transport {
 public:
  struct Options {
    // Where to send to. nullopt: learned from the first packet that is authentic (or, without a
    // receive key, that has an SSRC which is expected), and kept from then on.
    std::optional<Path> path;
    std::optional<SrtpMasterKey> send_key;     // nullopt: what we send is not encrypted
    std::optional<SrtpMasterKey> receive_key;  // nullopt: what we receive is not
  };

  explicit PlainTransport(const Options& options);

  const std::optional<Path>& path() const override { return path_; }
  void learn(const Path& path) { path_ = path; }

  // Where there is no key, what comes is taken as it is.
  std::expected<MutableBytes, SrtpError> open_rtp(MutableBytes datagram) override;
  std::expected<MutableBytes, SrtpError> open_rtcp(MutableBytes datagram) override;

  bool is_connected() const override { return path_.has_value(); }
  bool send_rtp(const OutgoingRtp& packet, Outbox& out) override;
  bool send_rtcp(Bytes packets, Outbox& out) override;

 private:
  std::optional<Path> path_;
  std::unique_ptr<SrtpSender> sender_;
  std::unique_ptr<SrtpReceiver> receiver_;
};

}  // namespace rtc
