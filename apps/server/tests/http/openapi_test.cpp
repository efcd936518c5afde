// The document is true: it names every route there is, each operation's example works, every status
// that it names is answered, and every answer has the shape that it gives.
#include <gmock/gmock.h>

#include <set>

#include "../auth/accounts_world.hpp"
#include "auth/session_routes.hpp"
#include "http/docs_routes.hpp"

namespace server {
namespace {

namespace json = boost::json;
using testing::AccountsWorld;
using testing::Answer;
using testing::Backend;
using testing::Browser;

constexpr const char* kPassword = "SecurePass123";

// Routes of the server that the accounts' world has not; the contract tests ask for them by HTTP.
const std::set<std::string> kElsewhere{"/api/rtc/config", "/api/health/live", "/api/health/ready",
                                       "/api/admin/drain", "/metrics"};

const json::object& document() {
  static const json::value parsed = json::parse(http::openapi_document());
  return parsed.as_object();
}

const json::object& operation(const std::string& method, const std::string& path) {
  return document().at("paths").at(path).at(method).as_object();
}

bool is_type(const json::value& value, std::string_view type) {
  if (type == "object") return value.is_object();
  if (type == "array") return value.is_array();
  if (type == "string") return value.is_string();
  if (type == "integer") return value.is_int64() || value.is_uint64();
  if (type == "boolean") return value.is_bool();
  return type == "null" && value.is_null();
}

// As much of JSON Schema as the document uses. What is wrong, or nothing.
std::string mismatch(const json::value& value, const json::object& schema) {
  if (const json::value* reference = schema.if_contains("$ref")) {
    const std::string_view name = reference->as_string();
    return mismatch(
        value,
        document().at("components").at("schemas").at(name.substr(name.rfind('/') + 1)).as_object());
  }
  if (const json::value* type = schema.if_contains("type")) {
    bool fits = false;
    if (type->is_string()) fits = is_type(value, type->as_string());
    if (type->is_array()) {
      for (const json::value& one : type->as_array())
        fits = fits || is_type(value, one.as_string());
    }
    if (!fits) return json::serialize(value) + " is no " + json::serialize(*type);
  }
  if (const json::value* allowed = schema.if_contains("enum")) {
    if (std::ranges::find(allowed->as_array(), value) == allowed->as_array().end()) {
      return json::serialize(value) + " is not in the enumeration";
    }
  }
  if (value.is_array()) {
    for (const json::value& item : value.as_array()) {
      if (auto wrong = mismatch(item, schema.at("items").as_object()); !wrong.empty()) return wrong;
    }
  }
  if (!value.is_object()) return "";
  if (const json::value* required = schema.if_contains("required")) {
    for (const json::value& name : required->as_array()) {
      if (!value.as_object().contains(name.as_string()))
        return json::serialize(name) + " is missing";
    }
  }
  const json::value* properties = schema.if_contains("properties");
  if (properties == nullptr) return "";
  for (const auto& [name, member] : value.as_object()) {
    const json::value* property = properties->as_object().if_contains(name);
    if (property == nullptr) return std::string(name) + " is not in the schema";
    if (auto wrong = mismatch(member, property->as_object()); !wrong.empty()) return wrong;
  }
  return "";
}

class OpenApi : public ::testing::Test {
 protected:
  OpenApi() : world(database.url(), {.rate_limit = true}) {
    host = sign_up("host");
    other = sign_up("other");
    world.post("/api/rooms", {{"name", "Room"}, {"slug", "a-room"}}, host);
    world.post("/api/rooms", {{"name", "Room"}, {"slug", "b-room"}}, host);
    const auto room = world.run(world.rooms.find_by_slug("a-room"));
    (void)world.run(world.chat.store(room->id, {{}, "g", "Guest", {}}, "hello", "1"));
  }

