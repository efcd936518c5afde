#include "user/user_routes.hpp"

#include "db/timestamp.hpp"
#include "http/json.hpp"

namespace server::user {
namespace {

namespace net = boost::asio;
using http::Request;
using http::Response;

http::json::object private_profile(const User& user) {
  return {{"id", user.id},
          {"email", user.email},
          {"username", user.username},
          {"createdAt", db::to_iso8601(user.created_at)},
          {"updatedAt", db::to_iso8601(user.updated_at)}};
}

http::json::object public_profile(const User& user) {
  return {
      {"id", user.id}, {"username", user.username}, {"createdAt", db::to_iso8601(user.created_at)}};
}

net::awaitable<Response> get_me(UserService& users, const Request& request) {
  const auto user = co_await users.me(*request.principal);
  if (!user) co_return http::error_response(user.error());
  co_return http::json_response(200, private_profile(*user));
}

net::awaitable<Response> patch_me(UserService& users, auth::CookieRules cookies,
                                  const Request& request) {
  auto body = http::parse_body(request);
  if (!body) co_return http::error_response(body.error());
  http::FieldReader in(*body);
  ProfileChange change;
  change.username = in.optional_text("username");
  change.email = in.optional_text("email");
  change.password = in.optional_text("password");
  change.current_password = in.optional_text("currentPassword");
  if (const auto error = in.finish()) co_return http::error_response(*error);

  const auto changed =
      co_await users.change(*request.principal, std::move(change), auth::Client::of(request));
  if (!changed) co_return http::error_response(changed.error());
  Response response = http::json_response(200, private_profile(changed->user));
  if (changed->tokens) auth::set_login_cookies(response, *changed->tokens, cookies);
  co_return response;
}

net::awaitable<Response> delete_me(UserService& users, auth::CookieRules cookies,
                                   const Request& request) {
  auto body = http::parse_body(request);
  if (!body) co_return http::error_response(body.error());
  http::FieldReader in(*body);
  std::string current_password = in.text("currentPassword");
  if (const auto error = in.finish()) co_return http::error_response(*error);

  const auto removed = co_await users.remove(*request.principal, std::move(current_password));
  if (!removed) co_return http::error_response(removed.error());
  Response response = http::empty_response(204);
  auth::clear_login_cookies(response, cookies);
  co_return response;
}

net::awaitable<Response> get_user(UserService& users, const Request& request) {
  const auto user = co_await users.find(request.params.at("id"));
  if (!user) co_return http::error_response(user.error());
  co_return http::json_response(200, public_profile(*user));
}

}  // namespace

http::Routes user_routes(UserService& users, auth::CookieRules cookies) {
  using http::Access;
  using http::Method;
  return {
      {Method::Get, "/api/users/me", Access::User,
       [&users](const Request& request) { return get_me(users, request); }},
      {Method::Patch, "/api/users/me", Access::User,
       [&users, cookies](const Request& request) { return patch_me(users, cookies, request); }},
      {Method::Delete, "/api/users/me", Access::User,
       [&users, cookies](const Request& request) { return delete_me(users, cookies, request); }},
      {Method::Get, "/api/users/:id", Access::Public,
       [&users](const Request& request) { return get_user(users, request); }},
  };
}

}  // namespace server::user
