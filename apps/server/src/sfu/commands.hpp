// What the call asks of the media workers, and what they tell it, as plain values. JSON is what
// pages and server exchange unread by the call: the shapes of mediasoup-client.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace server::sfu {

namespace json = boost::json;

// `{id, iceParameters, iceCandidates, dtlsParameters}` each.
struct PeerTransports {
  json::object send;
  json::object receive;
};

struct ProducerInfo {
  std::string id;
  std::string kind;  // "audio" or "video"
  bool paused = false;
};

struct ConsumerInfo {
  std::string id;
  std::string producer_id;
  std::string kind;
  json::object rtp_parameters;
  std::string_view type;  // "simple", "simulcast" or "svc"
  bool producer_paused = false;
};

// Counted from 0; beyond what there is: the best.
struct PreferredLayers {
  std::size_t spatial = 7;
  std::size_t temporal = 7;
  std::uint8_t priority = 1;  // the higher, the sooner it gets better on a narrow path
  std::uint32_t pixels = 0;   // of the same priority, what is shown larger does
};

// News of the workers, for the call.
struct MediaLost {  // a transport of the peer failed, was closed by it, or lost consent
  std::string peer;
};
struct LayersChanged {  // what the peer's consumer gets now
  std::string peer;
  std::string consumer;
  std::size_t spatial = 0;
  std::size_t temporal = 0;
};
struct SpeakersChanged {
  std::string room;
  std::vector<std::string> peers;  // who speaks, the loudest first
  std::optional<std::string> dominant;

  friend bool operator==(const SpeakersChanged&, const SpeakersChanged&) = default;
};
// Which encodings of the peer's producer somebody wishes for; the others need not be sent.
struct EncodingsWanted {
  struct Encoding {
    std::string rid;
    bool active = true;
  };

  std::string peer;
  std::string producer;
  std::vector<Encoding> encodings;  // in the order of producing
};
// 0 (nothing gets through) to 5 (as good as it gets).
struct LinkScore {
  int score = 5;
  std::optional<std::int64_t> rtt_ms;
  double loss_percent = 0;
  std::int64_t bitrate_bps = 0;
  std::optional<std::int64_t> available_bps;
};
struct QualityMeasured {
  std::string peer;
  std::string room;
  LinkScore uplink;
  LinkScore downlink;
  bool has_changed = false;  // one of the scores, since the last time
};
using MediaEvent =
    std::variant<MediaLost, LayersChanged, SpeakersChanged, EncodingsWanted, QualityMeasured>;

}  // namespace server::sfu
