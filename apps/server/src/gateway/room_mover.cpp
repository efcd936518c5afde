#include "gateway/room_mover.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <map>
#include <set>
#include <utility>

#include "gateway/remote_place.hpp"
#include "http/session.hpp"
#include "telemetry/log.hpp"

namespace server::gateway {

namespace {

using namespace std::chrono_literals;

constexpr auto kPatience = 10s;      // with all rooms
constexpr auto kEventPatience = 2s;  // with what is under way in them
// Octets of what those on their way have missed in a room; who exceeds them starts anew.
constexpr std::size_t kMissedMax = 2 * 1024 * 1024;

std::map<SocketId, RemotePlace> places_of(const json::object& from) {
  std::map<SocketId, RemotePlace> places;
  for (const auto& [socket, place] : from) {
    places.emplace(socket, to_remote_place(place, http::steady_now()));
  }
  return places;
}

}  // namespace

RoomMover::RoomMover(net::io_context& io, Edge& edge, RemoteSockets& remote, cluster::Nodes& nodes,
                     cluster::RoomHomes& homes, MoveGate& gate, Residence residence)
    : io_(io),
      edge_(edge),
      remote_(remote),
      nodes_(nodes),
      homes_(homes),
      gate_(gate),
      residence_(std::move(residence)) {
  nodes_.answer("take", [this](cluster::NodeId from, json::object body) {
    return on_take(std::move(from), std::move(body));
  });
}

net::awaitable<void> RoomMover::hand_over(bool with_media) {
  is_leaving_ = true;
  remote_.stop_opening();
  Servers others = nodes_.known();
  const Instant deadline = http::steady_now() + kPatience;
  std::set<std::string> tried;
  for (bool is_done = false; !std::exchange(is_done, true);) {
    for (const std::string& room : residence_.rooms()) {
      if (others.empty() || http::steady_now() > deadline) co_return;
      if (!with_media && residence_.has_media(room)) continue;
      if (!tried.insert(room).second) continue;
      is_done = false;  // others may have begun meanwhile
      co_await move(room, others);
      co_await net::post(io_, net::use_awaitable);  // who waited at the gate comes first
    }
  }
}

net::awaitable<void> RoomMover::move(std::string room, Servers& others) {
  const auto closed = co_await gate_.close(kEventPatience);
  if (!closed || !residence_.has_room(room)) co_return;
  const SavedRoom saved = residence_.save_room(room);
  json::object places;
  std::size_t missed = 0;
  for (const SocketId& socket : saved.people) {
    RemotePlace place = remote_.locate(socket).value_or(RemotePlace{nodes_.self(), {}});
    if (place.missed) missed += place.missed->octets();
    if (place.missed && missed > kMissedMax) place.missed->end();
    places[socket] = to_json(place, http::steady_now());
  }
  for (Servers left = others; !left.empty();) {
    const cluster::NodeId to = successor(left, places);
    json::object body{{"state", saved.state}, {"places", places}};
    if (co_await offer(room, to, std::move(body), others)) {
      log::info("a room goes on at another server", {{"node", to}});
      co_return let_go(room, saved, to);
    }
    std::erase(left, to);
  }
}

net::awaitable<bool> RoomMover::offer(std::string room, cluster::NodeId to, json::object body,
                                      Servers& others) {
  const auto answer = co_await nodes_.ask(to, "take", std::move(body));
  if (answer && *answer == true) co_return true;
  if (!answer || has_moved(*answer)) std::erase(others, to);
  // Its answer may be lost, but not what it has done.
  co_return !answer && co_await homes_.find(std::move(room)) == to;
}

cluster::NodeId RoomMover::successor(const Servers& others, const json::object& places) {
  std::map<cluster::NodeId, std::size_t> people;
  for (const auto& [socket, place] : places) {
    ++people[cluster::NodeId(place.as_object().at("edge").as_string())];
  }
  Servers in_turn = others;
  std::ranges::rotate(in_turn,
                      in_turn.begin() + static_cast<std::ptrdiff_t>(turn_++ % others.size()));
  return *std::ranges::max_element(in_turn, {},
                                   [&](const cluster::NodeId& node) { return people[node]; });
}

void RoomMover::let_go(const std::string& room, const SavedRoom& saved, const cluster::NodeId& to) {
  residence_.forget_room(room);
  for (const SocketId& socket : saved.people) {
    if (!remote_.let_go(socket)) edge_.follow(socket, to, room);
  }
}

// What the others must know they are told before whoever hands the room over gets its answer: then
// it reaches them before that one goes, or sends them here.
net::awaitable<json::value> RoomMover::on_take(cluster::NodeId from, json::object body) {
  if (is_leaving_) co_return kMoved;  // it would have to move again
  auto places = places_of(body.at("places").as_object());
  auto room = co_await residence_.read_room(std::string(body.at("state").as_string()));
  if (!room) co_return false;
  const bool is_whole = std::ranges::all_of(
      room->people, [&](const SocketId& socket) { return places.contains(socket); });
  if (!is_whole || !co_await homes_.take_over(room->id, from)) co_return false;

  std::set<SocketId> absent;
  std::map<cluster::NodeId, json::array> told;
  for (const SocketId& socket : room->people) {
    RemotePlace& place = places.at(socket);
    const cluster::NodeId edge = place.edge;
    if (!place.missed && edge == nodes_.self()) {
      if (!edge_.come_home(socket, from)) absent.insert(socket);
    } else if (!place.missed && !nodes_.knows(edge)) {
      absent.insert(socket);
    } else {
      if (!place.missed && edge != from) told[edge].emplace_back(socket);
      remote_.take_in(socket, std::move(place));
    }
  }
  room->open(absent);
  for (auto& [edge, sockets] : told) {
    nodes_.send(edge, "rehome", {{"from", from}, {"sockets", std::move(sockets)}});
  }
  net::co_spawn(io_, residence_.refresh_room(room->id), [](std::exception_ptr failure) {
    if (failure) log::error("a room that came here cannot be read again");
  });
  co_return true;
}

}  // namespace server::gateway
