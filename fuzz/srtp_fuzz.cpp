// Any datagram to the SRTP receiver: without the key nothing gets through.
#include <cstdlib>
#include <vector>

#include "rtc/srtp/srtp_receiver.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto suite = static_cast<rtc::SrtpSuite>(data[0] % 3);
  std::vector<std::uint8_t> key(rtc::key_size(suite) + rtc::salt_size(suite), 0x5A);
  rtc::SrtpReceiver receiver(*rtc::SrtpMasterKey::from(suite, key));
  std::vector<std::uint8_t> datagram(data + 1, data + size);
  // Without the key nothing authentic can be made: whatever passes is a mistake of ours.
  if (receiver.unprotect_rtp(datagram)) std::abort();
  datagram.assign(data + 1, data + size);
  if (receiver.unprotect_rtcp(datagram)) std::abort();
  return 0;
}
