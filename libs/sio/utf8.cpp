#include "sio/utf8.hpp"

#include <cstdint>
#include <cstring>

namespace sio {

namespace {

// Octets of the character that starts with `lead`, and what its second octet may be (RFC 3629
// section 4); 0 for an octet that starts none.
struct Lead {
  std::size_t size = 0;
  std::uint8_t second_min = 0x80;
  std::uint8_t second_max = 0xBF;
};

Lead lead_of(std::uint8_t lead) {
  if (lead >= 0xC2 && lead <= 0xDF) return {2, 0x80, 0xBF};
  if (lead == 0xE0) return {3, 0xA0, 0xBF};
  if (lead == 0xED) return {3, 0x80, 0x9F};
  if (lead >= 0xE1 && lead <= 0xEF) return {3, 0x80, 0xBF};
  if (lead == 0xF0) return {4, 0x90, 0xBF};
  if (lead >= 0xF1 && lead <= 0xF3) return {4, 0x80, 0xBF};
  if (lead == 0xF4) return {4, 0x80, 0x8F};
  return {};
}

// The longest run of ASCII from `start`, eight octets at a time.
std::size_t skip_ascii(std::string_view text, std::size_t start) {
  constexpr std::uint64_t kHighBits = 0x8080808080808080U;
  std::size_t at = start;
  for (std::uint64_t word = 0; at + sizeof word <= text.size(); at += sizeof word) {
    std::memcpy(&word, text.data() + at, sizeof word);
    if ((word & kHighBits) != 0) break;
  }
  while (at < text.size() && static_cast<std::uint8_t>(text[at]) < 0x80) ++at;
  return at;
}

}  // namespace

bool is_utf8(std::string_view text) {
  const auto octet = [&](std::size_t at) { return static_cast<std::uint8_t>(text[at]); };
  for (std::size_t at = skip_ascii(text, 0); at < text.size(); at = skip_ascii(text, at)) {
    const Lead lead = lead_of(octet(at));
    if (lead.size == 0 || at + lead.size > text.size()) return false;
    if (octet(at + 1) < lead.second_min || octet(at + 1) > lead.second_max) return false;
    for (std::size_t i = 2; i < lead.size; ++i) {
      if ((octet(at + i) & 0xC0) != 0x80) return false;
    }
    at += lead.size;
  }
  return true;
}

}  // namespace sio
