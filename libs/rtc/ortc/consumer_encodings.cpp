#include "rtc/ortc/consumer_encodings.hpp"

#include <algorithm>

#include "rtc/ortc/ssrc.hpp"

namespace rtc::ortc {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Takes a number from 1 to 99 off the front; 0 when there is none.
int take_number(std::string_view& text) {
  if (text.empty() || !is_digit(text.front()) || text.front() == '0') return 0;
  int number = 0;
  for (int digits = 0; digits < 2 && !text.empty() && is_digit(text.front()); ++digits) {
    number = number * 10 + (text.front() - '0');
    text.remove_prefix(1);
  }
  return number;
}

// The first scalability mode that an encoding names; all encodings are taken to have the same.
std::string first_scalability_mode(const std::vector<Encoding>& encodings) {
  for (const Encoding& encoding : encodings) {
    if (encoding.scalability_mode && !encoding.scalability_mode->empty()) {
      return *encoding.scalability_mode;
    }
  }
  return {};
}

}  // namespace

ScalabilityMode ScalabilityMode::parse(std::string_view text) {
  if (!text.starts_with('L') && !text.starts_with('S')) return {};
  text.remove_prefix(1);
  const int spatial_layers = take_number(text);
  if (spatial_layers == 0 || !text.starts_with('T')) return {};
  text.remove_prefix(1);
  const int temporal_layers = take_number(text);
  if (temporal_layers == 0) return {};
  return {spatial_layers, temporal_layers};
}

std::vector<Encoding> merged_encoding(const std::vector<Encoding>& consumable, bool rtx,
                                      Random& random) {
  Encoding merged;
  merged.ssrc = random_ssrc(random);
  if (rtx) merged.rtx_ssrc = *merged.ssrc + 1;

  std::string mode = first_scalability_mode(consumable);
  const bool is_simulcast = consumable.size() > 1;
  if (is_simulcast) {
    const int temporal_layers = ScalabilityMode::parse(mode).temporal_layers;
    mode = "L" + std::to_string(consumable.size()) + "T" + std::to_string(temporal_layers);
  }
  if (!mode.empty()) merged.scalability_mode = std::move(mode);

  double max_bitrate = 0;
  for (const Encoding& encoding : consumable) {
    max_bitrate = std::max(max_bitrate, encoding.max_bitrate.value_or(0));
  }
  if (max_bitrate > 0) merged.max_bitrate = max_bitrate;
  return {std::move(merged)};
}

std::vector<Encoding> piped_encodings(std::vector<Encoding> consumable, bool rtx, Random& random) {
  const auto count = static_cast<std::uint32_t>(consumable.size());
  std::uint32_t ssrc = random_ssrc(random);
  std::uint32_t rtx_ssrc = random_ssrc(random);
  const bool overlap = rtx_ssrc < ssrc + count && ssrc < rtx_ssrc + count;
  if (overlap) rtx_ssrc = ssrc + count;
  for (Encoding& encoding : consumable) {
    encoding.ssrc = ssrc++;
    encoding.rtx_ssrc.reset();
    if (rtx) encoding.rtx_ssrc = rtx_ssrc++;
  }
  return consumable;
}

}  // namespace rtc::ortc
