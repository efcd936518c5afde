// Puts packets into the slots of an outbox, protected where there are keys.
#pragma once

#include "rtc/forward/rtp_transport.hpp"
#include "rtc/srtp/srtp_sender.hpp"

namespace rtc {

// `sender` is null where packets leave in the clear. False when the packet is too long for a
// datagram, or the outbox full.
bool write_rtp(const OutgoingRtp& packet, const Path& path, SrtpSender* sender, Outbox& out);
bool write_rtcp(Bytes packets, const Path& path, SrtpSender* sender, Outbox& out);

}  // namespace rtc
