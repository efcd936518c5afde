#include "session.hpp"

#include <map>
#include <set>

#include "base/base64.hpp"

namespace sfu_plain {

namespace json = boost::json;

namespace {

template <class Integer>
std::optional<Integer> integer(const json::object& object, std::string_view name,
                               std::int64_t max) {
  const json::value* const value = object.if_contains(name);
  if (value == nullptr || !value->is_number()) return std::nullopt;
  boost::system::error_code error;
  const auto number = value->to_number<std::int64_t>(error);
  if (error || number < 0 || number > max) return std::nullopt;
  return static_cast<Integer>(number);
}

std::optional<std::string_view> text(const json::object& object, std::string_view name) {
  const json::value* const value = object.if_contains(name);
  if (value == nullptr || !value->is_string()) return std::nullopt;
  return std::string_view(value->get_string());
}

std::expected<ProducerRequest, std::string> read_producer(const json::value* value) {
  if (value == nullptr || !value->is_object()) return std::unexpected("producer must be an object");
  const json::object& object = value->get_object();
  const auto mime = text(object, "mimeType");
  const bool is_audio = mime && mime->starts_with("audio/");
  const bool is_video = mime && mime->starts_with("video/");
  if (!is_audio && !is_video)
    return std::unexpected("producer.mimeType must be audio/… or video/…");
  const auto clock_rate = integer<std::uint32_t>(object, "clockRate", 1'000'000);
  const auto payload_type = integer<std::uint8_t>(object, "payloadType", 127);
  const auto ssrc = integer<std::uint32_t>(object, "ssrc", 0xFFFFFFFF);
  if (!clock_rate || *clock_rate == 0)
    return std::unexpected("producer.clockRate is no clock rate");
  if (!payload_type) return std::unexpected("producer.payloadType must be 0 to 127");
  if (!ssrc) return std::unexpected("producer.ssrc must be a 32-bit number");
  return ProducerRequest{.kind = is_audio ? rtc::MediaKind::Audio : rtc::MediaKind::Video,
                         .clock_rate = *clock_rate,
                         .payload_type = *payload_type,
                         .ssrc = *ssrc};
}

std::expected<rtc::SrtpMasterKey, std::string> read_key(const json::value& value) {
  if (!value.is_object()) return std::unexpected("srtpParameters must be an object");
  const auto name = text(value.get_object(), "cryptoSuite");
  const auto suite = name ? rtc::srtp_suite_of(*name) : std::nullopt;
  if (!suite) return std::unexpected("srtpParameters.cryptoSuite is not known");
  const auto encoded = text(value.get_object(), "keyBase64");
  const auto octets = encoded ? base64_decode(*encoded) : std::nullopt;
  const auto key = octets ? rtc::SrtpMasterKey::from(*suite, *octets) : std::nullopt;
  if (!key) return std::unexpected("srtpParameters.keyBase64 is no key and salt of the suite");
  return *key;
}

std::expected<ConsumerRequest, std::string> read_consumer(const json::value& value) {
  if (!value.is_object()) return std::unexpected("a consumer must be an object");
  const json::object& object = value.get_object();
  const auto ip = text(object, "ip");
  const auto address = ip ? IpAddress::parse(*ip) : std::nullopt;
  const auto port = integer<std::uint16_t>(object, "port", 65535);
  if (!address) return std::unexpected("a consumer's ip must be an address");
  if (!port || *port == 0) return std::unexpected("a consumer's port must be 1 to 65535");
  ConsumerRequest consumer{.to = {*address, *port}, .key = {}};
  const json::value* const srtp = object.if_contains("srtpParameters");
  if (srtp == nullptr || srtp->is_null()) return consumer;
  const auto key = read_key(*srtp);
  if (!key) return std::unexpected(key.error());
  consumer.key = *key;
  return consumer;
}

// Never 0, and each another.
std::uint32_t fresh_ssrc(Random& random, std::set<std::uint32_t>& used) {
  for (;;) {
    const std::uint32_t ssrc = random.u32();
    if (ssrc != 0 && used.insert(ssrc).second) return ssrc;
  }
}

// Two consumers with one of these share a transport.
using Remote = std::tuple<Endpoint, std::optional<rtc::SrtpSuite>, std::string>;

Remote remote_of(const ConsumerRequest& consumer) {
  if (!consumer.key) return {consumer.to, std::nullopt, ""};
  const rtc::SrtpMasterKey& key = *consumer.key;
  return {consumer.to, key.suite,
          std::string(text_of(key.key())) + std::string(text_of(key.salt()))};
}

}  // namespace

std::expected<Request, std::string> read_request(const json::value& value) {
  if (!value.is_object()) return std::unexpected("the request must be an object");
  const auto producer = read_producer(value.get_object().if_contains("producer"));
  if (!producer) return std::unexpected(producer.error());
  const json::value* const consumers = value.get_object().if_contains("consumers");
  if (consumers == nullptr || !consumers->is_array())
    return std::unexpected("consumers must be an array");
  if (consumers->get_array().size() > kConsumersMax)
    return std::unexpected("more than 1000 consumers");
  Request request{.producer = *producer, .consumers = {}};
  for (const json::value& one : consumers->get_array()) {
    const auto consumer = read_consumer(one);
    if (!consumer) return std::unexpected(consumer.error());
    request.consumers.push_back(*consumer);
  }
  return request;
}

std::optional<std::vector<ConsumerAnswer>> set_up(rtc::MediaEngine& engine, const Request& request,
                                                  Random& random) {
  const ProducerRequest& wanted = request.producer;
  std::set<std::uint32_t> used{wanted.ssrc};
  const auto source = engine.open_plain({.path = {}, .send_key = {}, .receive_key = {}});
  if (!source) return std::nullopt;
  const auto producer =
      engine.produce(*source, {.kind = wanted.kind,
                               .codec = rtc::MediaCodec::Opaque,
                               .payload_type = wanted.payload_type,
                               .feedback_ssrc = fresh_ssrc(random, used),
                               .streams = {{.ssrc = wanted.ssrc,
                                            .clock_rate = wanted.clock_rate,
                                            .kind = wanted.kind,
                                            .uses_nack = wanted.kind == rtc::MediaKind::Video}}});
  if (!producer) return std::nullopt;

  const std::string cname = random.url_safe(16);
  std::map<Remote, rtc::TransportId> transports;
  std::vector<ConsumerAnswer> answers;
  for (const ConsumerRequest& consumer : request.consumers) {
    auto [known, is_new] = transports.try_emplace(remote_of(consumer));
    if (is_new) {
      const rtc::Path path{.remote = consumer.to, .local = {}};
      const auto opened =
          engine.open_plain({.path = path, .send_key = consumer.key, .receive_key = {}});
      if (!opened) return std::nullopt;
      known->second = *opened;
    }
    rtc::Consumer::Options options;
    options.ssrc = fresh_ssrc(random, used);
    options.payload_type = wanted.payload_type;
    options.clock_rate = wanted.clock_rate;
    options.kind = wanted.kind;
    options.cname = cname;
    options.first_sequence = static_cast<std::uint16_t>(random.u32() & 0x7FFF);
    if (!engine.consume(known->second, *producer, options)) return std::nullopt;
    answers.push_back({.ssrc = options.ssrc, .payload_type = options.payload_type});
  }
  return answers;
}

}  // namespace sfu_plain
