#include "db/ids.hpp"

#include <algorithm>

namespace server::db {
namespace {

constexpr std::string_view kBase36 = "0123456789abcdefghijklmnopqrstuvwxyz";

void append_base36(std::string& text, std::uint64_t value, std::size_t digits) {
  const std::size_t start = text.size();
  text.resize(start + digits);
  for (std::size_t i = digits; i-- > 0; value /= 36) text[start + i] = kBase36[value % 36];
}

}  // namespace

bool is_id(std::string_view text) {
  return !text.empty() && text.size() <= 64 && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
  });
}

IdSource::Made IdSource::next() {
  constexpr std::uint32_t kCounterEnd = 36 * 36 * 36 * 36;
  const Timestamp now = clock_();
  if (now > last_) {
    last_ = now;
    counter_ = 0;
  } else if (++counter_ == kCounterEnd) {
    last_ += std::chrono::milliseconds(1);
    counter_ = 0;
  }
  std::string id = "c";
  append_base36(id, static_cast<std::uint64_t>(last_.time_since_epoch().count()), 8);
  append_base36(id, counter_, 4);
  for (int i = 0; i < 12; ++i) {  // 32 random bits for one of 36: no bias worth a name
    append_base36(id, random_.u32(), 1);
  }
  return {std::move(id), last_};
}

}  // namespace server::db
