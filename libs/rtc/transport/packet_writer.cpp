#include "rtc/transport/packet_writer.hpp"

#include "rtc/rtp/rtp_builder.hpp"

namespace rtc {

bool write_rtp(const OutgoingRtp& packet, const Path& path, SrtpSender* sender, Outbox& out) {
  const MutableBytes slot = out.reserve();
  ByteWriter writer(slot);
  write_rtp_header(writer, packet.header, packet.extensions);
  const std::size_t tag = sender == nullptr ? 0 : tag_size(sender->suite());
  const bool fits = writer.ok() && writer.size() + packet.payload.size() + tag <= slot.size();
  if (!fits) return false;
  if (sender == nullptr) {
    writer.bytes(packet.payload);
    out.commit(path, writer.size());
  } else {
    const Bytes sealed =
        sender->protect_rtp({slot, writer.size(), packet.payload}, packet.sequence, out.signing());
    out.commit(path, sealed.size());
  }
  return true;
}

bool write_rtcp(Bytes packets, const Path& path, SrtpSender* sender, Outbox& out) {
  const MutableBytes slot = out.reserve();
  ByteWriter writer(slot);
  writer.bytes(packets);
  if (!writer.ok() || writer.size() + kSrtpOverheadMax > slot.size()) return false;
  const Bytes datagram =
      sender == nullptr ? writer.written() : sender->protect_rtcp(slot, writer.size());
  if (datagram.empty()) return false;
  out.commit(path, datagram.size());
  return true;
}

}  // namespace rtc
