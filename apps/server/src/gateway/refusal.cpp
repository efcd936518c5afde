#include "gateway/refusal.hpp"

#include <utility>

namespace server::gateway {

namespace {

constexpr std::size_t kNameMax = 64;  // octets; the longest name of the contract has 24

// As much of valid UTF-8 as fits, in whole characters.
std::string_view cut(std::string_view text) {
  if (text.size() <= kNameMax) return text;
  std::size_t end = kNameMax;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return text.substr(0, end);
}

}  // namespace

void refuse_event(Gateway& gateway, const ClientEvent& event, json::object error) {
  if (event.ack) {
    return gateway.acknowledge(event.socket, *event.ack, json::object{{"error", std::move(error)}});
  }
  error["event"] = cut(event.name);
  gateway.emit(event.socket, "error", error);
}

}  // namespace server::gateway
