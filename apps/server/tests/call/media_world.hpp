// People in two rooms, and the media service with workers of its own behind it.
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/json.hpp>

#include "call/media_service.hpp"
#include "recording_audience.hpp"
#include "sfu/ask_worker.hpp"

namespace server::call {

namespace json = boost::json;

inline json::value parameters(std::string_view codec, std::uint32_t ssrc) {
  return json::parse(fmt::format(
      R"({{"mid":"0","codecs":[{{{},"parameters":{{}},"rtcpFeedback":[]}}],"headerExtensions":[],
          "encodings":[{{"ssrc":{}}}],"rtcp":{{"cname":"c"}}}})",
      codec, ssrc));
}
inline json::value opus(std::uint32_t ssrc) {
  return parameters(R"("mimeType":"audio/opus","payloadType":111,"clockRate":48000,"channels":2)",
                    ssrc);
}
inline json::value vp8(std::uint32_t ssrc) {
  return parameters(R"("mimeType":"video/VP8","payloadType":96,"clockRate":90000)", ssrc);
}

inline std::string code(const http::Result<Reply>& reply) {
  return reply ? "ok" : std::string(reply.error().code);
}

class MediaWorld : public testing::Test {
 protected:
  explicit MediaWorld(std::size_t workers = 1, std::size_t worker_peers = 50)
      : sfu_(io_.get_executor(),
             {.workers = workers,
              .listen_ip = IpAddress::parse("127.0.0.1"),
              .port = 0,
              .announced = {},
              .tcp_announced_port = 0,
              .worker_peers = worker_peers},
             random_) {
    come("ada", "r",
         Identity{.user_id = "u", .guest_id = {}, .name = "Ada", .sid = "s", .address = "::1"});
    come("bo", "r", guest("Bo"));
    come("eve", "q", guest("Eve"));
    audience_.clear();
  }

  static Identity guest(std::string name) {
    return {.user_id = {}, .guest_id = "g", .name = name, .sid = {}, .address = "::1"};
  }
  void come(const PeerId& peer, std::string room_id, Identity who) {
    room::Room info;
    info.id = std::move(room_id);
    calls_.connect(peer, std::move(who));
    calls_.enter(*calls_.open(info), peer);
  }

  template <class T>
  std::shared_ptr<std::optional<T>> start(net::awaitable<T> work) {
    auto result = std::make_shared<std::optional<T>>();
    net::co_spawn(io_, std::move(work), [result](std::exception_ptr failure, T value) {
      EXPECT_FALSE(failure);
      *result = std::move(value);
    });
    return result;
  }
  template <class T>
  T finish(const std::shared_ptr<std::optional<T>>& result) {
    while (!*result) io_.run_one();
    return std::move(**result);
  }
  template <class T>
  T run(net::awaitable<T> work) {
    return finish(start(std::move(work)));
  }

  MediaJoined join(const PeerId& peer, std::string room_id = "r") {
    auto reply = run(media_.join(peer, {std::move(room_id), sfu_.router_rtp_capabilities()}));
    EXPECT_EQ(code(reply), "ok");
    return std::get<MediaJoined>(*reply);
  }
  static std::string id_of(const json::object& transport) {
    return std::string(transport.at("id").as_string());
  }
  http::Result<Reply> produce(const PeerId& peer, const MediaJoined& joined, json::value parameters,
                              std::string kind, std::string source) {
    return run(media_.produce(peer, {.transport = id_of(joined.transports.send),
                                     .kind = std::move(kind),
                                     .rtp_parameters = std::move(parameters),
                                     .paused = false,
                                     .source = std::move(source)}));
  }
  std::string mic_of(const PeerId& peer, const MediaJoined& joined) {
    auto reply = produce(peer, joined, opus(7), "audio", "mic");
    EXPECT_EQ(code(reply), "ok");
    return std::get<Produced>(*reply).id;
  }
  http::Result<Reply> consume(const PeerId& peer, const std::string& producer) {
    return run(media_.consume(peer, {producer, sfu_.router_rtp_capabilities()}));
  }
  // Transports, producers and consumers of the engine.
  std::size_t objects_on(std::size_t worker) {
    auto count = [](Instant, rtc::MediaEngine& engine, rtc::Outbox&) {
      return engine.transport_count() + engine.producer_count() + engine.consumer_count();
    };
    return run(sfu::ask_worker(*sfu_.workers()[worker], count)).value();
  }

  net::io_context io_;
  net::executor_work_guard<net::io_context::executor_type> more_to_come_{io_.get_executor()};
  SeededRandom random_{1};
  RecordingAudience audience_;
  Calls calls_{audience_, {}};
  sfu::SfuService sfu_;
  MediaService media_{{audience_, calls_, sfu_}};
};

}  // namespace server::call
