#include "rtc/transport/plain_transport.hpp"

#include "rtc/transport/packet_writer.hpp"

namespace rtc {

PlainTransport::PlainTransport(const Options& options) : path_(options.path) {
  if (options.send_key) sender_ = std::make_unique<SrtpSender>(*options.send_key);
  if (options.receive_key) receiver_ = std::make_unique<SrtpReceiver>(*options.receive_key);
}

std::expected<MutableBytes, SrtpError> PlainTransport::open_rtp(MutableBytes datagram) {
  if (receiver_ == nullptr) return datagram;
  return receiver_->unprotect_rtp(datagram);
}

std::expected<MutableBytes, SrtpError> PlainTransport::open_rtcp(MutableBytes datagram) {
  if (receiver_ == nullptr) return datagram;
  return receiver_->unprotect_rtcp(datagram);
}

bool PlainTransport::send_rtp(const OutgoingRtp& packet, Outbox& out) {
  return path_ && write_rtp(packet, *path_, sender_.get(), out);
}

bool PlainTransport::send_rtcp(Bytes packets, Outbox& out) {
  return path_ && write_rtcp(packets, *path_, sender_.get(), out);
}

}  // namespace rtc
