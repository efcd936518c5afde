// A sequence of datagrams, each led by its size, to a DTLS server and a client.
#include <cstdlib>

#include "rtc/dtls/dtls_transport.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const rtc::DtlsIdentity identity(1'800'000'000);
  const auto fingerprint = identity.fingerprint(rtc::DtlsHash::Sha256);
  for (const auto role : {rtc::DtlsRole::Server, rtc::DtlsRole::Client}) {
    rtc::DtlsTransport transport(identity);
    Instant now;
    transport.start(now, role, fingerprint);
    ByteReader in(Bytes(data, size));
    while (in.remaining() > 0) {
      const std::size_t length = in.u16() % 2048U;
      transport.handle_datagram(now, in.take(std::min(length, in.remaining())));
      while (transport.poll_datagram()) {
      }
      now = now + std::chrono::milliseconds{50};
      transport.handle_timeout(now);
    }
    // Nobody without the key gets through.
    if (transport.state() == rtc::DtlsState::Connected) std::abort();
  }
  return 0;
}
