#include "sio/redis_adapter.hpp"

#include <utility>

namespace sio {

namespace {

using namespace adapter;

// The server's view of whom a message is for; what it is made of outlives it.
class TargetOf {
 public:
  TargetOf(std::string_view nsp, const Whom& whom)
      : rooms_(whom.rooms.begin(), whom.rooms.end()), target_{nsp, rooms_, whom.except} {}
  TargetOf(const TargetOf&) = delete;
  TargetOf& operator=(const TargetOf&) = delete;

  operator const Target&() const { return target_; }

 private:
  std::vector<std::string_view> rooms_;
  Target target_;
};

}  // namespace

RedisAdapter::RedisAdapter(Server& server, std::string nsp, std::string uid, Describe describe)
    : server_(server),
      nsp_(std::move(nsp)),
      uid_(std::move(uid)),
      describe_(std::move(describe)),
      broadcasts_("socket.io#" + nsp_ + "#"),
      pattern_(broadcasts_ + "*"),
      requests_("socket.io-request#" + nsp_ + "#"),
      responses_("socket.io-response#" + nsp_ + "#") {}

std::vector<std::string> RedisAdapter::channels() const {
  return {requests_, responses_, responses_ + uid_ + "#"};
}

// What comes by the channels of responses answers nobody here.
std::expected<void, AdapterError> RedisAdapter::receive(Instant now, std::string_view channel,
                                                        std::string_view message) {
  if (channel == requests_) return on_request(now, message);
  if (!channel.starts_with(broadcasts_)) return {};
  channel.remove_prefix(broadcasts_.size());
  if (channel.ends_with('#')) channel.remove_suffix(1);
  return on_broadcast(now, channel, message);
}

// `room`: the only one that it is for, if it has just one.
RedisAdapter::Done RedisAdapter::on_broadcast(Instant now, std::string_view room,
                                              std::string_view message) {
  if (!room.empty() && !server_.has_room(nsp_, room)) return {};
  const auto said = decode_broadcast(message);
  if (!said) return std::unexpected(said.error());
  if (said->uid == uid_ || said->nsp != nsp_ || said->is_local) return {};
  const TargetOf target(nsp_, said->whom);
  if (said->is_volatile) {
    server_.broadcast_volatile(target, said->event, said->payload);
  } else {
    server_.broadcast(now, target, said->event, said->payload);
  }
  return {};
}

RedisAdapter::Done RedisAdapter::on_request(Instant now, std::string_view message) {
  const auto asked = decode_request(message);
  if (!asked) return std::unexpected(asked.error());
  if (asked->uid == uid_) return {};
  return std::visit([&](const auto& what) { return carry_out(now, asked->id, what); }, asked->what);
}

std::vector<SocketId> RedisAdapter::select(const Whom& whom) {
  return server_.select(TargetOf(nsp_, whom));
}

std::vector<SocketId> RedisAdapter::connected(const Whom& whom) {
  std::vector<SocketId> sockets = select(whom);
  std::erase_if(sockets, [&](const SocketId& socket) { return !server_.is_connected(socket); });
  return sockets;
}

RedisAdapter::Done RedisAdapter::carry_out(Instant, const std::string& id,
                                           const ListSockets& asked) {
  if (!id.empty()) answer(id, encode_sockets(id, connected({asked.rooms, {}})));
  return {};
}

RedisAdapter::Done RedisAdapter::carry_out(Instant, const std::string& id, const ListRooms&) {
  if (!id.empty()) answer(id, encode_rooms(id, server_.rooms(nsp_)));
  return {};
}

RedisAdapter::Done RedisAdapter::carry_out(Instant, const std::string& id, const Join& asked) {
  const auto sockets = select(asked.whom);
  for (const SocketId& socket : sockets) {
    for (const std::string& room : asked.rooms) server_.join(socket, room);
  }
  answer_done(id, sockets);
  return {};
}

RedisAdapter::Done RedisAdapter::carry_out(Instant, const std::string& id, const Leave& asked) {
  const auto sockets = select(asked.whom);
  for (const SocketId& socket : sockets) {
    for (const std::string& room : asked.rooms) server_.leave(socket, room);
  }
  answer_done(id, sockets);
  return {};
}

RedisAdapter::Done RedisAdapter::carry_out(Instant now, const std::string& id,
                                           const Disconnect& asked) {
  const auto sockets = select(asked.whom);
  for (const SocketId& socket : sockets) server_.disconnect(now, socket, asked.closes_connection);
  answer_done(id, sockets);
  return {};
}

RedisAdapter::Done RedisAdapter::carry_out(Instant, const std::string& id, const Fetch& asked) {
  if (id.empty()) return {};
  std::vector<SocketDetails> details;
  for (const SocketId& socket : connected(asked.whom)) {
    details.push_back({socket, server_.rooms_of(socket), describe_(socket)});
  }
  answer(id, encode_details(id, details));
  return {};
}

// There is nobody here to hear it, but who counts the answers waits for ours.
RedisAdapter::Done RedisAdapter::carry_out(Instant, const std::string& id, const ServerSideEmit&) {
  if (!id.empty()) answer(id, encode_server_side_ack(id));
  return {};
}

RedisAdapter::Done RedisAdapter::carry_out(Instant now, const std::string& id,
                                           const BroadcastWithAck& asked) {
  const Broadcast& said = asked.broadcast;
  if (said.nsp != nsp_) return {};
  if (rounds_.size() >= kRoundsMax) return std::unexpected(AdapterError::Busy);
  const auto round = server_.broadcast_with_ack(now, TargetOf(nsp_, said.whom), said.event,
                                                said.payload, asked.timeout);
  answer(id, encode_client_count(id, round.receivers));
  if (round.receivers > 0) rounds_[round.id] = {id, round.receivers};
  return {};
}

void RedisAdapter::on(const AckReceived& ack) {
  const auto round = rounds_.find(ack.id);
  if (round == rounds_.end()) return;
  answer(round->second.request, encode_client_ack(round->second.request, ack.payload));
  take_from_round(ack.id);
}

void RedisAdapter::on(const AckMissed& ack) { take_from_round(ack.id); }

void RedisAdapter::take_from_round(AckId id) {
  const auto round = rounds_.find(id);
  if (round != rounds_.end() && --round->second.missing == 0) rounds_.erase(round);
}

void RedisAdapter::answer(const std::string& id, std::string message) {
  if (!id.empty()) publications_.push_back({responses_, std::move(message)});
}

// An old request is about one socket: only the server that has it answers.
void RedisAdapter::answer_done(const std::string& id, const std::vector<SocketId>& sockets) {
  if (!sockets.empty()) answer(id, encode_done(id));
}

std::optional<Publication> RedisAdapter::poll_publication() {
  if (publications_.empty()) return std::nullopt;
  Publication first = std::move(publications_.front());
  publications_.pop_front();
  return first;
}

}  // namespace sio
