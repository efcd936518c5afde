// Writes RTP packets: what the engine forwards gets a new header in front of the old payload.
#pragma once

#include <span>

#include "base/bytes.hpp"
#include "rtc/rtp/rtp_extensions.hpp"
#include "rtc/rtp/rtp_view.hpp"

namespace rtc {

// Writes header and extensions; the payload follows by the caller's hand, or in place where it
// stands already. CSRCs are not carried: nothing is mixed here.
void write_rtp_header(ByteWriter& out, const RtpHeader& header,
                      std::span<const RtpExtensionElement> extensions = {});

// Marks the packet at the front of `packet` as padded and writes `size` octets of padding
// (RFC 3550 section 5.1): zeros, and the count at the end. Nothing for a size of 0.
void write_rtp_padding(MutableBytes packet, ByteWriter& out, std::uint8_t size);

}  // namespace rtc
