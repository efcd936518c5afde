#include "auth/auth_routes.hpp"

#include <fmt/format.h>

#include "http/json.hpp"

namespace server::auth {
namespace {

namespace net = boost::asio;
using http::Request;
using http::Response;

constexpr std::string_view kAccessPath = "/";
constexpr std::string_view kRefreshPath = "/api/auth";

std::string cookie(std::string_view name, std::string_view value, std::chrono::seconds life,
                   std::string_view path, CookieRules rules) {
  return fmt::format("{}={}; Max-Age={}; Path={}; HttpOnly; SameSite=Strict{}", name, value,
                     life.count(), path, rules.secure ? "; Secure" : "");
}

std::optional<std::string> owned(std::optional<std::string_view> text) {
  if (!text) return std::nullopt;
  return std::string(*text);
}

http::json::object to_json(const user::User& user) {
  return {{"id", user.id}, {"email", user.email}, {"username", user.username}};
}

Response logged_in(unsigned status, const LoggedIn& login, CookieRules rules) {
  Response response =
      http::json_response(status, http::json::object{{"user", to_json(login.user)}});
  set_login_cookies(response, login.tokens, rules);
  return response;
}

// What the routes of this folder work with; lives as long as they do.
struct Parts {
  AuthService& auth;
  http::RateLimiter& limiter;
  CookieRules cookies;
};

net::awaitable<Response> post_register(Parts parts, const Request& request) {
  if (auto free = co_await parts.limiter.take(http::kRegisterPerAddress, request.client); !free) {
    co_return http::error_response(free.error());
  }
  auto body = http::parse_body(request);
  if (!body) co_return http::error_response(body.error());
  http::FieldReader in(*body);
  std::string email = in.text("email");
  std::string username = in.text("username");
  std::string password = in.text("password");
  if (const auto error = in.finish()) co_return http::error_response(*error);

  const auto login = co_await parts.auth.register_user(std::move(email), std::move(username),
                                                       std::move(password), Client::of(request));
  if (!login) co_return http::error_response(login.error());
  co_return logged_in(201, *login, parts.cookies);
}

// Strangers who try an account share its rate; who has logged in to it before has a rate of their
// own, so that no stranger uses it up.
net::awaitable<http::Result<void>> take_for_account(Parts parts, std::string email, Client client) {
  const auto shared =
      co_await parts.limiter.take(http::kLoginPerAccount, parts.auth.rate_key(email));
  if (shared) co_return shared;
  auto own = co_await parts.auth.known_rate_key(std::move(email), std::move(client));
  if (!own) co_return std::unexpected(std::move(own.error()));
  if (!*own) co_return shared;
  co_return co_await parts.limiter.take(http::kLoginPerAccount, std::move(**own));
}

net::awaitable<Response> post_login(Parts parts, const Request& request) {
  if (auto free = co_await parts.limiter.take(http::kLoginPerAddress, request.client); !free) {
    co_return http::error_response(free.error());
  }
  auto body = http::parse_body(request);
  if (!body) co_return http::error_response(body.error());
  http::FieldReader in(*body);
  std::string email = in.text("email");
  std::string password = in.text("password");
  if (const auto error = in.finish()) co_return http::error_response(*error);
  const Client client = Client::of(request);
  if (auto free = co_await take_for_account(parts, email, client); !free) {
    co_return http::error_response(free.error());
  }

  const auto login = co_await parts.auth.login(std::move(email), std::move(password), client);
  if (!login) co_return http::error_response(login.error());
  co_return logged_in(200, *login, parts.cookies);
}

net::awaitable<Response> post_refresh(Parts parts, const Request& request) {
  if (auto free = co_await parts.limiter.take(http::kRefreshPerAddress, request.client); !free) {
    co_return http::error_response(free.error());
  }
  std::string token(request.cookie("refresh_token").value_or(""));
  const auto login = co_await parts.auth.refresh(std::move(token), Client::of(request));
  if (!login) {
    Response response = http::error_response(login.error());
    if (login.error().status == 401) clear_login_cookies(response, parts.cookies);
    co_return response;
  }
  co_return logged_in(200, *login, parts.cookies);
}

net::awaitable<Response> post_logout(Parts parts, const Request& request) {
  const auto done = co_await parts.auth.logout(owned(request.cookie("access_token")),
                                               owned(request.cookie("refresh_token")));
  Response response = done ? http::empty_response(204) : http::error_response(done.error());
  if (done || done.error().status == 401) clear_login_cookies(response, parts.cookies);
  co_return response;
}

}  // namespace

void set_login_cookies(Response& response, const TokenPair& tokens, CookieRules rules) {
  response.set("Set-Cookie",
               cookie("access_token", tokens.access, kAccessLife, kAccessPath, rules));
  response.set("Set-Cookie",
               cookie("refresh_token", tokens.refresh, kRefreshLife, kRefreshPath, rules));
}

void clear_login_cookies(Response& response, CookieRules rules) {
  constexpr std::chrono::seconds kGone{0};
  response.set("Set-Cookie", cookie("access_token", "", kGone, kAccessPath, rules));
  response.set("Set-Cookie", cookie("refresh_token", "", kGone, kRefreshPath, rules));
}

http::Routes auth_routes(AuthService& auth, http::RateLimiter& limiter, CookieRules cookies) {
  const Parts parts{auth, limiter, cookies};
  using http::Access;
  using http::Method;
  return {
      {Method::Post, "/api/auth/register", Access::Public,
       [parts](const Request& request) { return post_register(parts, request); }},
      {Method::Post, "/api/auth/login", Access::Public,
       [parts](const Request& request) { return post_login(parts, request); }},
      {Method::Post, "/api/auth/refresh", Access::Public,
       [parts](const Request& request) { return post_refresh(parts, request); }},
      {Method::Post, "/api/auth/logout", Access::Public,
       [parts](const Request& request) { return post_logout(parts, request); }},
  };
}

}  // namespace server::auth
