// Any datagram through the RTP reader; the extensions that are found are written and found again.
#include <cstdlib>
#include <vector>

#include "rtc/rtp/extension_values.hpp"
#include "rtc/rtp/rtp_builder.hpp"
#include "rtc/rtp/rtp_view.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Bytes datagram(data, size);
  const auto view = rtc::RtpView::parse(datagram);
  if (!view) return 0;

  std::vector<rtc::RtpExtensionElement> elements;
  rtc::RtpExtensionReader reader(view->extension_profile, view->extension);
  while (const auto element = reader.next()) {
    elements.push_back(*element);
    (void)rtc::AudioLevel::parse(element->data);
    (void)rtc::AbsCaptureTime::parse(element->data);
    (void)rtc::PlayoutDelay::parse(element->data);
    (void)rtc::parse_transport_sequence(element->data);
    (void)rtc::parse_abs_send_time(element->data);
    (void)rtc::parse_stream_name(element->data);
  }
  // Growing from the one-byte to the two-byte form may double the extension, never more.
  std::vector<std::uint8_t> buffer(size * 2 + 64);
  ByteWriter out(buffer);
  rtc::write_rtp_header(out, view->header, elements);
  out.bytes(view->payload);
  const auto again = rtc::RtpView::parse(out.written());
  if (!again || again->header != view->header || again->payload.size() != view->payload.size()) {
    std::abort();
  }
  rtc::RtpExtensionReader second(again->extension_profile, again->extension);
  for (const rtc::RtpExtensionElement& element : elements) {
    const auto found = second.next();
    if (!found || found->id != element.id || text_of(found->data) != text_of(element.data))
      std::abort();
  }
  return 0;
}