  Browser sign_up(const std::string& name) {
    Browser browser;
    browser.address = "2001:db8:0:" + std::to_string(++networks) + "::1";
    world.post("/api/auth/register",
               {{"email", name + "@example.com"}, {"username", name}, {"password", kPassword}},
               browser);
    return browser;
  }

  // Asks, and holds the answer against what the document says of it.
  void expect(unsigned status, const std::string& method, const std::string& path,
              const std::string& url, const std::string& body, const Browser& browser,
              const http::Header& extra = {}) {
    static const std::map<std::string, http::Method> kMethods{{"get", http::Method::Get},
                                                              {"post", http::Method::Post},
                                                              {"patch", http::Method::Patch},
                                                              {"delete", http::Method::Delete}};
    http::Request request = AccountsWorld::make_request(kMethods.at(method), url, body, browser);
    if (!extra.first.empty()) {
      std::erase_if(request.headers, [&](const auto& one) { return one.first == extra.first; });
      request.headers.push_back(extra);
    }
    const Answer answer = world.ask(std::move(request));
    SCOPED_TRACE(method + " " + url + " " + body);
    ASSERT_EQ(answer.status, status) << answer.body;
    seen.insert(method + " " + path + " " + std::to_string(status));
    const json::object& response =
        operation(method, path).at("responses").at(std::to_string(status)).as_object();
    const json::value* content = response.if_contains("content");
    ASSERT_EQ(answer.response.body.empty(), content == nullptr);
    if (content == nullptr) return;
    const json::object& schema = content->at("application/json").at("schema").as_object();
    EXPECT_EQ(mismatch(answer.body, schema), "") << answer.body;
    if (response.contains("headers") &&
        response.at("headers").as_object().contains("Retry-After")) {
      EXPECT_NE(answer.header("Retry-After"), "");
    }
  }

  // What every operation with a body refuses in the same way.
  void expect_body_rules(const std::string& method, const std::string& path, const std::string& url,
                         const Browser& browser) {
    expect(400, method, path, url, "{", browser);
    expect(411, method, path, url, "", browser);
    expect(415, method, path, url, "{}", browser, {"Content-Type", "text/plain"});
    expect(403, method, path, url, "{}", browser, {"Origin", "https://evil.example"});
  }

  // Every operation and status of the paths below these, without the general `default`.
  static std::set<std::string> documented_statuses(const std::vector<std::string>& roots) {
    std::set<std::string> found;
    for (const auto& [path, operations] : document().at("paths").as_object()) {
      const bool is_below = std::ranges::any_of(
          roots, [&](const std::string& root) { return std::string_view(path).starts_with(root); });
      if (!is_below) continue;
      for (const auto& [method, one] : operations.as_object()) {
        for (const auto& [status, unused] : one.at("responses").as_object()) {
          if (status == "default") continue;
          found.insert(std::string(method) + " " + std::string(path) + " " + std::string(status));
        }
      }
    }
    return found;
  }

  static std::string example(const std::string& method, const std::string& path) {
    return json::serialize(operation(method, path)
                               .at("requestBody")
                               .at("content")
                               .at("application/json")
                               .at("example"));
  }

