// Any line at the `ortc` command: one answer that is JSON, whatever the line holds. Lines that are
// no requests are tried as every argument of every operation too, so that JSON alone gets deep.
#include <boost/json.hpp>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "ortc/ops.hpp"
#include "rtc/ortc/consumable.hpp"
#include "rtc/ortc/consumer.hpp"
#include "rtc/ortc/decode.hpp"
#include "rtc/ortc/encode.hpp"
#include "rtc/ortc/producer_mapping.hpp"

namespace json = boost::json;
using namespace rtc::ortc;

namespace {

void require(bool claim) {
  if (!claim) std::abort();
}

// What was decoded, written and read again is the same.
void round_trip(const json::value& value) {
  if (const auto capabilities = decode_capabilities(value)) {
    const json::value written = encode(*capabilities);
    const auto again = decode_capabilities(written);
    require(again.has_value() && json::value(encode(*again)) == written);
  }
  if (const auto parameters = decode_parameters(value)) {
    const json::value written = encode(*parameters);
    const auto again = decode_parameters(written);
    require(again.has_value() && json::value(encode(*again)) == written);
  }
}

// One value as producer, as router and as receiver: what one step accepts, the next one does too.
void negotiate(const json::value& value, Random& random) {
  const auto producer = decode_producer_parameters(value);
  const auto router = decode_router_capabilities(value);
  if (!producer || !router) return;
  const auto mapping = producer_mapping(*producer, *router, random);
  if (!mapping) return;
  for (const MediaKind kind : {MediaKind::Audio, MediaKind::Video}) {
    const auto consumable = consumable_parameters(kind, *producer, *router, *mapping);
    if (!consumable) continue;
    const bool can = can_consume(*consumable, *router);
    const auto consumer = consumer_parameters(*consumable, *router, {}, random);
    require(!can || consumer.has_value());
    (void)pipe_consumer_parameters(*consumable, true, random);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view line(reinterpret_cast<const char*>(data), size);
  SeededRandom random(1);
  const std::string answer = ortc_tool::answer(line, random);
  require(json::parse(answer).is_object());
  require(answer.find('\n') == std::string::npos);

  boost::system::error_code error;
  const json::value value = json::parse(line, error);
  if (error) return 0;
  round_trip(value);
  negotiate(value, random);
  return 0;
}
