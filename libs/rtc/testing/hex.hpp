// Packets in tests are written as hexadecimal text, as RFCs and captures print them.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

namespace rtc::testing {

// The octets of "00 01 0aFF"; white space is skipped, anything else aborts the test program.
inline std::vector<std::uint8_t> hex(std::string_view text) {
  std::vector<std::uint8_t> octets;
  int high = -1;
  for (const char c : text) {
    if (c == ' ' || c == '\n') continue;
    const int digit = c >= '0' && c <= '9'   ? c - '0'
                      : c >= 'a' && c <= 'f' ? c - 'a' + 10
                      : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                             : -1;
    if (digit < 0) std::abort();
    if (high < 0) {
      high = digit;
    } else {
      octets.push_back(static_cast<std::uint8_t>(high << 4 | digit));
      high = -1;
    }
  }
  if (high >= 0) std::abort();
  return octets;
}

}  // namespace rtc::testing
