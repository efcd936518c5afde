#include "sio/engine_server.hpp"

#include <algorithm>
#include <utility>

namespace sio {

namespace {

constexpr std::size_t kSidLength = 20;  // 120 random bits

bool is_transport(const EngineQuery& query, std::string_view name) {
  return query.transport == name;
}

}  // namespace

EngineServer::EngineServer(EngineOptions options, Random& random)
    : options_(options), random_(random) {}

EngineSession* EngineServer::find(SessionId id) {
  const auto found = sessions_.find(id);
  if (found == sessions_.end() || found->second.session->has_ended()) return nullptr;
  return found->second.session.get();
}

EngineSession* EngineServer::find(const std::string& sid) {
  const auto found = by_sid_.find(sid);
  return found == by_sid_.end() ? nullptr : find(found->second);
}

EngineSession* EngineServer::owner_of(WebSocketId id) {
  const auto found = by_socket_.find(id);
  return found == by_socket_.end() ? nullptr : find(found->second);
}

EngineSession& EngineServer::create() {
  const SessionId id = ++last_id_;
  std::string sid = random_.url_safe(kSidLength);
  by_sid_.emplace(sid, id);
  Slot& slot = sessions_[id];
  slot.session = std::make_unique<EngineSession>(id, std::move(sid), options_, out_);
  return *slot.session;
}

std::optional<EngineError> EngineServer::refuse_http(EngineRequest::Method method,
                                                     const EngineQuery& query) {
  const bool is_polling = is_transport(query, "polling");
  if (!is_polling && !is_transport(query, "websocket")) return EngineError::UnknownTransport;
  if (query.sid) {
    if (!by_sid_.contains(*query.sid)) {
      ++out_.refusals.unknown_session;
      return EngineError::UnknownSession;
    }
    const bool is_known_method = method != EngineRequest::Method::Other;
    return is_polling && is_known_method ? std::nullopt : std::optional(EngineError::BadRequest);
  }
  if (method != EngineRequest::Method::Get) return EngineError::BadHandshakeMethod;
  if (!is_polling) return EngineError::BadRequest;
  if (query.version != "4") return EngineError::UnsupportedVersion;
  return std::nullopt;
}

std::optional<SessionId> EngineServer::http(Instant now, RequestId id,
                                            const EngineRequest& request) {
  if (const auto error = refuse_http(request.method, request.query)) {
    out_.transport.emplace_back(Answered{id, error_answer(*error)});
    return std::nullopt;
  }
  if (!request.query.sid) {
    EngineSession& session = create();
    session.open_by_polling(now, id);
    touch(session.id());
    return session.id();
  }
  EngineSession* session = find(*request.query.sid);
  if (session == nullptr) {
    out_.transport.emplace_back(Answered{id, error_answer(EngineError::UnknownSession)});
    return std::nullopt;
  }
  if (request.method == EngineRequest::Method::Get) {
    polls_.emplace(id, session->id());
    session->get(now, id);
  } else {
    session->post(now, id, request.content_type, request.body);
  }
  touch(session->id());
  return std::nullopt;
}

void EngineServer::http_aborted(RequestId id) {
  const auto found = polls_.find(id);
  if (found == polls_.end()) return;
  const SessionId session_id = found->second;
  polls_.erase(found);
  if (EngineSession* session = find(session_id)) session->request_aborted(id);
  touch(session_id);
}

std::optional<EngineError> EngineServer::refuse_post(const EngineQuery& query) {
  return refuse_http(EngineRequest::Method::Post, query);
}

void EngineServer::post_begun(RequestId id, const EngineQuery& query) {
  EngineSession* session = query.sid ? find(*query.sid) : nullptr;
  if (session == nullptr) return;
  session->post_begun(id);
  touch(session->id());
}

void EngineServer::post_aborted(RequestId id, const EngineQuery& query) {
  EngineSession* session = query.sid ? find(*query.sid) : nullptr;
  if (session == nullptr) return;
  session->post_aborted(id);
  touch(session->id());
}

std::optional<EngineError> EngineServer::refuse_web_socket(const EngineQuery& query) const {
  if (is_transport(query, "polling")) return EngineError::BadRequest;
  if (!is_transport(query, "websocket")) return EngineError::UnknownTransport;
  if (query.sid) {
    if (!by_sid_.contains(*query.sid)) return EngineError::UnknownSession;
    return std::nullopt;
  }
  if (query.version != "4") return EngineError::UnsupportedVersion;
  return std::nullopt;
}

std::optional<SessionId> EngineServer::web_socket_opened(Instant now, WebSocketId id,
                                                         const EngineQuery& query) {
  const bool is_refused = refuse_web_socket(query).has_value();
  if (!is_refused && !query.sid) {
    EngineSession& session = create();
    by_socket_.emplace(id, session.id());
    session.open_by_web_socket(now, id);
    touch(session.id());
    return session.id();
  }
  EngineSession* session = is_refused ? nullptr : find(*query.sid);
  if (session == nullptr || !session->attach(now, id)) {
    out_.transport.emplace_back(Dismissed{id});
    return std::nullopt;
  }
  by_socket_.emplace(id, session->id());
  touch(session->id());
  return std::nullopt;
}

void EngineServer::web_socket_message(Instant now, WebSocketId id, std::string data, bool binary) {
  EngineSession* session = owner_of(id);
  if (session == nullptr) return;
  session->web_socket_message(now, id, std::move(data), binary);
  touch(session->id());
}

void EngineServer::web_socket_ponged(WebSocketId id) {
  if (EngineSession* session = owner_of(id)) session->web_socket_ponged(id);
}

void EngineServer::web_socket_closed(WebSocketId id, std::string_view why) {
  EngineSession* session = owner_of(id);
  by_socket_.erase(id);
  if (session == nullptr) return;
  session->web_socket_closed(id, why);
  touch(session->id());
}

void EngineServer::take(WebSocketId id, std::vector<FrameRef>& frames) {
  frames.clear();
  EngineSession* session = owner_of(id);
  if (session == nullptr) return;
  session->take(id, frames);
  if (session->has_ended()) touch(session->id());
}

void EngineServer::charge(SessionId id, OctetBudgetRef budget) {
  if (EngineSession* session = find(id)) session->charge(std::move(budget));
}

std::size_t EngineServer::unread_octets(SessionId id) const {
  const auto found = sessions_.find(id);
  return found == sessions_.end() ? 0 : found->second.session->unread_octets();
}

void EngineServer::send(SessionId id, FrameRef frame) {
  const auto found = sessions_.find(id);
  if (found == sessions_.end()) return;
  found->second.session->send(std::move(frame));
  touch(id, found->second);
}

bool EngineServer::is_writable(SessionId id) const {
  const auto found = sessions_.find(id);
  return found != sessions_.end() && found->second.session->is_writable();
}

void EngineServer::challenge(SessionId id) {
  EngineSession* session = find(id);
  if (session == nullptr) return;
  session->challenge();
  touch(id);
}

void EngineServer::close(Instant now, SessionId id) {
  EngineSession* session = find(id);
  if (session == nullptr) return;
  session->close(now);
  touch(id);
}

void EngineServer::abort(SessionId id, std::string_view why) {
  EngineSession* session = find(id);
  if (session == nullptr) return;
  session->end(why);
  touch(id);
}

void EngineServer::touch(SessionId id) {
  const auto found = sessions_.find(id);
  if (found != sessions_.end()) touch(id, found->second);
}

void EngineServer::touch(SessionId id, Slot& slot) {
  if (!std::exchange(slot.touched, true)) touched_.push_back(id);
}

void EngineServer::settle() {
  for (std::size_t i = 0; i < touched_.size(); ++i) {
    const SessionId id = touched_[i];
    Slot& slot = sessions_.at(id);
    slot.touched = false;
    slot.session->flush();
    if (slot.session->has_ended()) {
      by_sid_.erase(slot.session->sid());
      sessions_.erase(id);
    } else {
      schedule(id, slot);
    }
  }
  touched_.clear();
}

void EngineServer::schedule(SessionId id, Slot& slot) {
  const Instant deadline = slot.session->deadline();
  if (deadline >= slot.scheduled) return;  // looked at early, and scheduled anew then
  slot.scheduled = deadline;
  timeouts_.push({deadline, id});
}

void EngineServer::handle_timeout(Instant now) {
  while (!timeouts_.empty() && timeouts_.top().at <= now) {
    const Timeout timeout = timeouts_.top();
    timeouts_.pop();
    const auto found = sessions_.find(timeout.session);
    if (found == sessions_.end() || found->second.scheduled != timeout.at) continue;
    found->second.scheduled = Instant::never();
    found->second.session->handle_timeout(now);
    touch(timeout.session);
  }
}

Instant EngineServer::next_timeout() const {
  return timeouts_.empty() ? Instant::never() : timeouts_.top().at;
}

std::optional<SessionId> EngineServer::session_of(WebSocketId id) const {
  const auto found = by_socket_.find(id);
  return found == by_socket_.end() ? std::nullopt : std::optional(found->second);
}

std::optional<SessionId> EngineServer::session_of(const std::string& sid) const {
  const auto found = by_sid_.find(sid);
  return found == by_sid_.end() ? std::nullopt : std::optional(found->second);
}

std::vector<SessionId> EngineServer::session_ids() const {
  std::vector<SessionId> ids;
  for (const auto& [id, slot] : sessions_) ids.push_back(id);
  return ids;
}

std::size_t EngineServer::web_socket_session_count() const {
  const auto has_web_socket = [](const auto& entry) {
    return entry.second.session->web_socket().has_value();
  };
  return static_cast<std::size_t>(std::ranges::count_if(sessions_, has_web_socket));
}

std::optional<TransportOutput> EngineServer::poll_output() {
  if (out_.transport.empty()) settle();
  if (out_.transport.empty()) return std::nullopt;
  TransportOutput first = std::move(out_.transport.front());
  out_.transport.pop_front();
  if (const auto* answered = std::get_if<Answered>(&first)) polls_.erase(answered->request);
  return first;
}

std::optional<SessionEvent> EngineServer::poll_event() {
  if (out_.events.empty()) return std::nullopt;
  SessionEvent first = std::move(out_.events.front());
  out_.events.pop_front();
  return first;
}

}  // namespace sio
