// Who may send and receive what through the SFU, and what the others learn of it.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "call/calls.hpp"
#include "call/client_events.hpp"
#include "sfu/sfu_service.hpp"

namespace server::call {

namespace net = boost::asio;

// Control thread only. Everything here needs a place in a room (UNAUTHORIZED, NOT_IN_ROOM), and
// but for join() transports, which join() gives; what is not the peer's own does not exist for it
// (SFU_ERROR).
class MediaService {
 public:
  struct Parts {  // all outlive the service
    Audience& audience;
    Calls& calls;
    sfu::SfuService& sfu;
  };
  // From here on the media of everyone who goes ends.
  explicit MediaService(Parts parts);

  // NOT_IN_ROOM: another room than the peer's. What the peer had before ends.
  net::awaitable<http::Result<Reply>> join(PeerId peer, JoinMedia event);
  http::Result<Reply> connect(const PeerId& peer, const ConnectTransport& event);
  net::awaitable<http::Result<Reply>> restart_ice(PeerId peer, RestartIce event);

  net::awaitable<http::Result<Reply>> produce(PeerId peer, Produce event);
  http::Result<Reply> pause(const PeerId& peer, const PauseProducer& event);
  http::Result<Reply> resume(const PeerId& peer, const ResumeProducer& event);
  http::Result<Reply> close(const PeerId& peer, const CloseProducer& event);

  net::awaitable<http::Result<Reply>> consume(PeerId peer, Consume event);
  http::Result<Reply> pause(const PeerId& peer, const PauseConsumer& event);
  http::Result<Reply> resume(const PeerId& peer, const ResumeConsumer& event);
  http::Result<Reply> close(const PeerId& peer, const CloseConsumer& event);
  http::Result<Reply> request_key_frame(const PeerId& peer, const RequestKeyFrame& event);
  http::Result<Reply> prefer_layers(const PeerId& peer, const PreferLayers& event);

  net::awaitable<http::Result<Reply>> stats(PeerId peer);

  // Pauses what the member sends of "audio" (its microphone), "video" (its camera) or "screen".
  void mute(CallRoom& room, const PeerId& peer, std::string_view kind);

 private:
  http::Result<Reply> set_producer_paused(const PeerId& peer, const std::string& producer,
                                          bool paused);
  void pause_for_all(const CallRoom& room, ProducerView& producer, bool paused);
  void on(const sfu::MediaLost& news);
  void on(const sfu::LayersChanged& news);
  void on(const sfu::SpeakersChanged& news);
  void on(const sfu::EncodingsWanted& news);
  void on(const sfu::QualityMeasured& news);

  Parts parts_;
};

}  // namespace server::call
