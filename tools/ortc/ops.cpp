#include "ortc/ops.hpp"

#include <array>
#include <boost/json.hpp>

#include "rtc/ortc/consumable.hpp"
#include "rtc/ortc/consumer.hpp"
#include "rtc/ortc/decode.hpp"
#include "rtc/ortc/encode.hpp"
#include "rtc/ortc/producer_mapping.hpp"
#include "rtc/ortc/router_capabilities.hpp"

namespace ortc_tool {

namespace json = boost::json;
using namespace rtc::ortc;  // this file is its JSON face

namespace {

constexpr std::size_t kDepthMax = 32;  // of nesting; sound input has 6 levels

Error malformed(std::string message) {
  return {.code = ErrorCode::Malformed, .message = std::move(message)};
}

json::value error_of(std::string_view code, std::string_view message) {
  return {{"error", {{"code", code}, {"message", message}}}};
}

// The argument, or null when it is missing: no decoder but that of an optional one takes null.
const json::value& argument(const json::object& request, std::string_view name) {
  static const json::value null;
  const json::value* value = request.if_contains(name);
  return value == nullptr ? null : *value;
}

Result<std::optional<bool>> optional_boolean(const json::object& request, std::string_view name) {
  const json::value& value = argument(request, name);
  if (value.is_null()) return std::optional<bool>{};
  if (value.is_bool()) return std::optional{value.get_bool()};
  return std::unexpected(malformed(std::string(name) + " must be true, false or null"));
}

Result<json::value> op_router_capabilities(const json::object& request, Random&) {
  const auto codecs = decode_media_codecs(argument(request, "mediaCodecs"));
  if (!codecs) return std::unexpected(codecs.error());
  const auto capabilities = router_capabilities(*codecs);
  if (!capabilities) return std::unexpected(capabilities.error());
  return encode(*capabilities);
}

Result<json::value> op_producer_mapping(const json::object& request, Random& random) {
  const auto producer = decode_producer_parameters(argument(request, "params"));
  if (!producer) return std::unexpected(producer.error());
  const auto router = decode_router_capabilities(argument(request, "caps"));
  if (!router) return std::unexpected(router.error());
  const auto mapping = producer_mapping(*producer, *router, random);
  if (!mapping) return std::unexpected(mapping.error());
  return encode(*mapping);
}

Result<json::value> op_consumable(const json::object& request, Random&) {
  const auto kind = decode_kind(argument(request, "kind"));
  if (!kind) return std::unexpected(kind.error());
  const auto producer = decode_producer_parameters(argument(request, "params"));
  if (!producer) return std::unexpected(producer.error());
  const auto router = decode_router_capabilities(argument(request, "caps"));
  if (!router) return std::unexpected(router.error());
  const auto mapping = decode_mapping(argument(request, "mapping"));
  if (!mapping) return std::unexpected(mapping.error());
  const auto consumable = consumable_parameters(*kind, *producer, *router, *mapping);
  if (!consumable) return std::unexpected(consumable.error());
  return encode(*consumable);
}

Result<json::value> op_can_consume(const json::object& request, Random&) {
  const auto consumable = decode_parameters(argument(request, "consumable"));
  if (!consumable) return std::unexpected(consumable.error());
  const auto receiver = decode_capabilities(argument(request, "caps"));
  if (!receiver) return std::unexpected(receiver.error());
  return json::value(can_consume(*consumable, *receiver));
}

Result<json::value> op_consumer(const json::object& request, Random& random) {
  const auto consumable = decode_parameters(argument(request, "consumable"));
  if (!consumable) return std::unexpected(consumable.error());
  const auto receiver = decode_capabilities(argument(request, "remoteCaps"));
  if (!receiver) return std::unexpected(receiver.error());
  const auto pipe = optional_boolean(request, "pipe");
  if (!pipe) return std::unexpected(pipe.error());
  const auto enable_rtx = optional_boolean(request, "enableRtx");
  if (!enable_rtx) return std::unexpected(enable_rtx.error());
  const ConsumerOptions options{.pipe = pipe->value_or(false), .enable_rtx = *enable_rtx};
  const auto consumer = consumer_parameters(*consumable, *receiver, options, random);
  if (!consumer) return std::unexpected(consumer.error());
  return encode(*consumer);
}

Result<json::value> op_pipe_consumer(const json::object& request, Random& random) {
  const auto consumable = decode_parameters(argument(request, "consumable"));
  if (!consumable) return std::unexpected(consumable.error());
  const auto enable_rtx = optional_boolean(request, "enableRtx");
  if (!enable_rtx) return std::unexpected(enable_rtx.error());
  return encode(pipe_consumer_parameters(*consumable, enable_rtx->value_or(false), random));
}

struct Operation {
  std::string_view name;
  Result<json::value> (*run)(const json::object& request, Random& random);
};

constexpr std::array kOperations{
    Operation{"routerRtpCapabilities", op_router_capabilities},
    Operation{"producerMapping", op_producer_mapping},
    Operation{"consumable", op_consumable},
    Operation{"canConsume", op_can_consume},
    Operation{"consumer", op_consumer},
    Operation{"pipeConsumer", op_pipe_consumer},
};

json::value answer_to(const json::object& request, Random& random) {
  const json::value& op = argument(request, "op");
  for (const Operation& operation : kOperations) {
    if (!op.is_string() || op.get_string() != operation.name) continue;
    auto result = operation.run(request, random);
    if (!result) return error_of(name_of(result.error().code), result.error().message);
    return json::object{{"result", std::move(*result)}};
  }
  return error_of("UNKNOWN_OP", "op names no operation");
}

}  // namespace

std::string answer(std::string_view line, Random& random) {
  boost::system::error_code error;
  const json::value request =
      json::parse(line, error, {}, json::parse_options{.max_depth = kDepthMax});
  if (error) return json::serialize(error_of("BAD_JSON", error.message()));
  if (!request.is_object()) {
    return json::serialize(error_of("BAD_JSON", "a line is one JSON object"));
  }
  return json::serialize(answer_to(request.get_object(), random));
}

std::string answer_to_long_line() {
  return json::serialize(error_of("TOO_LONG", "the line is too long"));
}

}  // namespace ortc_tool
