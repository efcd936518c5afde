// Any datagram through the STUN reader and the plain STUN server; what parses is also verified.
#include <cstdlib>

#include "rtc/stun/stun_reflector.hpp"
#include "rtc/stun/stun_view.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static SeededRandom random(1);
  static rtc::StunReflector reflector(random);
  const Bytes datagram(data, size);
  std::array<std::uint8_t, rtc::StunReflector::kAnswerMax> buffer{};
  const Endpoint from{IpAddress::v4({192, 0, 2, 1}), 9};

  const auto view = rtc::StunView::parse(datagram);
  if (view) {
    (void)view->is_authentic(bytes_of("VOkJxbRl1RmTxUk/WvJxBt"));
    if (view->username && view->username->size() > 508) std::abort();
    if (view->error_code && (*view->error_code < 300 || *view->error_code > 699)) std::abort();
  }
  const auto answer = reflector.answer(Instant(), datagram, from, buffer);
  if (answer && (!view || !rtc::StunView::parse(*answer))) std::abort();
  return 0;
}
