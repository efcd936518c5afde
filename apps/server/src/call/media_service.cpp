#include "call/media_service.hpp"

#include <algorithm>

#include "call/access.hpp"

namespace server::call {

namespace {

constexpr std::size_t kAllTemporalLayers = 7;

http::Result<Reply> done(http::Result<void> result) {
  if (!result) return std::unexpected(std::move(result.error()));
  return Done{};
}

auto find_producer(CallRoom& room, const std::string& id) {
  return std::ranges::find(room.producers, id, &ProducerView::id);
}

bool is_muted_by(std::string_view kind, std::string_view source) {
  if (kind == "audio") return source == "mic";
  if (kind == "video") return source == "camera";
  return source == "screen" || source == "screen-audio";
}

}  // namespace

MediaService::MediaService(Parts parts) : parts_(parts) {
  parts_.calls.on_media_end([this](const PeerId& peer) { parts_.sfu.leave(peer); });
  parts_.sfu.on_event([this](const sfu::MediaEvent& event) {
    std::visit([this](const auto& news) { on(news); }, event);
  });
}

// The page comes back with sfu:join once it has seen that its transports are gone.
void MediaService::on(const sfu::MediaLost& news) {
  const auto standing = require_inside(parts_.calls, news.peer);
  if (standing) parts_.calls.end_media(*standing->room, news.peer);
}

void MediaService::on(const sfu::LayersChanged& news) { parts_.audience.tell(news.peer, news); }

void MediaService::on(const sfu::SpeakersChanged& news) {
  parts_.audience.tell_room(news.room, news, {});
}

void MediaService::on(const sfu::EncodingsWanted& news) { parts_.audience.tell(news.peer, news); }

// The numbers are for oneself; the others see a change of the signs.
void MediaService::on(const sfu::QualityMeasured& news) {
  parts_.audience.tell(news.peer, news);
  if (news.has_changed) parts_.audience.tell_room(news.room, news, news.peer);
}

net::awaitable<http::Result<Reply>> MediaService::join(PeerId peer, JoinMedia event) {
  auto before = require_inside(parts_.calls, peer);
  if (!before) co_return std::unexpected(std::move(before.error()));
  if (event.room_id != before->room->info.id) {
    co_return http::fail(409, "NOT_IN_ROOM", "join that room first");
  }
  auto sound = parts_.sfu.check_capabilities(event.rtp_capabilities);
  if (!sound) co_return std::unexpected(std::move(sound.error()));
  parts_.calls.end_media(*before->room, peer);
  auto transports =
      co_await parts_.sfu.join(std::move(event.room_id), peer, std::move(event.rtp_capabilities));
  if (!transports) co_return std::unexpected(std::move(transports.error()));
  MediaJoined joined{.transports = std::move(*transports),
                     .router_rtp_capabilities = parts_.sfu.router_rtp_capabilities(),
                     .producers = {}};
  for (const ProducerView& producer : before->room->producers) {
    if (producer.peer != peer) joined.producers.push_back(producer);
  }
  co_return joined;
}

http::Result<Reply> MediaService::connect(const PeerId& peer, const ConnectTransport& event) {
  auto standing = require_inside(parts_.calls, peer);
  if (!standing) return std::unexpected(std::move(standing.error()));
  return done(parts_.sfu.connect_transport(peer, event.transport, event.dtls_parameters));
}

net::awaitable<http::Result<Reply>> MediaService::restart_ice(PeerId peer, RestartIce event) {
  auto standing = require_inside(parts_.calls, peer);
  if (!standing) co_return std::unexpected(std::move(standing.error()));
  auto restarted = co_await parts_.sfu.restart_ice(std::move(peer), std::move(event.transport));
  if (!restarted) co_return std::unexpected(std::move(restarted.error()));
  co_return IceRestarted{std::move(*restarted)};
}

net::awaitable<http::Result<Reply>> MediaService::produce(PeerId peer, Produce event) {
  auto standing = require_inside(parts_.calls, peer);
  if (!standing) co_return std::unexpected(std::move(standing.error()));
  const auto room = standing->room;
  const auto user_id = standing->connection.who->user_id;
  // Succeeds only while the peer is where it was: leaving the room ends its media.
  auto made = co_await parts_.sfu.produce(peer, std::move(event.transport), event.kind,
                                          std::move(event.rtp_parameters), event.paused);
  if (!made) co_return std::unexpected(std::move(made.error()));
  const ProducerView& producer =
      room->producers.emplace_back(made->id, peer, user_id, made->kind, event.source, made->paused);
  parts_.audience.tell_room(room->info.id, ProducerCreated{producer}, peer);
  co_return Produced{std::move(made->id)};
}

http::Result<Reply> MediaService::set_producer_paused(const PeerId& peer,
                                                      const std::string& producer, bool paused) {
  auto standing = require_inside(parts_.calls, peer);
  if (!standing) return std::unexpected(std::move(standing.error()));
  auto changed = parts_.sfu.set_producer_paused(peer, producer, paused);
  if (!changed) return std::unexpected(std::move(changed.error()));
  const auto found = find_producer(*standing->room, producer);
  if (found != standing->room->producers.end()) pause_for_all(*standing->room, *found, paused);
  return Done{};
}

void MediaService::pause_for_all(const CallRoom& room, ProducerView& producer, bool paused) {
  if (producer.paused == paused) return;
  producer.paused = paused;
  parts_.audience.tell_room(room.info.id, ProducerPaused{producer.id, paused}, producer.peer);
}

http::Result<Reply> MediaService::pause(const PeerId& peer, const PauseProducer& event) {
  return set_producer_paused(peer, event.producer, true);
}
http::Result<Reply> MediaService::resume(const PeerId& peer, const ResumeProducer& event) {
  return set_producer_paused(peer, event.producer, false);
}

http::Result<Reply> MediaService::close(const PeerId& peer, const CloseProducer& event) {
  auto standing = require_inside(parts_.calls, peer);
  if (!standing) return std::unexpected(std::move(standing.error()));
  auto closed = parts_.sfu.close_producer(peer, event.producer);
  if (!closed) return std::unexpected(std::move(closed.error()));
  CallRoom& room = *standing->room;
  std::erase_if(room.producers, [&](const ProducerView& one) { return one.id == event.producer; });
  parts_.audience.tell_room(room.info.id, ProducerClosed{event.producer}, peer);
  return Done{};
}

void MediaService::mute(CallRoom& room, const PeerId& peer, std::string_view kind) {
  for (ProducerView& producer : room.producers) {
    if (producer.peer != peer || !is_muted_by(kind, producer.source)) continue;
    if (parts_.sfu.set_producer_paused(peer, producer.id, true)) {
      pause_for_all(room, producer, true);
    }
  }
}

net::awaitable<http::Result<Reply>> MediaService::consume(PeerId peer, Consume event) {
  auto standing = require_inside(parts_.calls, peer);
  if (!standing) co_return std::unexpected(std::move(standing.error()));
  CallRoom& room = *standing->room;
  const auto found = find_producer(room, event.producer);
  if (found == room.producers.end()) {
    co_return http::fail(404, "SFU_ERROR", "there is no such producer");
  }
  PeerId source = found->peer;
  auto made = co_await parts_.sfu.consume(std::move(peer), std::move(event.producer),
                                          std::move(event.rtp_capabilities));
  if (!made) co_return std::unexpected(std::move(made.error()));
  co_return Consumed{std::move(*made), std::move(source)};
}

http::Result<Reply> MediaService::pause(const PeerId& peer, const PauseConsumer& event) {
  auto standing = require_inside(parts_.calls, peer);
  if (!standing) return std::unexpected(std::move(standing.error()));
  return done(parts_.sfu.set_consumer_paused(peer, event.consumer, true));
}
http::Result<Reply> MediaService::resume(const PeerId& peer, const ResumeConsumer& event) {
  auto standing = require_inside(parts_.calls, peer);
  if (!standing) return std::unexpected(std::move(standing.error()));
  return done(parts_.sfu.set_consumer_paused(peer, event.consumer, false));
}
http::Result<Reply> MediaService::close(const PeerId& peer, const CloseConsumer& event) {
  auto standing = require_inside(parts_.calls, peer);
  if (!standing) return std::unexpected(std::move(standing.error()));
  return done(parts_.sfu.close_consumer(peer, event.consumer));
}
http::Result<Reply> MediaService::request_key_frame(const PeerId& peer,
                                                    const RequestKeyFrame& event) {
  auto standing = require_inside(parts_.calls, peer);
  if (!standing) return std::unexpected(std::move(standing.error()));
  return done(parts_.sfu.request_key_frame(peer, event.consumer));
}

http::Result<Reply> MediaService::prefer_layers(const PeerId& peer, const PreferLayers& event) {
  auto standing = require_inside(parts_.calls, peer);
  if (!standing) return std::unexpected(std::move(standing.error()));
  const auto temporal =
      event.temporal ? static_cast<std::size_t>(*event.temporal) : kAllTemporalLayers;
  return done(parts_.sfu.prefer_layers(peer, event.consumer,
                                       {.spatial = static_cast<std::size_t>(event.spatial),
                                        .temporal = temporal,
                                        .priority = static_cast<std::uint8_t>(event.priority),
                                        .pixels = static_cast<std::uint32_t>(event.pixels)}));
}

net::awaitable<http::Result<Reply>> MediaService::stats(PeerId peer) {
  auto standing = require_inside(parts_.calls, peer);
  if (!standing) co_return std::unexpected(std::move(standing.error()));
  auto stats = co_await parts_.sfu.stats(std::move(peer));
  if (!stats) co_return std::unexpected(std::move(stats.error()));
  co_return MediaStats{std::move(*stats)};
}

}  // namespace server::call
