// What the workers tell, and what is measured of them, under the names that the call knows.
#include <algorithm>
#include <array>
#include <boost/asio/post.hpp>

#include "sfu/sfu_entries.hpp"

namespace server::sfu {

namespace {

// By what people notice first: loss over a few percent breaks pictures and words, a round trip over
// a quarter of a second breaks conversations.
LinkScore score_of(const rtc::MediaEngine::LinkQuality& quality, std::optional<Duration> rtt) {
  struct Step {
    double loss;  // at most
    Duration rtt;
    int score;
  };
  using std::chrono::milliseconds;
  constexpr std::array kSteps{Step{0.01, milliseconds{150}, 5}, Step{0.03, milliseconds{250}, 4},
                              Step{0.06, milliseconds{400}, 3}, Step{0.12, milliseconds{600}, 2}};
  LinkScore score{.score = 1,
                  .rtt_ms = std::nullopt,
                  .loss_percent = quality.loss * 100,
                  .bitrate_bps = quality.rate.bps(),
                  .available_bps = std::nullopt};
  if (rtt) score.rtt_ms = std::chrono::duration_cast<milliseconds>(*rtt).count();
  if (quality.available) score.available_bps = quality.available->bps();
  const auto fits = std::ranges::find_if(kSteps, [&](const Step& step) {
    return quality.loss <= step.loss && rtt.value_or(Duration{0}) <= step.rtt;
  });
  if (fits != kSteps.end()) score.score = fits->score;
  if (!quality.is_connected) score.score = 0;
  return score;
}

}  // namespace

void SfuService::transport_over(std::size_t worker, rtc::TransportId transport) {
  const auto found = std::ranges::find_if(peers_, [&](const auto& one) {
    const Peer& peer = *one.second;
    return peer.worker == worker && (peer.send == transport || peer.receive == transport);
  });
  if (found != peers_.end()) handler_(MediaLost{found->first});
}

// News of what ended meanwhile finds no name any more.
void SfuService::handle(std::size_t worker, const rtc::EngineEvent& event) {
  if (!handler_) return;
  if (const auto* changed = std::get_if<rtc::TransportChanged>(&event)) {
    const bool is_over = changed->state == rtc::WebRtcTransport::State::Failed ||
                         changed->state == rtc::WebRtcTransport::State::Closed;
    if (is_over) transport_over(worker, changed->transport);
  } else if (const auto* lost = std::get_if<rtc::ConsentLost>(&event)) {
    transport_over(worker, lost->transport);
  } else if (const auto* layers = std::get_if<rtc::LayersChanged>(&event)) {
    const auto found = consumer_names_.find({worker, layers->consumer});
    if (found == consumer_names_.end()) return;
    const auto& [peer, consumer] = found->second;
    handler_(LayersChanged{peer, consumer, layers->spatial, layers->temporal});
  } else if (const auto* speakers = std::get_if<rtc::SpeakersChanged>(&event)) {
    const auto room = room_names_.find({worker, speakers->room});
    if (room == room_names_.end()) return;
    // Every worker of the room compares all voices; one of them tells.
    if (rooms_.at(room->second).front()->worker != worker) return;
    SpeakersChanged by_voice{.room = room->second, .peers = {}, .dominant = std::nullopt};
    const auto peer_of = [&](rtc::ProducerId id) -> std::optional<std::string> {
      const auto name = producer_names_.find({worker, id});
      if (name == producer_names_.end()) return std::nullopt;
      return producers_.at(name->second)->peer;
    };
    for (const rtc::ProducerId id : speakers->speaking) {
      if (auto peer = peer_of(id)) by_voice.peers.push_back(std::move(*peer));
    }
    if (speakers->dominant) by_voice.dominant = peer_of(*speakers->dominant);
    if (const auto news = speakers_[room->second].news(by_voice)) handler_(*news);
  } else if (const auto* wanted = std::get_if<rtc::EncodingsWanted>(&event)) {
    const auto name = producer_names_.find({worker, wanted->producer});
    if (name == producer_names_.end()) return;
    const ProducerEntry& producer = *producers_.at(name->second);
    if (producer.worker != worker) {
      const auto count = std::ranges::count(wanted->encodings, true);
      return want_piped(producer, worker, static_cast<std::size_t>(count));
    }
    EncodingsWanted told{.peer = producer.peer, .producer = producer.id, .encodings = {}};
    for (std::size_t i = 0; i < wanted->encodings.size(); ++i) {
      told.encodings.push_back(
          {.rid = producer.negotiated.options.streams[i].rid, .active = wanted->encodings[i]});
    }
    handler_(told);
  }
}

void SfuService::tick(Instant now) {
  if (now < measure_at_) return;
  measure_at_ = now + kQualityInterval;
  for (const auto& [id, peer] : peers_) measure(peer);
}

void SfuService::measure(const PeerPtr& peer) {
  const auto answer = [this, peer, alive = std::weak_ptr(alive_)](
                          const rtc::MediaEngine::LinkQuality& up,
                          const rtc::MediaEngine::LinkQuality& down) {
    if (alive.expired() || peer->is_gone || !handler_) return;
    if (!up.is_connected && !down.is_connected) return;  // still on its way, or going
    QualityMeasured measured{.peer = peer->id,
                             .room = peer->room,
                             .uplink = score_of(up, down.rtt),
                             .downlink = score_of(down, down.rtt)};
    const std::pair scores{measured.uplink.score, measured.downlink.score};
    measured.has_changed = std::exchange(peer->told_scores, scores) != scores;
    handler_(measured);
  };
  // When the worker is too busy to be asked there is no news this time.
  (void)worker_of(*peer).post([send = peer->send, receive = peer->receive, executor = executor_,
                               answer](Instant now, rtc::MediaEngine& engine, rtc::Outbox&) {
    const auto up = engine.quality(now, send);
    const auto down = engine.quality(now, receive);
    net::post(executor, [answer, up, down] { answer(up, down); });
  });
}

}  // namespace server::sfu