  testing::EmptyDatabase database{Backend::Sqlite};
  AccountsWorld world;
  Browser host, other, nobody;
  int networks = 0;
  std::set<std::string> seen;
};

TEST_F(OpenApi, NamesEveryRouteAndNoOther) {
  std::set<std::string> routes, documented;
  http::Routes all = auth::auth_routes(world.auth, world.limiter, {});
  for (http::Routes more :
       {auth::session_routes(world.auth, {}), user::user_routes(world.users, {}),
        room::room_routes(world.rooms, world.limiter, {}),
        chat::chat_routes(world.chat, world.rooms), http::docs_routes()}) {
    std::ranges::move(more, std::back_inserter(all));
  }
  static const std::map<http::Method, std::string> kNames{{http::Method::Get, "get"},
                                                          {http::Method::Post, "post"},
                                                          {http::Method::Patch, "patch"},
                                                          {http::Method::Delete, "delete"}};
  for (const http::Route& route : all) {
    std::string path;
    for (std::size_t i = 0; i < route.pattern.size(); ++i) {
      if (route.pattern[i] != ':') {
        path += route.pattern[i];
        continue;
      }
      const std::size_t end = std::min(route.pattern.find('/', i), route.pattern.size());
      path += "{" + route.pattern.substr(i + 1, end - i - 1) + "}";
      i = end - 1;
    }
    routes.insert(kNames.at(route.method) + " " + path);
  }
  for (const auto& [path, operations] : document().at("paths").as_object()) {
    if (kElsewhere.contains(std::string(path))) continue;
    for (const auto& [method, unused] : operations.as_object()) {
      documented.insert(std::string(method) + " " + std::string(path));
    }
  }
  EXPECT_EQ(routes, documented);
}

TEST_F(OpenApi, EveryStatusIsAnsweredInTheShapeGiven) {
  const std::string reg = "/api/auth/register", log = "/api/auth/login";
  expect(201, "post", reg, reg, example("post", reg), nobody);
  expect(409, "post", reg, reg, example("post", reg), nobody);
  expect_body_rules("post", reg, reg, nobody);
  for (int i = 0; i < 15; ++i) expect(400, "post", reg, reg, "{}", nobody);
  expect(429, "post", reg, reg, "{}", nobody);

  expect(200, "post", log, log, example("post", log), nobody);
  expect(401, "post", log, log, R"({"email":"user@example.com","password":"wrong"})", nobody);
  expect_body_rules("post", log, log, nobody);
  const std::string guess = R"({"email":"locked@example.com","password":"wrong"})";
  for (int i = 0; i < 5; ++i) expect(401, "post", log, log, guess, nobody);
  for (int i = 0; i < 15; ++i) expect(423, "post", log, log, guess, nobody);
  expect(429, "post", log, log, guess, nobody);

  const std::string refresh = "/api/auth/refresh", logout = "/api/auth/logout";
  Browser leaver = sign_up("leaver");
  expect(200, "post", refresh, refresh, "", leaver);
  expect(401, "post", refresh, refresh, "", nobody);
  expect(403, "post", refresh, refresh, "", leaver, {"Origin", "null"});
  expect(204, "post", logout, logout, "", leaver);
  expect(401, "post", logout, logout, "", nobody);
  expect(403, "post", logout, logout, "", leaver, {"Origin", "null"});
  for (int i = 0; i < 119; ++i) expect(401, "post", refresh, refresh, "", nobody);
  expect(429, "post", refresh, refresh, "", nobody);

  const std::string me = "/api/users/me";
  const std::string id = world.get(me, host).text("/id");
  expect(200, "get", me, me, "", host);
  expect(401, "get", me, me, "", nobody);
  expect(200, "get", "/api/users/{id}", "/api/users/" + id, "", nobody);
  expect(404, "get", "/api/users/{id}", "/api/users/none", "", nobody);
  Browser changer = sign_up("changer");
  expect(200, "patch", me, me, example("patch", me), changer);
  expect(401, "patch", me, me, "{}", nobody);
  expect(409, "patch", me, me, R"({"username":"host"})", changer);
  expect_body_rules("patch", me, me, changer);
  expect_body_rules("delete", me, me, changer);
  expect(401, "delete", me, me, "{}", nobody);
  const std::string wrong = R"({"password":"another one 9","currentPassword":"wrong"})";
  for (int i = 0; i < 5; ++i) expect(403, "patch", me, me, wrong, changer);
  expect(423, "patch", me, me, wrong, changer);
  expect(423, "delete", me, me, example("delete", me), changer);
  const std::string sessions = me + "/sessions", session = sessions + "/{id}";
  expect(200, "get", sessions, sessions, "", changer);
  expect(401, "get", sessions, sessions, "", nobody);
  expect(204, "delete", sessions, sessions, "", changer);
  expect(401, "delete", sessions, sessions, "", nobody);
  expect(403, "delete", sessions, sessions, "", changer, {"Origin", "null"});
  const std::string own = sessions + "/" + world.get(sessions, changer).text("/sessions/0/id");
  expect(404, "delete", session, own, "", other);
  expect(401, "delete", session, own, "", nobody);
  expect(403, "delete", session, own, "", changer, {"Origin", "null"});
  expect(204, "delete", session, own, "", changer);
  Browser goer = sign_up("goer");
  expect(204, "delete", me, me, example("delete", me), goer);
  EXPECT_EQ(seen, documented_statuses({"/api/auth", "/api/users"}));
}

TEST_F(OpenApi, EveryStatusOfRoomsIsAnsweredInTheShapeGiven) {
  const std::string rooms = "/api/rooms", room = "/api/rooms/{slug}",
                    messages = "/api/rooms/{slug}/messages";
  expect(201, "post", rooms, rooms, example("post", rooms), host);
  expect(409, "post", rooms, rooms, example("post", rooms), host);
  expect(401, "post", rooms, rooms, "{}", nobody);
  expect_body_rules("post", rooms, rooms, host);
  expect(200, "get", rooms, rooms, "", host);
  expect(400, "get", rooms, "/api/rooms?limit=0", "", host);
  expect(401, "get", rooms, rooms, "", nobody);
  expect(200, "get", room, "/api/rooms/a-room", "", nobody);
  expect(404, "get", room, "/api/rooms/none", "", nobody);
  expect(200, "patch", room, "/api/rooms/a-room", example("patch", room), host);
  expect(401, "patch", room, "/api/rooms/a-room", "{}", nobody);
  expect(403, "patch", room, "/api/rooms/a-room", "{}", other);
  expect(404, "patch", room, "/api/rooms/none", "{}", host);
  expect_body_rules("patch", room, "/api/rooms/a-room", host);
  expect(200, "get", messages, "/api/rooms/a-room/messages", "", host);
  expect(400, "get", messages, "/api/rooms/a-room/messages?before=x", "", host);
  expect(401, "get", messages, "/api/rooms/a-room/messages", "", nobody);
  expect(403, "get", messages, "/api/rooms/a-room/messages", "", other);
  expect(404, "get", messages, "/api/rooms/none/messages", "", host);
  expect(401, "delete", room, "/api/rooms/b-room", "", nobody);
  expect(403, "delete", room, "/api/rooms/b-room", "", other);
  expect(204, "delete", room, "/api/rooms/b-room", "", host);
  expect(404, "delete", room, "/api/rooms/b-room", "", host);
  for (int i = 0; i < 40 && !seen.contains("post /api/rooms 429"); ++i) {
    const bool is_left =
        world
            .run(world.limiter.take(http::kRoomCreationPerAddress, *IpAddress::parse(host.address)))
            .has_value();
    if (!is_left) expect(429, "post", rooms, rooms, "{}", host);
  }

  EXPECT_EQ(seen, documented_statuses({"/api/rooms"}));
}

TEST_F(OpenApi, ThePageHasEveryPathAndNothingFromOutside) {
  std::string page;
  for (const http::Route& route : http::docs_routes()) {
    if (route.pattern != "/api/docs") continue;
    const http::Request request;
    page = *world.run(route.handler(request)).shared_body;
  }
  for (const auto& [path, unused] : document().at("paths").as_object()) {
    EXPECT_THAT(page, ::testing::HasSubstr(std::string(path)));
  }
  for (const std::string outside : {"<script", "http://", "https://", "src=", "url(", "@import"}) {
    EXPECT_THAT(page, ::testing::Not(::testing::HasSubstr(outside)));
  }
}

}  // namespace
}  // namespace server
