#include "http/compression.hpp"

#include <zlib.h>

#include <algorithm>
#include <optional>

namespace server::http {

namespace {

constexpr std::size_t kWorthwhile = 1024;  // octets; below it the headers eat what is gained
constexpr int kLevel = 4;                  // on the control thread, where time matters more
constexpr int kGzipWindow = 15 + 16;       // zlib's way of asking for the gzip format
constexpr int kMemoryLevel = 8;

std::optional<std::string> gzip(std::string_view text) {
  z_stream stream{};
  if (deflateInit2(&stream, kLevel, Z_DEFLATED, kGzipWindow, kMemoryLevel, Z_DEFAULT_STRATEGY) !=
      Z_OK) {
    return std::nullopt;
  }
  std::string compressed(deflateBound(&stream, text.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(compressed.data());
  stream.avail_out = static_cast<uInt>(compressed.size());
  const bool is_whole = deflate(&stream, Z_FINISH) == Z_STREAM_END;
  compressed.resize(stream.total_out);
  deflateEnd(&stream);
  return is_whole ? std::optional(std::move(compressed)) : std::nullopt;
}

}  // namespace

bool takes_encoding(std::string_view accepted, std::string_view coding) {
  while (!accepted.empty()) {
    const std::size_t end = std::min(accepted.find(','), accepted.size());
    std::string_view item = accepted.substr(0, end);
    accepted.remove_prefix(std::min(end + 1, accepted.size()));
    while (item.starts_with(' ')) item.remove_prefix(1);
    const std::string_view name = item.substr(0, item.find_first_of("; "));
    if (name != coding) continue;
    const std::size_t weight = item.find("q=");
    return weight == std::string_view::npos ||
           item.substr(weight + 2).find_first_not_of("0. ") != std::string_view::npos;
  }
  return false;
}

void compress(const std::string& accepted, Response& response) {
  if (response.body.size() < kWorthwhile) return;
  response.set("Vary", "Accept-Encoding");
  if (!takes_encoding(accepted, "gzip")) return;
  auto compressed = gzip(response.body);
  if (!compressed) return;
  response.body = std::move(*compressed);
  response.set("Content-Encoding", "gzip");
}

}  // namespace server::http
