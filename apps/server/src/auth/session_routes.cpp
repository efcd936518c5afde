#include "auth/session_routes.hpp"

#include "db/timestamp.hpp"
#include "http/json.hpp"

namespace server::auth {
namespace {

namespace net = boost::asio;
using http::Request;
using http::Response;

http::json::object to_json(const SessionInfo& session) {
  return {{"id", session.id},
          {"createdAt", db::to_iso8601(session.created_at)},
          {"lastUsedAt", db::to_iso8601(session.last_used_at)},
          {"address", session.address},
          {"userAgent", session.user_agent},
          {"current", session.is_current}};
}

net::awaitable<Response> get_sessions(AuthService& auth, const Request& request) {
  const auto sessions = co_await auth.sessions(*request.principal);
  if (!sessions) co_return http::error_response(sessions.error());
  http::json::array list;
  for (const SessionInfo& session : *sessions) list.push_back(to_json(session));
  co_return http::json_response(200, http::json::object{{"sessions", std::move(list)}});
}

net::awaitable<Response> delete_session(AuthService& auth, CookieRules cookies,
                                        const Request& request) {
  const auto was_current = co_await auth.end_session(*request.principal, request.params.at("id"));
  if (!was_current) co_return http::error_response(was_current.error());
  Response response = http::empty_response(204);
  if (*was_current) clear_login_cookies(response, cookies);
  co_return response;
}

net::awaitable<Response> delete_other_sessions(AuthService& auth, const Request& request) {
  const auto ended = co_await auth.end_other_sessions(*request.principal);
  co_return ended ? http::empty_response(204) : http::error_response(ended.error());
}

}  // namespace

http::Routes session_routes(AuthService& auth, CookieRules cookies) {
  using http::Access;
  using http::Method;
  return {
      {Method::Get, "/api/users/me/sessions", Access::User,
       [&auth](const Request& request) { return get_sessions(auth, request); }},
      {Method::Delete, "/api/users/me/sessions", Access::User,
       [&auth](const Request& request) { return delete_other_sessions(auth, request); }},
      {Method::Delete, "/api/users/me/sessions/:id", Access::User,
       [&auth, cookies](const Request& request) { return delete_session(auth, cookies, request); }},
  };
}

}  // namespace server::auth
