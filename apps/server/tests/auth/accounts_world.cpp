#include "accounts_world.hpp"

#include <algorithm>

#include "auth/session_routes.hpp"

namespace server::testing {
namespace {

namespace json = boost::json;

db::DatabaseOptions database_options(const db::DatabaseUrl& url, const WorldOptions& options) {
  db::Connection connection(url);
  db::migrate(connection);
  db::DatabaseOptions made;
  made.url = url;
  made.connections = options.connections;
  made.deadline = options.database_deadline;
  return made;
}

http::Routes operator+(http::Routes left, http::Routes right) {
  std::ranges::move(right, std::back_inserter(left));
  return left;
}

}  // namespace

void Browser::take(const http::Response& response) {
  for (const auto& [name, value] : response.headers) {
    if (name != "Set-Cookie") continue;
    const std::size_t equals = value.find('=');
    const std::string cookie = value.substr(0, equals);
    if (value.find("Max-Age=0;") != std::string::npos) {
      cookies.erase(cookie);
    } else {
      cookies[cookie] = value.substr(equals + 1, value.find(';') - equals - 1);
    }
  }
}

std::string Answer::code() const {
  return body.is_object() && body.get_object().contains("code") ? text("/code") : "";
}

std::string Answer::text(std::string_view pointer) const {
  boost::system::error_code error;
  const json::value* const found = body.find_pointer(pointer, error);
  return found != nullptr && found->is_string() ? std::string(found->get_string()) : "";
}

std::string Answer::header(std::string_view name) const {
  const auto found = std::ranges::find(response.headers, name, &http::Header::first);
  return found == response.headers.end() ? "" : found->second;
}

AccountsWorld::AccountsWorld(const db::DatabaseUrl& url, WorldOptions options)
    : database(database_options(url, options)),
      limiter(
          options.rate_limit, [this] { return instant; }, options.shared_rates),
      tokens(options.secrets),
      logins(
          auth_store, bus, [this] { return instant; }, [this] { return now; }),
      passwords({options.bcrypt_rounds, options.password_threads, options.password_waiting_max},
                random),
      auth({auth_store, logins, passwords, tokens, bus, random}, {}, [this] { return now; }),
      users({user_store, auth, logins, bus}),
      rooms(
          room_store, bus, [this] { return now; }, random),
      chat(
          message_store, [this] { return now; }, random),
      router({auth::auth_routes(auth, limiter, {options.secure_cookies}) +
                  auth::session_routes(auth, {options.secure_cookies}) +
                  user::user_routes(users, {options.secure_cookies}) +
                  room::room_routes(rooms, limiter, [](std::string_view) { return 7; }) +
                  chat::chat_routes(chat, rooms),
              [this](const http::Request& request) { return auth.authenticate(request); },
              [](const http::Request&) { return http::Response{}; },
              http::Origins("http://localhost:3000", {}), ""}) {
  bus.subscribe([this](const cluster::Event& event) { events.push_back(event); });
}

http::Request AccountsWorld::make_request(http::Method method, std::string path, std::string body,
                                          const Browser& browser) {
  http::Request request;
  request.method = method;
  const std::size_t question = path.find('?');
  if (question != std::string::npos) {
    std::string_view rest = std::string_view(path).substr(question + 1);
    while (!rest.empty()) {
      const std::string_view pair = rest.substr(0, rest.find('&'));
      const std::size_t equals = std::min(pair.find('='), pair.size());
      request.query.emplace_back(pair.substr(0, equals),
                                 pair.substr(std::min(equals + 1, pair.size())));
      rest.remove_prefix(std::min(pair.size() + 1, rest.size()));
    }
  }
  request.path = path.substr(0, question);
  request.body = std::move(body);
  request.client = *IpAddress::parse(browser.address);
  request.headers.emplace_back("User-Agent", browser.user_agent);
  if (!request.body.empty()) {
    request.headers.emplace_back("Content-Type", "application/json");
    request.headers.emplace_back("Content-Length", std::to_string(request.body.size()));
  }
  std::string cookies;
  for (const auto& [name, value] : browser.cookies) {
    cookies += (cookies.empty() ? "" : "; ") + name + "=" + value;
  }
  if (!cookies.empty()) request.headers.emplace_back("Cookie", cookies);
  return request;
}

Answer AccountsWorld::ask(http::Request request) {
  std::vector<http::Request> one;
  one.push_back(std::move(request));
  return std::move(ask_all(std::move(one)).front());
}

std::vector<Answer> AccountsWorld::ask_all(std::vector<http::Request> requests) {
  std::vector<Answer> answers(requests.size());
  for (std::size_t i = 0; i < requests.size(); ++i) {
    net::co_spawn(io, router.handle(std::move(requests[i])),
                  [&answers, i](std::exception_ptr error, http::Response response) {
                    if (error) std::rethrow_exception(error);
                    answers[i].status = response.status;
                    if (!response.body.empty()) answers[i].body = json::parse(response.body);
                    answers[i].response = std::move(response);
                  });
  }
  io.restart();
  io.run();
  return answers;
}

Answer AccountsWorld::get(const std::string& path, const Browser& browser) {
  return ask(make_request(http::Method::Get, path, "", browser));
}

Answer AccountsWorld::post(const std::string& path, const json::value& body, Browser& browser) {
  const std::string text = body.is_null() ? "" : json::serialize(body);
  Answer answer = ask(make_request(http::Method::Post, path, text, browser));
  browser.take(answer.response);
  return answer;
}

Answer AccountsWorld::patch(const std::string& path, const json::value& body, Browser& browser) {
  Answer answer = ask(make_request(http::Method::Patch, path, json::serialize(body), browser));
  browser.take(answer.response);
  return answer;
}

Answer AccountsWorld::remove(const std::string& path, const json::value& body, Browser& browser) {
  const std::string text = body.is_null() ? "" : json::serialize(body);
  Answer answer = ask(make_request(http::Method::Delete, path, text, browser));
  browser.take(answer.response);
  return answer;
}

Browser AccountsWorld::registered(const std::string& name) {
  Browser browser;
  const Answer answer = post(
      "/api/auth/register",
      {{"email", name + "@example.com"}, {"username", name}, {"password", kPassword}}, browser);
  EXPECT_EQ(answer.status, 201U) << answer.body;
  return browser;
}

Answer AccountsWorld::login(const std::string& email, const std::string& password,
                            Browser& browser) {
  return post("/api/auth/login", {{"email", email}, {"password", password}}, browser);
}

}  // namespace server::testing
