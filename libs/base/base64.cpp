#include "base/base64.hpp"

#include <array>

namespace {

constexpr std::string_view kStandard =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kUrl =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

constexpr std::uint8_t kInvalid = 0xFF;

constexpr std::array<std::uint8_t, 256> inverse(std::string_view alphabet) {
  std::array<std::uint8_t, 256> table{};
  table.fill(kInvalid);
  for (std::size_t i = 0; i < alphabet.size(); ++i) {
    table[static_cast<std::uint8_t>(alphabet[i])] = static_cast<std::uint8_t>(i);
  }
  return table;
}

constexpr auto kStandardInverse = inverse(kStandard);
constexpr auto kUrlInverse = inverse(kUrl);

std::string encode(Bytes data, std::string_view alphabet, bool pad) {
  std::string text;
  text.reserve((data.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < data.size(); i += 3) {
    const std::size_t octets = std::min<std::size_t>(3, data.size() - i);
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < 3; ++k) group = group << 8 | (k < octets ? data[i + k] : 0U);
    for (std::size_t k = 0; k <= octets; ++k) text += alphabet[group >> (18 - 6 * k) & 63U];
    if (pad) text.append(3 - octets, '=');
  }
  return text;
}

std::optional<std::vector<std::uint8_t>> decode(std::string_view text,
                                                const std::array<std::uint8_t, 256>& table) {
  const std::size_t tail = text.size() % 4;
  if (tail == 1) return std::nullopt;
  std::vector<std::uint8_t> data;
  data.reserve(text.size() / 4 * 3 + 2);
  std::uint32_t group = 0;
  unsigned bits = 0;
  for (const char c : text) {
    const std::uint8_t value = table[static_cast<std::uint8_t>(c)];
    if (value == kInvalid) return std::nullopt;
    group = group << 6 | value;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      data.push_back(static_cast<std::uint8_t>(group >> bits & 0xFFU));
    }
  }
  const bool canonical = (group & ((1U << bits) - 1)) == 0;
  if (!canonical) return std::nullopt;
  return data;
}

}  // namespace

std::string base64_encode(Bytes data) { return encode(data, kStandard, true); }
std::string base64url_encode(Bytes data) { return encode(data, kUrl, false); }

std::optional<std::vector<std::uint8_t>> base64_decode(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  std::size_t padding = 0;
  while (padding < 2 && text.ends_with('=')) {
    text.remove_suffix(1);
    ++padding;
  }
  return decode(text, kStandardInverse);
}

std::optional<std::vector<std::uint8_t>> base64url_decode(std::string_view text) {
  return decode(text, kUrlInverse);
}
