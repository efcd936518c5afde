#include "call/sfu_decode.hpp"

namespace server::call {

namespace {

using http::FieldReader;

namespace json = boost::json;

constexpr std::int64_t kLayerMax = 7;
constexpr std::int64_t kPixelsMax = 16'384;
constexpr std::int64_t kPriorityMax = 255;

std::string id(FieldReader& in, std::string_view field) {
  std::string text = in.text(field);
  if (text.size() > 64) in.refuse(field, "is no id");
  return text;
}

// The source of `appData`, which must fit `kind`: a reader finds by it where a stream belongs.
std::string source(FieldReader& in, std::string_view kind) {
  const json::object& data = in.object("appData");
  const json::value* const value = data.if_contains("source");
  const std::string text = value != nullptr && value->is_string()
                               ? std::string(std::string_view(value->get_string()))
                               : std::string();
  const bool is_audio = text == "mic" || text == "screen-audio";
  const bool is_video = text == "camera" || text == "screen";
  if ((!is_audio && !is_video) || data.size() != 1) {
    in.refuse("appData", "must be {source} of mic, camera, screen or screen-audio");
  } else if ((kind == "audio" && !is_audio) || (kind == "video" && !is_video)) {
    in.refuse("appData", "has a source of the other kind");
  }
  return text;
}

}  // namespace

JoinMedia read(FieldReader& in, JoinMedia*) {
  return {id(in, "roomId"), in.object("rtpCapabilities")};
}
ConnectTransport read(FieldReader& in, ConnectTransport*) {
  return {id(in, "transportId"), in.object("dtlsParameters")};
}
RestartIce read(FieldReader& in, RestartIce*) { return {id(in, "transportId")}; }

Produce read(FieldReader& in, Produce*) {
  Produce event;
  event.transport = id(in, "transportId");
  event.kind = in.text("kind");
  if (event.kind != "audio" && event.kind != "video") in.refuse("kind", "must be audio or video");
  event.rtp_parameters = in.object("rtpParameters");
  event.paused = in.optional_boolean("paused").value_or(false);
  event.source = source(in, event.kind);
  return event;
}

PauseProducer read(FieldReader& in, PauseProducer*) { return {id(in, "producerId")}; }
ResumeProducer read(FieldReader& in, ResumeProducer*) { return {id(in, "producerId")}; }
CloseProducer read(FieldReader& in, CloseProducer*) { return {id(in, "producerId")}; }

Consume read(FieldReader& in, Consume*) {
  return {id(in, "producerId"), in.object("rtpCapabilities")};
}
PauseConsumer read(FieldReader& in, PauseConsumer*) { return {id(in, "consumerId")}; }
ResumeConsumer read(FieldReader& in, ResumeConsumer*) { return {id(in, "consumerId")}; }
CloseConsumer read(FieldReader& in, CloseConsumer*) { return {id(in, "consumerId")}; }
RequestKeyFrame read(FieldReader& in, RequestKeyFrame*) { return {id(in, "consumerId")}; }

// The layers say what is wanted; of the same priority, the larger tile gets it first.
PreferLayers read(FieldReader& in, PreferLayers*) {
  PreferLayers event;
  event.consumer = id(in, "consumerId");
  event.spatial = in.integer("spatialLayer", 0, kLayerMax);
  event.temporal = in.optional_integer("temporalLayer", 0, kLayerMax);
  const auto width = in.optional_integer("width", 0, kPixelsMax);
  const auto height = in.optional_integer("height", 0, kPixelsMax);
  event.pixels = width.value_or(0) * height.value_or(0);
  event.priority = in.optional_integer("priority", 1, kPriorityMax).value_or(1);
  return event;
}

ReadMediaStats read(FieldReader&, ReadMediaStats*) { return {}; }

}  // namespace server::call
