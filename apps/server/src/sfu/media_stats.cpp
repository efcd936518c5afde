#include "sfu/media_stats.hpp"

#include <boost/json/array.hpp>

namespace server::sfu {

namespace json = boost::json;

namespace {

std::string_view name_of(rtc::WebRtcTransport::State state) {
  using enum rtc::WebRtcTransport::State;
  switch (state) {
    case New:
      return "new";
    case Connecting:
      return "connecting";
    case Connected:
      return "connected";
    case Failed:
      return "failed";
    case Closed:
      break;
  }
  return "closed";
}

json::object to_json(const PeerStats::Transport& transport) {
  json::object made{{"id", transport.id},
                    {"direction", transport.direction},
                    {"state", name_of(transport.state)},
                    {"protocol", nullptr},
                    {"address", nullptr},
                    {"port", nullptr}};
  if (transport.path) {
    made["protocol"] = transport.path->connection == 0 ? "udp" : "tcp";
    made["address"] = transport.path->remote.address.to_string();
    made["port"] = transport.path->remote.port;
  }
  return made;
}

json::object to_json(const PeerStats::Producer& producer) {
  json::array encodings;
  for (const PeerStats::Encoding& encoding : producer.encodings) {
    json::object made{{"rid", nullptr},
                      {"ssrc", nullptr},
                      {"packets", encoding.packets},
                      {"octets", encoding.octets}};
    if (!encoding.rid.empty()) made["rid"] = encoding.rid;
    if (encoding.ssrc) made["ssrc"] = *encoding.ssrc;
    encodings.push_back(std::move(made));
  }
  return {{"id", producer.id},
          {"kind", producer.kind},
          {"paused", producer.paused},
          {"encodings", std::move(encodings)}};
}

json::object to_json(const PeerStats::Consumer& consumer) {
  json::object made{{"id", consumer.id},           {"producerId", consumer.producer},
                    {"paused", consumer.paused},   {"spatialLayer", nullptr},
                    {"packets", consumer.packets}, {"octets", consumer.octets},
                    {"resent", consumer.resent}};
  if (consumer.layer) made["spatialLayer"] = *consumer.layer;
  return made;
}

template <class Item>
json::array list(const std::vector<Item>& items) {
  json::array made;
  for (const Item& item : items) made.push_back(to_json(item));
  return made;
}

}  // namespace

void read_stats(const rtc::MediaEngine& engine, PeerStats& stats) {
  for (PeerStats::Transport& one : stats.transports) {
    const rtc::WebRtcTransport* const transport = engine.web_rtc(one.engine_id);
    if (transport == nullptr) continue;
    one.state = transport->state();
    one.path = transport->path();
  }
  for (PeerStats::Producer& one : stats.producers) {
    const rtc::Producer* const producer = engine.producer(one.engine_id);
    if (producer == nullptr) continue;
    for (std::size_t i = 0; i < producer->stream_count(); ++i) {
      const rtc::ProducerStream& stream = producer->stream(i);
      one.encodings.push_back({.rid = stream.options().rid,
                               .ssrc = stream.options().ssrc,
                               .packets = stream.statistics().packets(),
                               .octets = stream.statistics().octets()});
    }
  }
  for (PeerStats::Consumer& one : stats.consumers) {
    const rtc::Consumer* const consumer = engine.consumer(one.engine_id);
    if (consumer == nullptr) continue;
    one.paused = consumer->is_paused();
    if (const auto sent = engine.layers_sent(one.engine_id)) one.layer = sent->spatial;
    one.packets = consumer->packets();
    one.octets = consumer->octets();
    one.resent = consumer->resent();
  }
}

json::object to_json(const PeerStats& stats) {
  return {{"transports", list(stats.transports)},
          {"producers", list(stats.producers)},
          {"consumers", list(stats.consumers)}};
}

}  // namespace server::sfu
