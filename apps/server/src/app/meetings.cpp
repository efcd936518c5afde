#include "app/meetings.hpp"

#include "call/residence_events.hpp"
#include "http/json.hpp"
#include "http/session.hpp"
#include "telemetry/log.hpp"

namespace server::app {

namespace {

using namespace std::chrono_literals;

std::chrono::seconds unix_now() {
  return std::chrono::duration_cast<std::chrono::seconds>(
      std::chrono::system_clock::now().time_since_epoch());
}

void report(std::exception_ptr failure) {
  if (!failure) return;
  try {
    std::rethrow_exception(failure);
  } catch (const std::exception& error) {
    log::error("call work failed", {{"error", error.what()}});
  }
}

// One overload a kind of news; what does not concern the call is passed over here.
struct Listener {
  net::io_context& io;
  Meetings& meetings;
  call::CallService& call;

  void operator()(const cluster::LoginEnded& news) const { call.on(news); }
  void operator()(const cluster::UserRenamed& news) const { call.on(news); }
  void operator()(const cluster::RoomDeleted& news) const { call.on(news); }
  void operator()(const cluster::RoomChanged& news) const {
    net::co_spawn(io, meetings.refresh(news.room_id), report);
  }
};

call::CallService::Misses misses_of(http::RateLimiter& limiter) {
  return {.may_ask =
              [&limiter](const IpAddress& client) {
                return limiter.look(http::kMissPerAddress, client);
              },
          .count =
              [&limiter](const IpAddress& client) {
                (void)limiter.take_own(http::kMissPerAddress, client);
              }};
}

gateway::GatewayOptions gateway_options(const MeetingOptions& options, Accounts& accounts,
                                        const http::Origins& origins, const bool& draining,
                                        bool has_others) {
  gateway::GatewayOptions made;
  if (has_others) made.sio.search_time = 1s;
  made.rate_limit = options.rate_limit;
  made.budget_of = [&addresses = options.addresses](const IpAddress& client) {
    return addresses.budget_of(client);
  };
  made.login_of = [&auth = accounts.auth](const http::Request& request) {
    return auth.login_of(request);
  };
  made.door.allows_origin = [&origins](std::string_view origin) { return origins.allows(origin); };
  made.door.refuse =
      [&limiter = accounts.limiter,
       &draining](const http::Request& request) -> net::awaitable<std::optional<http::Response>> {
    if (draining) {
      co_return http::error_response({503, "UNAVAILABLE", "this server is about to stop", {}, {}});
    }
    auto taken = co_await limiter.take(http::kSocketPerAddress, request.client);
    if (taken) co_return std::nullopt;
    co_return http::error_response(taken.error());
  };
  return made;
}

}  // namespace

Meetings::Meetings(net::io_context& io, const MeetingOptions& options, Accounts& accounts,
                   sfu::SfuService& sfu_service, const http::Origins& origins, cluster::Bus& bus,
                   Clustering* several, Random& random)
    : auth(accounts.auth),
      rooms(accounts.rooms),
      ice(options.ice, unix_now),
      audience(ice),
      calls(audience, options.calls),
      call({audience, calls, accounts.rooms, accounts.users, accounts.chat, sfu_service,
            misses_of(accounts.limiter), http::steady_now}),
      peers({audience, calls, accounts.chat}),
      media({audience, calls, sfu_service}),
      host({audience, calls, call, accounts.rooms, media}),
      events({accounts.auth, calls, call, peers, host, media, ice, audience, random,
              http::steady_now}),
      gateway(io, random,
              gateway_options(options, accounts, origins, draining, several != nullptr)),
      clustering(several),
      gate(io),
      sfu(sfu_service),
      timer(io),
      store_timer(io),
      homes_timer(io) {
  open_door(io, random);
  rooms.on_change([this](const room::Room& room) { call.learn(room); });
  bus.subscribe([listener = Listener{io, *this, call}](const cluster::Event& event) {
    std::visit(listener, event);
  });
}

void Meetings::open_door(net::io_context& io, Random& random) {
  if (clustering == nullptr) {
    audience.attach(gateway);
    return gateway.set_handlers(events.handlers(gateway));
  }
  remote.emplace(gateway, clustering->nodes, gate);
  edge.emplace(io, gateway, *remote, clustering->nodes, clustering->homes, clustering->sessions,
               gate);
  foreign.emplace(
      io, gateway, clustering->redis, clustering->nodes,
      [this](const gateway::SocketId& socket) { return call::public_data(calls, socket); }, random);
  audience.attach(*remote);
  const gateway::Handlers handlers = events.handlers(*remote);
  const gateway::Residence residence =
      call::make_residence(calls, call, rooms, audience, http::steady_now);
  remote->set_handlers(handlers, residence);
  gateway.set_handlers(edge->handlers(handlers, residence));
  mover.emplace(io, *edge, *remote, clustering->nodes, clustering->homes, gate, residence);
  clustering->nodes.watch({.on_connected = [this] { homes_timer.cancel(); }});
}

net::awaitable<void> Meetings::refresh(std::string room_id) {
  const auto pass = co_await gate.pass();
  co_await call.refresh(std::move(room_id));
}

std::size_t Meetings::people_served() const {
  return calls.member_count() + (edge ? edge->count() : 0);
}

std::size_t Meetings::peer_count(std::string_view room_id) const {
  const std::size_t elsewhere = clustering == nullptr ? 0 : clustering->heads.elsewhere(room_id);
  return calls.peer_count(room_id) + elsewhere;
}

net::awaitable<void> Meetings::keep_homes() {
  for (;;) {
    homes_timer.expires_after(15s);
    co_await homes_timer.async_wait(net::as_tuple(net::use_awaitable));
    for (const std::string& room_id : calls.room_ids()) {
      const auto other = co_await clustering->homes.claim(room_id);
      const auto room = calls.find_room(room_id);
      if (!other || room == nullptr || gate.is_closed())
        continue;  // closed: it is on its way there
      log::info("a room goes on at another server", {{"node", *other}});
      call.move_out(*room);
    }
  }
}

net::awaitable<void> Meetings::keep_time() {
  for (;;) {
    timer.expires_after(250ms);
    const auto [error] = co_await timer.async_wait(net::as_tuple(net::use_awaitable));
    if (error) co_return;
    sfu.tick(http::steady_now());
    if (gate.is_closed()) continue;  // a room is on its way
    call.tick();
    if (clustering == nullptr) continue;
    clustering->heads.set(calls.head_counts());
    remote->tick(http::steady_now());
  }
}

net::awaitable<void> Meetings::watch_store() {
  for (;;) {
    store_timer.expires_after(250ms);
    const auto [error] = co_await store_timer.async_wait(net::as_tuple(net::use_awaitable));
    if (error) co_return;
    auto logins = calls.logins();
    if (!logins.empty()) co_await auth.notice_ended(std::move(logins));
    auto room_ids = calls.room_ids();
    if (!room_ids.empty()) co_await rooms.notice_deleted(std::move(room_ids));
  }
}

}  // namespace server::app
